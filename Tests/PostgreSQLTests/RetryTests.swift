import Foundation
import PostgreSQL
import Synchronization
import Testing

@Suite("A transaction that loses against another is tried again")
struct RetryTests {
    /// Runs both on threads of their own; a rendezvous makes sure that they overlap.
    private func rivals(
        _ database: TestDatabase, _ isolation: Isolation,
        _ body: @escaping @Sendable (Int, Connection, Meeting) throws -> Void
    ) throws -> [Int] {
        let tries = Mutex([0, 0])
        let errors = Mutex<[String]>([])
        let meeting = Meeting()
        let threads = (0..<2).map { number in
            Worker {
                do {
                    try database.connect().transaction(isolation) { connection in
                        tries.withLock { $0[number] += 1 }
                        try body(number, connection, meeting)
                    }
                } catch { errors.withLock { $0.append("\(error)") } }
            }
        }
        for thread in threads { thread.join() }
        #expect(errors.withLock { $0 } == [])
        return tries.withLock { $0 }
    }

    @Test("after a deadlock", .timeLimit(.minutes(1)))
    func deadlock() throws {
        let database = try TestDatabase(
            "create table thing (id int primary key, n int); insert into thing values (0, 0), (1, 0)")
        let tries = try rivals(database, .readCommitted) { number, connection, meeting in
            try connection.run("update thing set n = n + 1 where id = \(number)")
            meeting.meet()
            try connection.run("update thing set n = n + 1 where id = \(1 - number)")
        }
        // One lost at least once; having lost, it may well meet the other again.
        #expect(tries.reduce(0, +) > 2)
        #expect(try database.connect().value("select sum(n) from thing") == 4)
    }

    @Test("after a serialization failure", .timeLimit(.minutes(1)))
    func serialization() throws {
        let database = try TestDatabase(
            "create table thing (id int primary key, n int); insert into thing values (0, 1), (1, 1)")
        // Each reads both and changes its own: no order of the two explains the result, so one must begin again.
        let tries = try rivals(database, .serializable) { number, connection, meeting in
            let sum: Int = try connection.value("select sum(n) from thing")
            meeting.meet()
            try connection.run("update thing set n = \(sum) where id = \(number)")
        }
        #expect(tries.reduce(0, +) > 2)
        #expect(try database.connect().value("select sum(n) from thing") == 5)
    }

    @Test("but not for ever, and not for errors that stay")
    func bounded() throws {
        var tries = 0
        let retry = Retry(tries: 3, pause: .milliseconds(1))
        let error = databaseError {
            try retry.run {
                tries += 1
                throw DatabaseError(.serialization, "again", sqlState: "40001")
            }
        }
        #expect(error.kind == .serialization)
        #expect(tries == 3)
        tries = 0
        _ = databaseError {
            try retry.run {
                tries += 1
                throw DatabaseError(.unique, "taken", sqlState: "23505")
            }
        }
        #expect(tries == 1)
        for tried in 1...40 { #expect(Retry().pause(after: tried) <= .milliseconds(200)) }
    }

    @Test("with a body that awaits")
    func awaiting() async throws {
        let database = try TestDatabase("create table thing (id int)")
        let connection = try database.connect()
        var tries = 0
        try await connection.transaction { connection in
            tries += 1
            await Task.yield()
            try connection.run("insert into thing values (1)")
            if tries < 3 { throw DatabaseError(.deadlock, "again", sqlState: "40P01") }
        }
        #expect(tries == 3)
        #expect(try connection.value("select count(*) from thing") == 1)
    }
}

/// Lets two threads wait for each other once; later calls pass.
final class Meeting: Sendable {
    private let arrived = Mutex(0)

    func meet() {
        arrived.withLock { $0 += 1 }
        let deadline = ContinuousClock.now + .seconds(10)
        while arrived.withLock({ $0 }) < 2, ContinuousClock.now < deadline { usleep(1_000) }
    }
}

/// A thread that can be waited for: blocking calls would starve the test's own pool of threads.
final class Worker: Sendable {
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let done = done
        Thread {
            body(); done.signal()
        }.start()
    }

    func join() { done.wait() }
}
