import Foundation
import Kernel
import PostgreSQL
import Testing

@Suite("A lost connection")
struct LossTests {
    private let sleep: Statement = "select pg_sleep(20)"

    private func kill(_ connection: Connection, _ database: TestDatabase) throws {
        let other = try database.connect()
        let process = connection.serverProcess
        #expect(try other.value("select pg_terminate_backend(\(process))", as: Bool.self))
        let deadline = ContinuousClock.now + .seconds(10)
        while try other.value("select count(*) from pg_stat_activity where pid = \(process)") > 0,
            ContinuousClock.now < deadline
        {
            usleep(2_000)
        }
    }

    @Test("is an error of its own, in whatever it is in the middle of")
    func kinds() throws {
        let database = try TestDatabase("create table thing (id int)")
        let uses: [(String, (Connection) throws -> Void)] = [
            ("a query", { _ = try $0.query("select 1") }),
            ("a pipeline", { _ = try $0.pipeline(["select 1", "select 2"]) }),
            ("a script", { try $0.script("select 1") }),
            (
                "a transaction's begin",
                {
                    try $0.begin(); try $0.run("insert into thing values (1)")
                }
            ),
            ("a notification", { _ = try $0.notifications(atMost: .seconds(5)) }),
        ]
        for (name, use) in uses {
            let connection = try database.connect()
            _ = try connection.query("select 1")
            try kill(connection, database)
            let error = databaseError { try use(connection) }
            #expect(error.kind == .connectionLost, "\(name): \(error)")
            #expect(connection.isBroken, "\(name)")
            connection.rollback()
            #expect(databaseError { try connection.run("select 1") }.kind == .connectionLost)
        }
    }

    @Test("in mid-transaction leaves nothing of it")
    func transaction() throws {
        let database = try TestDatabase("create table thing (id int)")
        let connection = try database.connect()
        let error = databaseError {
            try connection.transaction { connection in
                try connection.run("insert into thing values (1)")
                try kill(connection, database)
                try connection.run("insert into thing values (2)")
            }
        }
        #expect(error.kind == .connectionLost)
        #expect(!connection.isInTransaction)
        #expect(try database.connect().value("select count(*) from thing") == 0)
    }

    @Test("in mid-statement ends the wait", .timeLimit(.minutes(1)))
    func statement() throws {
        let database = try TestDatabase()
        let connection = try database.connect()
        let process = connection.serverProcess
        let worker = Worker {
            usleep(200_000)
            _ = try? database.connect().query("select pg_terminate_backend(\(process))")
        }
        let begun = ContinuousClock.now
        #expect(databaseError { _ = try connection.query(sleep) }.kind == .connectionLost)
        #expect(ContinuousClock.now - begun < .seconds(10))
        worker.join()
    }

    @Test("that was parked in a pool is replaced unnoticed; one in use is an error, and the next use works")
    func pool() throws {
        let database = try TestDatabase()
        let pool = Pool(database.conninfo)
        let first = try pool.withConnection { $0.serverProcess }
        #expect(try pool.withConnection { $0.serverProcess } == first)
        _ = try database.connect().query("select pg_terminate_backend(\(first))")
        usleep(100_000)
        let second = try pool.withConnection { connection in
            let one: Int = try connection.value("select 1")
            #expect(one == 1)
            return connection.serverProcess
        }
        #expect(second != first)
        let error = databaseError {
            try pool.withConnection { connection in
                try kill(connection, database)
                try connection.run("select 1")
            }
        }
        #expect(error.kind == .connectionLost)
        #expect(pool.counts == Pool.Counts(open: 0, idle: 0, waiting: 0))
        #expect(try pool.withConnection { try $0.value("select 1") } == 1)
        pool.close()
    }

    @Test("comes back by itself when the server does")
    func restart() throws {
        let place = "/tmp/ly-re-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: place) }
        var options = Cluster.Options()
        options.user = geteuid() == 0 ? "postgres" : nil
        (options.durable, options.ephemeral) = (false, true)
        let cluster = try Cluster("\(place)/data", socketDirectory: "\(place)/run", options)
        try cluster.make()
        try cluster.start()
        let pool = Pool(cluster.conninfo())
        #expect(try pool.withConnection { try $0.value("select 1") } == 1)
        try cluster.stop()
        for _ in 0..<3 {
            #expect(databaseError { _ = try pool.withConnection { try $0.run("select 1") } }.isUnavailable)
        }
        try cluster.start()
        #expect(try pool.withConnection { try $0.value("select 1") } == 1)
        #expect(pool.counts == Pool.Counts(open: 1, idle: 1, waiting: 0))
        pool.close()
        try cluster.stop()
    }
}
