import Glibc
import PostgreSQL
import Testing

@Suite("Notifications")
struct NotificationTests {
    @Test("arrive in order, wake a wait, and do not come when there are none")
    func arrive() throws {
        let database = try TestDatabase()
        let listener = try database.connect()
        try listener.run("listen news")
        #expect(try listener.notifications(atMost: .milliseconds(20)).isEmpty)
        let worker = Worker {
            usleep(100_000)
            _ = try? database.connect().pipeline(["select pg_notify('news', 'one')", "select pg_notify('news', 'two')"])
        }
        let begun = ContinuousClock.now
        let found = try listener.notifications(atMost: .seconds(20))
        worker.join()
        #expect(ContinuousClock.now - begun < .seconds(10))
        #expect(found.map(\.payload) == ["one", "two"])
        #expect(found.map(\.channel) == ["news", "news"])
    }
}
