import PostgreSQL
import Synchronization
import Testing

@Suite("Migrations")
struct MigrationTests {
    private let database: TestDatabase
    private let first = Migration(
        1, "courses", "create table course (id int primary key);\ninsert into course values (1)")
    private let second = Migration(2, "titles", "alter table courses.course add title text not null default ''")

    init() throws {
        database = try TestDatabase(alone: "create schema courses")
    }

    private func migrator(_ migrations: Migration...) -> Migrator {
        Migrator(plugin: "courses", schema: "courses", migrations)
    }

    private func message(_ body: () throws -> Void) -> String {
        do { try body() } catch let error as MigrationError { return error.description } catch {
            return "another error: \(error)"
        }
        return "nothing was thrown"
    }

    @Test("are applied in order, recorded, and not applied twice")
    func fresh() throws {
        let connection = try database.connect()
        #expect(try migrator(first).difference(connection) == .init(applied: [], pending: [first]))
        var seen: [Int] = []
        #expect(try migrator(first).apply(connection) { seen.append($0.version) } == [first])
        #expect(try migrator(first, second).difference(connection) == .init(applied: [1], pending: [second]))
        #expect(try migrator(first, second).apply(connection) { seen.append($0.version) } == [second])
        #expect(try migrator(first, second).apply(connection) { seen.append($0.version) } == [])
        #expect(seen == [1, 2])
        #expect(try connection.value("select count(title) from courses.course") == 1)
        var row = try connection.query(
            "select plugin, version, name, length(checksum), at <= now() from lyceum.migration order by version"
        ).row(1)
        #expect(try row.next() == "courses")
        #expect(try row.next() == 2)
        #expect(try row.next() == "titles")
        #expect(try row.next() == 64)
        #expect(try row.next() == true)
        try migrator().forget(connection)
        #expect(try connection.query("select from lyceum.migration").rowCount == 0)
    }

    @Test("are refused when an applied one was changed, is unknown in between, or has one before it")
    func contradictions() throws {
        let connection = try database.connect()
        try migrator(first, second).apply(connection)
        let changed = Migration(1, "courses", first.sql + " ")
        let third = Migration(3, "more", "select 1")
        #expect(
            message { try migrator(changed, second).apply(connection) }
                == """
                courses migration 1 (courses) was changed after it had been applied; \
                restore its text and put the change into a new migration
                """)
        let later = Migration(5, "later", "select 1")
        try migrator(first, second, later).apply(connection)
        #expect(
            message { _ = try migrator(first, later).difference(connection) }
                == """
                the database has courses migration 2 (titles), which this build of courses does not know; \
                install the build that has it
                """)
        #expect(
            message { try migrator(first, second, third, later).apply(connection) }
                == "courses migration 3 (more) comes before migration 5, which has been applied; give it a version above 5"
        )
        #expect(
            message { try migrator(second, first).apply(connection) }
                == "courses migration 1 (courses) must have a version above 2, as versions ascend from 1")
    }

    @Test("of a later build are left alone, because the change may be taken back")
    func taken() throws {
        let connection = try database.connect()
        try migrator(first, second).apply(connection)
        #expect(try migrator(first).difference(connection) == .init(applied: [1, 2], pending: []))
        #expect(try migrator(first).apply(connection).isEmpty)
        #expect(try migrator(first, second).apply(connection).isEmpty)
    }

    @Test("that fail leave nothing behind, and are applied when mended")
    func failing() throws {
        let connection = try database.connect()
        let broken = Migration(2, "broken", "create table extra (id int);\nselect nonsense;")
        let text = message { try migrator(first, broken).apply(connection) }
        #expect(
            text
                == """
                courses migration 2 (broken) failed and left nothing behind: column "nonsense" does not exist, line 2 (42703)
                """)
        #expect(!connection.isInTransaction)
        #expect(try connection.value("select to_regclass('courses.extra') is null", as: Bool.self))
        #expect(try migrator(first, second).difference(connection) == .init(applied: [1], pending: [second]))
        #expect(try migrator(first, second).apply(connection) == [second])
    }

    @Test("must not end their transaction", arguments: ["commit", "commit; begin", "rollback; begin; select 1"])
    func ending(sql: String) throws {
        let connection = try database.connect()
        let text = message { try migrator(Migration(1, "sly", sql)).apply(connection) }
        #expect(text == "courses migration 1 (sly) ends its transaction; leave BEGIN, COMMIT and ROLLBACK out of it")
        #expect(try connection.query("select from lyceum.migration").rowCount == 0)
    }

    @Test("of several migrators at once are applied once each", .timeLimit(.minutes(1)))
    func together() throws {
        let database = database
        let migrator = migrator(first, second, Migration(3, "slow", "select pg_sleep(0.2); create table slow ()"))
        let (errors, applied) = (Box<String>(), Box<Int>())
        let workers = (0..<4).map { _ in
            Worker {
                do { for step in try migrator.apply(database.connect()) { applied.add(step.version) } } catch {
                    errors.add("\(error)")
                }
            }
        }
        for worker in workers { worker.join() }
        #expect(errors.all == [])
        #expect(applied.all.sorted() == [1, 2, 3])
    }

    private final class Box<Element: Sendable>: Sendable {
        private let list = Mutex<[Element]>([])
        func add(_ element: Element) { list.withLock { $0.append(element) } }
        var all: [Element] { list.withLock { $0 } }
    }

    @Test("wait only so long for a table that a running installation holds")
    func lock() throws {
        let connection = try database.connect()
        try migrator(first).apply(connection)
        let holder = try database.connect()
        try holder.begin()
        try holder.run("select * from courses.course")
        var migrator = migrator(first, second)
        migrator.lockTimeout = .milliseconds(100)
        let text = message { try migrator.apply(connection) }
        #expect(text.hasPrefix("courses migration 2 (titles) failed and left nothing behind: "))
        #expect(text.hasSuffix("(55P03)"))
        holder.rollback()
        #expect(try migrator.apply(connection) == [second])
    }
}
