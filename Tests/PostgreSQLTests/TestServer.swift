import Foundation
import Glibc
import Kernel
import PostgreSQL

/// One PostgreSQL for the whole test process, gone with it; each test has a place of its own in it.
enum TestServer {
    static let cluster: Swift.Result<Cluster, any Error> = .init {
        let place = "/tmp/ly-pg-\(getpid())"
        var options = Cluster.Options()
        // PostgreSQL refuses root, so as root its own user runs it.
        options.user = geteuid() == 0 ? "postgres" : nil
        options.durable = false
        options.ephemeral = true
        options.connections = 200
        options.settings = ["max_prepared_transactions = 2", "deadlock_timeout = 50ms"]
        let cluster = try Cluster(place, socketDirectory: "\(place).run", options)
        try cluster.make()
        try cluster.start()
        return cluster
    }
}

/// A place of a test's own: a schema in a database that tests share, or a database where the test is about those.
struct TestDatabase: Sendable {
    let cluster: Cluster
    let name: String
    let schema: String

    /// A schema of its own, which unqualified names belong to.
    init(_ script: String = "") throws {
        cluster = try TestServer.cluster.get()
        name = "shared"
        schema = Self.unique()
        try cluster.createDatabase(name)
        try connect().script("create schema \(schema); \(script)")
    }

    /// A database of its own.
    init(alone script: String) throws {
        cluster = try TestServer.cluster.get()
        name = Self.unique()
        schema = "public"
        try cluster.createDatabase(name)
        try connect().script(script)
    }

    private static func unique() -> String { "t_" + UUID().uuidString.prefix(8).lowercased() }

    var conninfo: String {
        cluster.conninfo(database: name) + " application_name=\(schema) options='-c search_path=\(schema),public'"
    }

    func connect(_ change: (inout ConnectionSettings) -> Void = { _ in }) throws -> Connection {
        var settings = ConnectionSettings()
        change(&settings)
        return try Connection(conninfo, settings)
    }

    /// How many of this session's commands so far contain a text, from the server's log; needs `logAll` before.
    func logged(_ text: String, by connection: Connection) throws -> Int {
        let log = try String(contentsOfFile: cluster.directory + ".log", encoding: .utf8)
        return log.split(separator: "\n").count { $0.contains("[\(connection.serverProcess)]") && $0.contains(text) }
    }
}

extension Connection {
    /// Has the server log each command of this session.
    func logAll() throws { try script("set log_statement = 'all'; set log_min_messages = log") }

    /// The only value of the only row.
    func value<Value: SQLValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
        var row = try query(statement).row(0)
        return try row.next()
    }
}

/// The database error that `body` throws, or one that says that it threw none.
func databaseError(_ body: () throws -> Void) -> DatabaseError {
    do { try body() } catch let error as DatabaseError { return error } catch {
        return DatabaseError(.other, "another error was thrown: \(error)")
    }
    return DatabaseError(.other, "nothing was thrown")
}
