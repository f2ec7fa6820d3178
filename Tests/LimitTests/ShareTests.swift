import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("A region's share of a worker's threads", .serialized)
struct ShareTests {
    @Test("a region whose database is locked fills its share; another is answered as quickly as ever")
    func locked() async throws {
        let world = try await HazardWorld(webProcesses: 1) { limits in
            limits.threads = 8
            limits.connections = 4
            limits.waitMilliseconds = 10_000
            limits.statementMilliseconds = 20_000
            limits.requestMilliseconds = 20_000
            limits.listenerMilliseconds = 20_000
        }
        let lock = try world.world.connection(region: "wild")
        try lock.begin()
        try lock.run("lock table hazard.note")
        let client = world.client("wild")
        let (port, stuck) = (world.live.port, 4)
        let waiting = Task {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<stuck {
                    group.addTask { try await client.send("POST", "/api/hazard/do/lock", json: "{}").status }
                }
                var statuses: [Int] = []
                for try await status in group { statuses.append(status) }
                return statuses
            }
        }
        // Half of eight threads are the region's: the fifth request is refused at once.
        try await waitUntil("the region has its share") {
            try world.number(
                """
                select count(*) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and state = 'active'
                """) == stuck
        }
        let refused = try await client.get("/api/hazard/hello")
        #expect(refused.status == 503)
        #expect(refused.code == "region_busy")
        #expect(refused.header("Retry-After") == "1")
        #expect(try await world.live.indexClient().get("/metrics").reached("wild", "regionThreads") ?? 0 >= 1)
        _ = try await world.line(#""region":"wild""#, "the 4 threads of this process", "limits.regionThreads")
        var slowest = 0.0
        for _ in 0..<50 {
            let began = Date()
            #expect(try await LiveClient(port: port, region: "calm").get("/api/hazard/do/none").status == 200)
            slowest = max(slowest, Date().timeIntervalSince(began))
        }
        #expect(slowest < 2)
        lock.rollback()
        #expect(try await waiting.value.allSatisfy { $0 == 200 })
        // Its share is free again.
        #expect(try await client.get("/api/hazard/hello").status == 200)
    }

    @Test("the share may be set, and a single region has all threads unless it is")
    func setting() async throws {
        func busy(_ regions: [String], threads: Int, share: Int?) async throws -> Int {
            let world = try await HazardWorld(regions: regions, webProcesses: 1) { limits in
                limits.threads = threads
                limits.connections = threads
                limits.regionThreads = share
            }
            let client = world.client(regions[0])
            return try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<threads { group.addTask { try await client.get("/api/hazard/do/brief-query").code } }
                var count = 0
                for try await code in group where code == "region_busy" { count += 1 }
                return count
            }
        }
        #expect(try await busy(["alone"], threads: 4, share: nil) == 0)
        #expect(try await busy(["alone"], threads: 4, share: 1) > 0)
        #expect(try await busy(["one", "two"], threads: 4, share: nil) > 0)
        #expect(try await busy(["one", "two"], threads: 4, share: 4) == 0)
    }
}
