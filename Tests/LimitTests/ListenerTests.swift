import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Listeners that take too long, or end their process", .serialized)
struct ListenerTests {
    private func emit(_ world: HazardWorld, _ keys: String...) async throws {
        for key in keys {
            #expect(try await world.client().send("POST", "/api/hazard/events/\(key)", json: "{}").status == 204)
        }
    }

    private func seen(_ world: HazardWorld, _ listener: String, _ key: String) throws -> Int {
        try world.number("select count(*) from hazard.seen where listener = \(listener) and key = \(key)")
    }

    private func books(_ world: HazardWorld) throws -> DeliveryBooks {
        DeliveryBooks(try world.world.connection(region: "wild"))
    }

    private func quarantine(_ world: HazardWorld, _ listener: String = "hazard.harm") throws -> String? {
        try books(world).listeners().first { $0.name == listener }?.quarantine
    }

    @Test("an attempt past its time fails, and says which limit that was; what comes after it is delivered")
    func late() async throws {
        let world = try await HazardWorld()
        try await emit(world, "drowse", "fine")
        try await waitUntil("the slow event is given up") {
            try world.number("select count(*) from lyceum.retry where dead and key = 'drowse'") == 1
        }
        let failed = try #require(try books(world).failed("hazard.harm").first)
        #expect(failed.error == "the listener hazard.harm took longer than the 1500 ms of limits.listenerMilliseconds")
        #expect(failed.attempts == 4)
        #expect(try await world.live.indexClient().get("/metrics").reached("wild", "listenerMilliseconds") ?? 0 >= 4)
        #expect(try seen(world, "harm", "fine") == 1)
        #expect(try seen(world, "harm", "drowse") == 0)
        #expect(try seen(world, "bystander", "drowse") == 1)
        #expect(!world.live.lines.contains { $0.contains("signal") })
    }

    @Test("one that ends its process again and again is quarantined, others go on, and an operator sets it free")
    func quarantined() async throws {
        let world = try await HazardWorld()
        try await emit(world, "before", "trap", "after")
        try await waitUntil("the listener is quarantined") { try quarantine(world) != nil }
        let reason = try #require(try quarantine(world))
        #expect(reason.hasPrefix("quarantined since 20"))
        #expect(
            reason.contains(
                "5 of its last 20 attempts ended with their process, the last of which was killed by signal"))
        #expect(reason.contains("limits.listenerDeaths"))
        _ = try await world.line("delivery process", "it gave the listener hazard.harm an event in the region wild")
        _ = try await world.line(#""plugin":"hazard""#, "hazard.harm is quarantined", "lyceum deliveries release")
        // The other listener is not to blame, and has everything.
        #expect(try quarantine(world, "hazard.bystander") == nil)
        try await emit(world, "later")
        try await waitUntil("the other listener goes on") { try seen(world, "bystander", "later") == 1 }
        for key in ["before", "trap", "after"] { #expect(try seen(world, "bystander", key) == 1) }
        #expect(try seen(world, "harm", "later") == 0)
        let metrics = try await world.live.indexClient().get("/metrics").text
        #expect(metrics.contains(#"lyceum_listener_quarantined{region="wild",listener="hazard.harm"} 1"#))
        #expect(metrics.contains(#"lyceum_listener_quarantined{region="calm",listener="hazard.harm"} 0"#))
        // The delivery process lives on, and was told of all that died before it, the latest first.
        let processes = Set(world.live.processes)
        let delivery = try #require(
            processes.first { process in
                let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
                return String(decoding: line, as: UTF8.self).contains("--delivery")
            })
        let environment = try #require(FileManager.default.contents(atPath: "/proc/\(delivery)/environ"))
        let told = String(decoding: environment, as: UTF8.self).split(separator: "\0")
            .first { $0.hasPrefix("LYCEUM_DEATH_NOTICE=") }
        let notices = told?.dropFirst("LYCEUM_DEATH_NOTICE=".count).split(separator: "\n") ?? []
        #expect(notices.count >= 5, "\(notices)")
        #expect(notices.allSatisfy { $0.hasSuffix("\tlistener\twild\thazard\thazard.harm") }, "\(notices)")
        #expect(Set(notices.compactMap { $0.split(separator: "\t").first }).count == notices.count)
        try await Task.sleep(for: .seconds(1))
        #expect(Set(world.live.processes) == processes)
        // Without the event that it cannot bear it goes on where it was.
        let deadly = try #require(try books(world).failed("hazard.harm").first { $0.key == "trap" })
        try books(world).skip("hazard.harm", event: deadly.event)
        try books(world).release("hazard.harm")
        try await waitUntil("it has all the others") {
            try ["before", "after", "later"].allSatisfy { try seen(world, "harm", $0) == 1 }
        }
        #expect(try quarantine(world) == nil)
        #expect(throws: DeliveryBooks.Refusal.self) { try books(world).release("hazard.harm") }
    }

    @Test("one whose process is killed, nobody says why, is quarantined too")
    func killed() async throws {
        let world = try await HazardWorld { $0.listenerDeaths = 2 }
        try await emit(world, "kill")
        try await waitUntil("the listener is quarantined") { try quarantine(world) != nil }
        #expect(try quarantine(world)?.contains("2 of its last 20 attempts") == true)
        #expect(try quarantine(world)?.contains("was killed by signal 9") == true)
    }

    @Test("a process that is replaced and killed because it does not end in time is held against nobody")
    func replaced() async throws {
        let world = try await HazardWorld(stopDeadline: .seconds(1)) { limits in
            limits.listenerDeaths = 1
            limits.listenerMilliseconds = 60_000
        }
        // A minute's work.
        for _ in 0..<6 { try await emit(world, "drowse") }
        try await waitUntil("the listener is at work") {
            try world.number("select count(*) from pg_stat_activity where query like 'select pg_sleep%'") > 0
        }
        try await world.live.reload()
        #expect(world.live.lines.contains { $0.contains("delivery process") && $0.contains("is killed") })
        try await waitUntil("an event is delivered") {
            try world.number("select count(*) from hazard.seen where listener = 'harm'") > 0
        }
        #expect(try world.number("select count(*) from lyceum.listener") == 0)
    }

    @Test("one that never comes back ends its process, counted as an attempt; with no quarantine the event is given up")
    func loop() async throws {
        let world = try await HazardWorld { limits in
            limits.listenerDeaths = 0
            limits.graceMilliseconds = 500
            limits.listenerMilliseconds = 1_000
        }
        try await emit(world, "loop", "fine")
        try await waitUntil("the event is given up") {
            try world.number("select count(*) from lyceum.retry where dead and key = 'loop' and attempt = 4") == 1
        }
        let line = try await world.line("limits.graceMilliseconds", "it gave the listener hazard.harm an event")
        #expect(line.contains(#""region":"wild""#) && line.contains(#""plugin":"hazard""#))
        try await waitUntil("the other event") { try seen(world, "harm", "fine") == 1 }
        #expect(try quarantine(world) == nil)
    }
}
