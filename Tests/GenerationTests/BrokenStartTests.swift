import Foundation
import LyceumTesting
import Testing

extension Generations {
    @Suite("A library that cannot be loaded at the start takes its plugin away, and nothing else")
    struct BrokenStart {
        /// What `/health/ready` says.
        private func health(_ host: Host) async throws -> TestResponse {
            try await LiveClient(port: host.port, region: nil).get("/health/ready")
        }

        @Test("the regions are served without it, which health, metrics and the log say; a reload brings it back")
        func start() async throws {
            let database = try Database()
            let host = try Host(database: database.text, workers: 1)
            try host.done("migrate")
            try host.library(Data("no library".utf8))
            try await host.start()
            #expect(try await host.statuses("/api/lending") == [404])
            #expect(try await host.statuses("/accounts/sign-in") == [200])

            // What it hears waits for it, and for nobody else.
            let list = try host.done("deliveries", "list", "--region", "school")
            #expect(list.output.contains("its plugin is enabled and could not be loaded"), "\(list)")
            let forget = try host("deliveries", "forget", "--yes", "--region", "school", "lending.write-down")
            #expect(forget.code == 1 && forget.errors.contains("lending.write-down waits for it"), "\(forget)")

            let health = try await health(host)
            #expect(health.status == 200)
            #expect(health.json("status") as? String == "degraded", "\(health.text)")
            #expect(health.json("regions", "school", "status") as? String == "degraded")
            #expect(health.json("regions", "school", "reason") as? String == "without lending")
            #expect(health.json("regions", "school", "plugins", "lending", "state") as? String == "failed")
            let reason = health.json("regions", "school", "plugins", "lending", "reason") as? String ?? ""
            #expect(reason.contains("lending.so") && reason.contains("is no"), "\(reason)")
            #expect(health.json("regions", "school", "plugins", "accounts", "state") as? String == "enabled")
            let metrics = try await LiveClient(port: host.port, region: nil).get("/metrics").text
            #expect(metrics.contains("lyceum_plugin_failed{region=\"school\",plugin=\"lending\"} 1\n"))
            #expect(host.log.contains("region school is served without lending"), "\(host.log)")
            #expect(host.log.contains(#""level":"error","message":"region school is served without lending""#))

            // What serves is no worse after another change.
            let again = try host("reload")
            #expect(again.code == 0 && again.errors.contains("note: region school is served without lending: "))
            #expect(host.generation == 2)
            #expect(try await host.statuses("/accounts/sign-in") == [200])
            #expect(try await self.health(host).json("status") as? String == "degraded")
            // Put right, it comes with the next reload; broken again, what serves stays.
            try host.library("LendingOne")
            try host.done("reload")
            #expect(try await host.versions() == ["1.0.0"])
            #expect(try await self.health(host).json("status") as? String == "ready")
            try host.library(Data("no library".utf8))
            let refused = try host("reload")
            #expect(refused.code == 1 && refused.errors.contains("goes on as before"), "\(refused)")
            #expect(try await host.versions() == ["1.0.0"])
        }
    }
}
