import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("Plugins come late, go and come again")
struct StartTests {
    private func world() async throws -> (DeliveryWorld, Generation) {
        let world = try await DeliveryWorld(plugins: [RecorderPlugin.self, WatcherPlugin.self], copied: false)
        var without = world.world.generation
        without.regions[0].plugins.removeAll { $0.id == "watcher" }
        return (world, without)
    }

    private func install(_ world: DeliveryWorld, settings: String) throws -> Generation {
        var generation = world.world.generation
        for index in generation.regions[0].plugins.indices where generation.regions[0].plugins[index].id == "watcher" {
            generation.regions[0].plugins[index].settings = settings
        }
        let registry = try Registry([RecorderPlugin.self, WatcherPlugin.self])
        try Installer(try RegionPlan(generation.regions[0], registry)).install(world.database)
        return generation
    }

    private func watched(_ world: DeliveryWorld) throws -> [Int] {
        try world.database.query("select number::int from watcher.seen order by place").map { row in try row.next() }
    }

    @Test("a listener that comes late begins with an event, or a moment, that its settings name")
    func position() async throws {
        let (world, without) = try await world()
        try DeliveryBooks(world.database).forget("watcher.watch")
        #expect(try await world.send("a", 1...150) == 204)
        try await world.delivering(generation: without) {
            try await world.wait("they are delivered") { try world.number("select count(*) from recorder.seen") == 150 }
        }
        let fifth: Int64 = try world.database.query("select id from lyceum.event order by id offset 4 limit 1").row(0)
            .only()
        let late = try install(world, settings: #"{"first": \#(fifth)}"#)
        try await world.delivering(generation: late) {
            #expect(try await world.send("a", 151...160) == 204)
            try await world.wait("the rest and the new") { try watched(world).count >= 156 }
        }
        #expect(try watched(world) == Array(5...160))

        try DeliveryBooks(world.database).forget("watcher.watch")
        try world.database.script("delete from watcher.seen")
        let moment: Instant = try world.database.query(
            "select at from lyceum.event where (payload ->> 'number')::int = 151"
        ).row(0).only()
        let since = try install(world, settings: #"{"since": "\#(moment)"}"#)
        try await world.delivering(generation: since) {
            try await world.wait("the last ones") { try watched(world).count >= 10 }
        }
        #expect(try watched(world) == Array(151...160))
    }

    @Test("an operator moves one that began from now back to a position")
    func replayed() async throws {
        let (world, without) = try await world()
        try DeliveryBooks(world.database).forget("watcher.watch")
        #expect(try await world.send("a", 1...20) == 204)
        try await world.delivering(generation: without) {
            try await world.wait("they are delivered") { try world.number("select count(*) from recorder.seen") == 20 }
        }
        let now = try install(world, settings: "{}")
        let eleventh: Int64 = try world.database.query("select id from lyceum.event order by id offset 10 limit 1").row(
            0
        )
        .only()
        try DeliveryBooks(world.database).replay("watcher.watch", from: .event(eleventh))
        try await world.delivering(generation: now) {
            #expect(try await world.send("a", 21...22) == 204)
            try await world.wait("the rest and the new") { try watched(world).count >= 12 }
        }
        #expect(try watched(world) == Array(11...22))
    }

    @Test(
        "the place of a disabled plugin's listener waits, and what happened meanwhile is delivered once it is enabled")
    func disabled() async throws {
        let (world, without) = try await world()
        #expect(try await world.send("a", 1...3) == 204)
        try await world.delivering { try await world.wait("three") { try watched(world).count == 3 } }
        try await world.delivering(generation: without) {
            #expect(try await world.send("a", 4...40) == 204)
            try await world.wait("the others go on") { try world.number("select count(*) from recorder.seen") == 40 }
            try await Task.sleep(for: .seconds(2))
        }
        #expect(try watched(world).count == 3)
        let listener = try DeliveryBooks(world.database).listeners().first { $0.name == "watcher.watch" }
        #expect(listener?.behind == 37)
        try await world.delivering {
            #expect(try await world.send("a", 41...41) == 204)
            try await world.wait("all") { try watched(world).count >= 41 }
        }
        #expect(try watched(world) == Array(1...41))
    }
}
