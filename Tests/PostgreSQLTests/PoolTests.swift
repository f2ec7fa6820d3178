import Foundation
import PostgreSQL
import Synchronization
import Testing

@Suite("A pool")
struct PoolTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase() }

    private func pool(_ change: (inout Pool.Limits) -> Void) -> Pool {
        var limits = Pool.Limits()
        change(&limits)
        return Pool(database.conninfo, limits: limits)
    }

    @Test("opens no more sessions than it may, however many ask, and serves them all")
    func bound() throws {
        let pool = pool { $0.connections = 3 }
        let meter = Meter()
        let workers = (0..<24).map { _ in
            Worker {
                for _ in 0..<20 {
                    try? pool.withConnection { connection in
                        meter.enter()
                        defer { meter.leave() }
                        _ = try connection.query("select pg_sleep(0.001)")
                        meter.serve()
                    }
                }
            }
        }
        for worker in workers { worker.join() }
        #expect(meter.served == 480)
        #expect(meter.most <= 3)
        #expect(pool.counts.open <= 3)
        #expect(
            try database.connect().value(
                "select count(*) from pg_stat_activity where application_name = \(database.schema)") <= 4)
        pool.close()
    }

    private final class Meter: Sendable {
        private let state = Mutex((inside: 0, most: 0, served: 0))
        func enter() {
            state.withLock {
                $0.inside += 1; $0.most = max($0.most, $0.inside)
            }
        }
        func leave() { state.withLock { $0.inside -= 1 } }
        func serve() { state.withLock { $0.served += 1 } }
        var most: Int { state.withLock { $0.most } }
        var served: Int { state.withLock { $0.served } }
    }

    @Test("makes those who ask wait so long, and no longer")
    func timeout() throws {
        let pool = pool {
            $0.connections = 1; $0.wait = .milliseconds(100)
        }
        let held = try pool.checkOut()
        let begun = ContinuousClock.now
        let error = databaseError { _ = try pool.checkOut() }
        let waited = ContinuousClock.now - begun
        #expect(error.kind == .exhausted)
        #expect(error.isUnavailable)
        #expect(error.message == "all 1 connections stayed in use for 100 ms")
        #expect(waited >= .milliseconds(95) && waited < .seconds(5))
        #expect(pool.counts == Pool.Counts(open: 1, idle: 0, waiting: 0))
        pool.checkIn(held)
        #expect(try pool.withConnection { try $0.value("select 1") } == 1)
    }

    @Test("hands sessions on in the order of asking, and refuses when too many wait")
    func order() throws {
        let pool = pool {
            $0.connections = 1; $0.waiting = 3; $0.wait = .seconds(20)
        }
        let held = try pool.checkOut()
        let order = Mutex<[Int]>([])
        var workers: [Worker] = []
        for number in 0..<3 {
            workers.append(
                Worker {
                    try? pool.withConnection { _ in order.withLock { $0.append(number) } }
                })
            while pool.counts.waiting <= number { usleep(500) }
        }
        let error = databaseError { _ = try pool.checkOut() }
        #expect(error.kind == .exhausted)
        #expect(error.message == "all 1 connections are in use and 3 others wait for one")
        pool.checkIn(held)
        for worker in workers { worker.join() }
        #expect(order.withLock { $0 } == [0, 1, 2])
    }

    @Test("a broken session's place goes to the next who waits")
    func broken() throws {
        let pool = pool { $0.connections = 1 }
        let held = try pool.checkOut()
        let flag = Flag()
        let worker = Worker {
            try? pool.withConnection { connection in
                _ = try connection.query("select 1")
                flag.raise()
            }
        }
        while pool.counts.waiting == 0 { usleep(500) }
        _ = try database.connect().query("select pg_terminate_backend(\(held.serverProcess))")
        #expect(databaseError { try held.run("select 1") }.kind == .connectionLost)
        pool.checkIn(held)
        worker.join()
        #expect(flag.isRaised)
        #expect(pool.counts == Pool.Counts(open: 1, idle: 1, waiting: 0))
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        func raise() { state.withLock { $0 = true } }
        var isRaised: Bool { state.withLock { $0 } }
    }

    @Test("closes sessions that were idle too long")
    func idle() throws {
        let pool = pool { $0.idle = .milliseconds(50) }
        let two = [try pool.checkOut(), try pool.checkOut()]
        for connection in two { pool.checkIn(connection) }
        #expect(pool.counts == Pool.Counts(open: 2, idle: 2, waiting: 0))
        usleep(120_000)
        // Using one retires the other.
        _ = try pool.withConnection { try $0.query("select 1") }
        #expect(pool.counts == Pool.Counts(open: 1, idle: 1, waiting: 0))
    }

    @Test("takes back a session with its transaction undone and its role its own")
    func clean() throws {
        let pool = pool { $0.connections = 1 }
        try database.connect().script("create table thing (id int)")
        try pool.withConnection { connection in
            try connection.begin()
            connection.role = "pg_monitor"
            _ = try connection.query("select 1")
            connection.role = nil
            try connection.run("insert into thing values (1)")
        }
        try pool.withConnection { connection in
            let count: Int = try connection.value("select count(*) from thing")
            #expect(count == 0)
            let user: String = try connection.value("select current_user")
            #expect(user == "lyceum")
        }
    }

    @Test("that is closed refuses, also those who wait already")
    func closed() throws {
        let pool = pool {
            $0.connections = 1; $0.wait = .seconds(20)
        }
        let held = try pool.checkOut()
        let errors = Mutex<[DatabaseError]>([])
        let worker = Worker {
            let error = databaseError { _ = try pool.checkOut() }
            errors.withLock { $0.append(error) }
        }
        while pool.counts.waiting == 0 { usleep(500) }
        pool.close()
        worker.join()
        #expect(errors.withLock { $0.map(\.kind) } == [.exhausted])
        pool.checkIn(held)
        #expect(pool.counts == Pool.Counts())
        #expect(databaseError { _ = try pool.checkOut() }.message == "the pool of connections is closed")
    }
}
