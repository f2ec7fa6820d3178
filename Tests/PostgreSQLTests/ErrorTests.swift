import Foundation
import PostgreSQL
import Testing

@Suite("A database error")
struct ErrorTests {
    @Test("has a kind, the constraint's name and the table")
    func constraints() throws {
        let connection = try TestDatabase(
            alone: """
                create schema courses;
                create table courses.course (id int primary key, seats int constraint course_seats_check check (seats >= 0),
                    title text not null, during int4range, constraint course_during_excl exclude using gist (during with &&));
                create table courses.enrollment (course int constraint enrollment_course_fkey references courses.course);
                insert into courses.course values (1, 1, 'x', '[1,5)')
                """
        ).connect()
        let cases: [(Statement, DatabaseError.Kind, String?, String)] = [
            ("insert into courses.course values (1, 1, 'x')", .unique, "course_pkey", "courses.course"),
            ("insert into courses.course values (2, -1, 'x')", .check, "course_seats_check", "courses.course"),
            ("insert into courses.course values (2, 1, null)", .notNull, nil, "courses.course"),
            (
                "insert into courses.course values (2, 1, 'x', '[3,4)')", .exclusion, "course_during_excl",
                "courses.course"
            ),
            ("insert into courses.enrollment values (9)", .foreignKey, "enrollment_course_fkey", "courses.enrollment"),
        ]
        for (statement, kind, constraint, table) in cases {
            let error = databaseError { try connection.run(statement) }
            #expect(error.kind == kind)
            #expect(error.constraint == constraint)
            #expect(error.table == table)
        }
        let raised = databaseError { try connection.script("do $$ begin raise exception 'the class is full'; end $$") }
        #expect(raised.kind == .raised)
        #expect(raised.message == "the class is full")
    }

    @Test("shows no bind and no row", arguments: ["sEcReT", "a \"sEcReT\" b", "sEcReT\nb"])
    func discreet(secret: String) throws {
        let connection = try TestDatabase(
            """
            create type mood as enum ('ok');
            create table person (email text primary key, mood mood, n int check (n < 5));
            """
        ).connect()
        try connection.run("insert into person values (\(secret))")
        let statements: [Statement] = [
            "insert into person values (\(secret))", "select \(secret)::int", "select \(secret)::uuid",
            "select \(secret)::json",
            "select \(secret)::timestamptz", "insert into person values ('x', \(secret)::text::mood)",
            "insert into person values (\(secret + "2"), 'ok', 9)", "select \(secret)::int[]", "select \(secret)::inet",
            "select \(secret)::bytea || \("\\x1" + secret)::bytea", "select (\(secret)::text)::numeric",
            "select \(secret)::xml::int",
        ]
        for statement in statements {
            let error = databaseError { _ = try connection.query(statement) }
            #expect(error.sqlState.count == 5, "\(statement.text) should have failed")
            var everything = ""
            dump(error, to: &everything)
            #expect(!everything.contains("sEcReT"), "\(everything)")
            #expect(!"\(error)".contains("sEcReT"))
        }
    }

    @Test("for a statement that ran too long, or waited too long for a lock")
    func timeouts() throws {
        let database = try TestDatabase("create table thing (id int)")
        let connection = try database.connect {
            $0.statementTimeout = .milliseconds(150)
            $0.lockTimeout = .milliseconds(40)
        }
        let slow = databaseError { _ = try connection.query("select pg_sleep(20)") }
        #expect(slow.kind == .timeout)
        #expect(slow.sqlState == "57014")
        let holder = try database.connect()
        try holder.begin()
        try holder.run("lock table thing")
        #expect(databaseError { _ = try connection.query("select * from thing") }.sqlState == "55P03")
        holder.rollback()
        #expect(try connection.query("select * from thing").rowCount == 0)
    }

    @Test("for a statement that was cancelled from another thread")
    func cancelled() throws {
        let connection = try TestDatabase().connect()
        let canceller = connection.canceller
        let worker = Worker {
            usleep(200_000)
            canceller.cancel()
        }
        let begun = ContinuousClock.now
        #expect(databaseError { _ = try connection.query("select pg_sleep(20)") }.kind == .cancelled)
        #expect(ContinuousClock.now - begun < .seconds(10))
        worker.join()
        #expect(try connection.value("select 1") == 1)
    }

    @Test("for a connection that two use at once; the first is not disturbed")
    func busy() throws {
        let connection = try TestDatabase().connect()
        // What the compiler cannot always refuse (an `async let` beside its owner) is forced here.
        let smuggled = Smuggled(connection: connection)
        let worker = Worker {
            usleep(200_000)
            let error = databaseError { _ = try smuggled.connection.query("select 2") }
            #expect(error.kind == .misuse)
            #expect(error.message.contains("used by two tasks at once"))
        }
        #expect(try connection.value("select 1 from pg_sleep(0.6)") == 1)
        worker.join()
        #expect(try connection.value("select 3") == 3)
    }

    /// Unchecked on purpose: the test is about what happens when the compiler's check was circumvented.
    private struct Smuggled: @unchecked Sendable { let connection: Connection }

    @Test("for a server that is not there, and for a connection string that is none")
    func nowhere() {
        let away = databaseError { _ = try Connection("host=/tmp/ly-nowhere dbname=x") }
        #expect(away.kind == .connectionLost)
        #expect(away.isUnavailable)
        #expect(away.message.contains("/tmp/ly-nowhere"))
        #expect(databaseError { _ = try Connection("no string") }.kind == .connectionLost)
    }
}
