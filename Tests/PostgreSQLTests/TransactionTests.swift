import PostgreSQL
import Testing

@Suite("A transaction")
struct TransactionTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase("create table thing (id int primary key, note text)") }

    private func add(_ id: Int) -> Statement { "insert into thing values (\(id))" }
    private let count: Statement = "select count(*) from thing"

    @Test("begins with its first statement, and costs nothing without one")
    func lazy() throws {
        let connection = try database.connect()
        try connection.logAll()
        try connection.begin()
        try connection.commit()
        try connection.begin()
        connection.rollback()
        #expect(try database.logged("begin", by: connection) == 0)
        try connection.begin()
        #expect(connection.isInTransaction)
        try connection.run(add(1))
        #expect(try database.logged("begin", by: connection) == 1)
        #expect(try database.connect().value(count) == 0)
        try connection.commit()
        #expect(!connection.isInTransaction)
        #expect(try database.connect().value(count) == 1)
    }

    @Test("commits its last statements together with itself, or nothing")
    func last() throws {
        let connection = try database.connect()
        try connection.begin()
        try connection.run(add(1))
        let results = try connection.commit([add(2), count])
        #expect(results.count == 2)
        #expect(results[0].affectedRows == 1)
        #expect(try connection.value(count) == 2)
        // Everything in one trip: BEGIN, the statement, COMMIT.
        try connection.begin()
        try connection.commit([add(3)])
        #expect(try connection.value(count) == 3)
        try connection.begin()
        try connection.run(add(4))
        #expect(databaseError { try connection.commit([add(5), add(1)]) }.kind == .unique)
        #expect(!connection.isInTransaction)
        #expect(try connection.value(count) == 3)
    }

    @Test("that an error ended can only be rolled back")
    func aborted() throws {
        let connection = try database.connect()
        try connection.begin()
        try connection.run(add(1))
        #expect(databaseError { try connection.run(add(1)) }.kind == .unique)
        #expect(connection.isTransactionAborted)
        #expect(databaseError { try connection.run(add(2)) }.kind == .aborted)
        #expect(databaseError { try connection.commit() }.kind == .aborted)
        #expect(!connection.isInTransaction)
        #expect(try connection.value(count) == 0)
    }

    @Test("whose deferred constraint fails at its end is undone")
    func deferred() throws {
        let connection = try database.connect()
        try connection.script(
            "create table part (thing int references thing deferrable initially deferred, constraint part_small check (thing < 9))"
        )
        try connection.begin()
        try connection.run("insert into part values (5)")
        let error = databaseError { try connection.commit() }
        #expect(error.kind == .foreignKey)
        #expect(error.constraint == "part_thing_fkey")
        #expect(error.table == "\(database.schema).part")
        #expect(!connection.isInTransaction)
        #expect(try connection.value("select count(*) from part") == 0)
    }

    @Test("commits when its body returns and undoes everything when it throws")
    func body() throws {
        struct Refused: Error {}
        let connection = try database.connect()
        let value = try connection.transaction { connection in
            try connection.run(add(1))
            return "done"
        }
        #expect(value == "done")
        #expect(throws: Refused.self) {
            try connection.transaction { connection in
                try connection.run(add(2))
                throw Refused()
            }
        }
        #expect(try connection.value(count) == 1)
    }

    @Test("inside another is refused; a savepoint undoes only its own part, errors included")
    func savepoints() throws {
        let connection = try database.connect()
        #expect(databaseError { _ = try connection.savepoint() }.kind == .misuse)
        try connection.begin()
        #expect(databaseError { try connection.begin() }.kind == .misuse)
        try connection.run(add(1))
        let outer = try connection.savepoint()
        try connection.run(add(2))
        let error = databaseError {
            try connection.savepoint { connection in
                try connection.run(add(3))
                try connection.run(add(1))
            }
        }
        #expect(error.kind == .unique)
        #expect(try connection.value(count) == 2)
        try connection.savepoint { connection in try connection.run(add(4)) }
        #expect(try connection.value(count) == 3)
        try connection.rollback(to: outer)
        #expect(try connection.value(count) == 1)
        #expect(databaseError { try connection.release(outer) }.kind == .misuse)
        // One that no statement followed was never sent, and its release neither.
        try connection.release(try connection.savepoint())
        try connection.rollback(to: try connection.savepoint())
        try connection.commit()
        #expect(try connection.value(count) == 1)
    }

    @Test("takes an isolation and may only read")
    func isolation() throws {
        let connection = try database.connect()
        try connection.begin(.serializable, readOnly: true)
        #expect(
            try connection.value("select current_setting('transaction_isolation')", as: String.self) == "serializable")
        #expect(databaseError { try connection.run(add(1)) }.kind == .readOnly)
        connection.rollback()
        try connection.begin(.repeatableRead)
        #expect(
            try connection.value("select current_setting('transaction_isolation')", as: String.self)
                == "repeatable read")
        connection.rollback()
    }

    @Test("runs as a script too, with whatever was pending")
    func script() throws {
        let connection = try database.connect()
        try connection.begin()
        try connection.script("insert into thing values (1); insert into thing values (2)")
        connection.rollback()
        #expect(try connection.value(count) == 0)
        let error = databaseError { try connection.script("select 1;\n\nselect nonsense") }
        #expect(error.message == "column \"nonsense\" does not exist, line 3")
    }
}
