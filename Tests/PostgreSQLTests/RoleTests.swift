import PostgreSQL
import Testing

@Suite("The role of a connection")
struct RoleTests {
    private let database: TestDatabase
    private let connection: Connection
    private let one: String
    private let two: String
    private let who: Statement = "select current_user"

    init() throws {
        database = try TestDatabase(alone: "create table thing (id int primary key)")
        connection = try database.connect()
        (one, two) = ("\(database.name) \"one\"", "\(database.name)_two")
        for role in [one, two] {
            try connection.script(
                """
                create role \(quoted(identifier: role)); grant \(quoted(identifier: role)) to lyceum;
                grant select, insert on thing to \(quoted(identifier: role))
                """)
        }
        try connection.logAll()
    }

    /// Roles are the cluster's, so the database's end does not end them.
    private func end() throws {
        for role in [one, two] {
            try database.connect().script(
                "drop owned by \(quoted(identifier: role)); drop role \(quoted(identifier: role))")
        }
    }

    private var sent: Int { get throws { try database.logged("set role", by: connection) } }

    @Test("is sent with the next statement, and only when it changed")
    func change() throws {
        defer { #expect(throws: Never.self) { try end() } }
        #expect(try connection.value(who, as: String.self) == "lyceum")
        #expect(try sent == 0)
        connection.role = one
        connection.role = two
        connection.role = one
        for _ in 0..<4 { #expect(try connection.value(who) == one) }
        #expect(try sent == 1)
        connection.role = nil
        #expect(try connection.value(who, as: String.self) == "lyceum")
        connection.role = two
        try connection.begin()
        #expect(try connection.value(who) == two)
        try connection.commit()
        #expect(try connection.value(who) == two)
        #expect(try sent == 3)
        try connection.script("insert into thing select 1 where current_user = \(quoted(literal: two))")
        connection.role = nil
        try connection.script("insert into thing select 2 where current_user = 'lyceum'")
        #expect(try connection.value("select count(*) from thing") == 2)
    }

    @Test("is right after every way a transaction can end")
    func ends() throws {
        defer { #expect(throws: Never.self) { try end() } }
        func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
            #expect(
                try connection.value(who, as: String.self) == connection.role ?? "lyceum",
                sourceLocation: sourceLocation)
        }
        let fails: Statement = "insert into thing values (1), (1)"
        // A rollback undoes the SET ROLE of its transaction.
        try connection.begin()
        connection.role = one
        try check()
        connection.rollback()
        try check()
        // So does an error in the very trip that sent it.
        connection.role = two
        #expect(databaseError { try connection.run(fails) }.kind == .unique)
        try check()
        connection.role = one
        #expect(databaseError { _ = try connection.pipeline([who, fails]) }.kind == .unique)
        connection.role = nil
        try check()
        // And an error within a transaction, with the role changed before it, in it, and after it.
        for role in [nil, one, two] {
            try check()
            try connection.begin()
            connection.role = two
            try check()
            connection.role = role
            #expect(databaseError { try connection.run(fails) }.kind == .unique)
            connection.rollback()
            try check()
            connection.role = one
            try check()
        }
        // A failing commit, alone and with last statements.
        try connection.begin()
        connection.role = two
        try check()
        #expect(databaseError { try connection.commit([fails]) }.kind == .unique)
        try check()
        connection.role = one
        try connection.begin()
        #expect(databaseError { try connection.commit([fails]) }.kind == .unique)
        try check()
        // A kept commit keeps the role.
        try connection.begin()
        connection.role = two
        try connection.commit([who])
        try check()
        connection.role = nil
        try check()
    }

    @Test("is right after a return to a savepoint")
    func savepoints() throws {
        defer { #expect(throws: Never.self) { try end() } }
        func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
            #expect(
                try connection.value(who, as: String.self) == connection.role ?? "lyceum",
                sourceLocation: sourceLocation)
        }
        try connection.begin()
        connection.role = one
        try check()
        let outer = try connection.savepoint()
        connection.role = two
        try check()
        let inner = try connection.savepoint()
        connection.role = nil
        #expect(databaseError { try connection.run("insert into thing values (1), (1)") }.kind == .unique)
        try connection.rollback(to: inner)
        try check()
        connection.role = two
        try check()
        try connection.rollback(to: outer)
        try check()
        connection.role = one
        try check()
        try connection.savepoint { connection in
            connection.role = two
            try check()
        }
        try check()
        connection.rollback()
        try check()
    }

    @Test("that does not exist is an error, and the next statement works")
    func missing() throws {
        defer { #expect(throws: Never.self) { try end() } }
        connection.role = "no such role"
        #expect(databaseError { _ = try connection.query(who) }.sqlState == "22023")
        connection.role = one
        #expect(try connection.value(who) == one)
    }
}
