import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("What an operator does needs no more than the login that serves has")
struct LoginTests {
    @Test("deliveries and jobs are seen and changed by a role that owns nothing")
    func login() async throws {
        // Roles are granted where they were made.
        let world = try await AdminWorld(copied: false)
        let role = "serving_\(try world.world.databaseName())"
        try world.database.script("create role \"\(role)\" login")
        try Installer(world.plan, login: role).install(world.database)
        let database = try TestCluster.shared().conninfo(database: try world.world.databaseName())
        let connection = try Connection(database + " user='\(role)'")
        var row = try connection.query("select current_user::text").row(0)
        #expect(try row.next(as: String.self) == role)
        try await world.send("k", [1, 2])
        for event in 1...3 { try world.fail(Int64(event)) }
        let books = DeliveryBooks(connection, for: Operator(name: "radia", means: .page))
        let name = "recorder.write-down"
        #expect(try books.listeners().first { $0.name == name }?.dead == 3)
        #expect(try books.failed(name).count == 3)
        #expect(try books.retry(name) == 3)
        try books.skip(name, event: 1, reason: "gone")
        try books.replay(name, from: .time("2026-01-01"))
        try books.skipAll(name)
        let book = JobBook(world.plan, connection, for: Operator(name: "radia", means: .page))
        let run = try book.enqueue("jobber.steps", payload: #"{"number": 1, "before": 0, "after": 0}"#)
        #expect(try book.cancel(run) == .queued)
        try book.retry(run)
        #expect(try book.run(run).state == .queued)
        #expect(try world.number("select count(*) from lyceum.intervention where name = 'radia'") == 7)
        // They are noted and stay so.
        #expect(throws: DatabaseError.self) { try connection.run("delete from lyceum.intervention") }
        #expect(throws: DatabaseError.self) { try connection.run("update lyceum.intervention set name = 'ada'") }
    }
}
