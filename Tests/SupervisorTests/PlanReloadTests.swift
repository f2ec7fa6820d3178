import Kernel
import Testing

@Suite("A supervisor's plan for a new generation") struct PlanReloadTests {
    /// The new generation's web processes, 4 and 5, have been started.
    private static func reloading() -> PlanWorld {
        var world = PlanWorld.serving()
        world.happens(.reload)
        #expect(world.actions == [.prepare])
        world.happens(.prepared(web: 2, delivery: true))
        #expect(
            world.actions == [.start(4, .web(slot: 0), generation: 2), .start(5, .web(slot: 1), generation: 2)])
        return world
    }

    @Test("new web processes, then the old delivery out, the new in, then the old web processes drain") func takesOver()
    {
        var world = Self.reloading()
        world.happens(.ready(4))
        #expect(world.actions == [])
        world.happens(.ready(5))
        #expect(world.actions == [.tell(3, .drain)])
        world.happens(.ended(3, .exited(0), said: ""))
        #expect(world.actions == [.start(6, .delivery, generation: 2)])
        world.happens(.ready(6))
        #expect(
            world.actions == [
                .log("generation 2 serves: 2 web processes"), .serving(2), .tell(1, .drain), .tell(2, .drain),
            ])
        world.happens(.ended(1, .exited(0), said: ""))
        #expect(world.actions == [])
        world.happens(.ended(2, .exited(3), said: ""))
        #expect(
            world.actions == [.log("web process 1 ended with code 3 while it was stopping"), .settled(2)])
        #expect(world.running.keys.sorted() == [4, 5, 6])
    }

    @Test("with other numbers of processes") func otherNumbers() {
        var world = PlanWorld.serving()
        world.happens(.reload)
        world.happens(.prepared(web: 1, delivery: false))
        #expect(world.actions == [.start(4, .web(slot: 0), generation: 2)])
        world.happens(.ready(4))
        #expect(world.actions == [.tell(3, .drain)])
        world.happens(.ended(3, .signalled(15), said: ""))
        #expect(
            world.actions == [
                .log("generation 2 serves: 1 web process"), .serving(2), .tell(1, .drain), .tell(2, .drain),
            ])
    }

    @Test("one that is refused changes nothing") func refused() {
        var world = PlanWorld.serving()
        world.happens(.reload)
        world.happens(.refused("courses.yaml:3: no such key"))
        #expect(
            world.actions == [
                .notServing("courses.yaml:3: no such key"),
                .log("the new generation is refused: courses.yaml:3: no such key; generation 1 serves on"),
            ])
        world.happens(.reload)
        #expect(world.actions == [.prepare])
        world.happens(.prepared(web: 0, delivery: true))
        #expect(world.logs.first?.contains("a generation needs at least one web process, not 0") == true)
        #expect(world.running.keys.sorted() == [1, 2, 3])
    }

    @Test("one whose web process ends is abandoned") func webFails() {
        var world = Self.reloading()
        world.happens(.ready(4))
        world.happens(.ended(5, .exited(1), said: "out of memory"))
        let reason = "web process 1 ended with code 1 before it was ready: out of memory"
        #expect(
            world.actions == [
                .notServing(reason), .log("generation 2 is abandoned: \(reason); generation 1 serves on"),
                .tell(4, .drain),
            ])
        world.happens(.ended(4, .exited(0), said: ""))
        #expect(world.actions == [])
        #expect(world.running.keys.sorted() == [1, 2, 3])
    }

    @Test("one that crashes after it was ready, but before it has taken over, is abandoned") func crashesEarly() {
        var world = Self.reloading()
        world.happens(.ready(4))
        world.happens(.ended(4, .signalled(11), said: ""))
        #expect(world.logs.first?.hasPrefix("generation 2 is abandoned: web process 0 was killed by signal 11") == true)
    }

    @Test("one that is late is abandoned") func late() {
        var world = Self.reloading()
        world.happens(.tick, after: .seconds(30))
        #expect(world.actions == [.tell(4, .kill), .tell(5, .kill)])
        world.happens(.ended(4, .signalled(9), said: ""))
        #expect(world.logs.first?.contains("because it was not ready after 30 s; generation 1 serves on") == true)
        world.happens(.ended(5, .signalled(9), said: ""))
        #expect(world.actions == [])
    }

    @Test("where its delivery fails, the old one comes back") func deliveryFails() {
        var world = Self.reloading()
        world.happens(.ready(4))
        world.happens(.ready(5))
        world.happens(.ended(3, .exited(0), said: ""))
        world.happens(.ended(6, .exited(1), said: ""))
        #expect(world.actions.contains(.tell(4, .drain)))
        #expect(world.actions.contains(.tell(5, .drain)))
        #expect(world.actions.contains(.start(7, .delivery, generation: 1)))
    }

    @Test("where it fails while the old delivery stops, that one comes back once it has") func failsMeanwhile() {
        var world = Self.reloading()
        world.happens(.ready(4))
        world.happens(.ready(5))
        world.happens(.ended(5, .signalled(6), said: ""))
        #expect(!world.actions.contains { if case .start = $0 { true } else { false } })
        world.happens(.ended(3, .exited(0), said: ""))
        #expect(world.actions == [.start(6, .delivery, generation: 1)])
    }

    @Test("an old process that crashes meanwhile is replaced by its own generation, and drains with it")
    func oldCrashes() {
        var world = Self.reloading()
        world.happens(.ended(1, .signalled(11), said: ""))
        #expect(world.actions.contains(.start(6, .web(slot: 0), generation: 1)))
        world.happens(.ended(3, .signalled(11), said: ""))
        #expect(world.actions.contains(.start(7, .delivery, generation: 1)))
        world.happens(.ready(4))
        world.happens(.ready(5))
        #expect(world.actions == [.tell(7, .drain)])
        world.happens(.ended(7, .exited(0), said: ""))
        world.happens(.ready(8))
        #expect(world.actions.suffix(2) == [.tell(2, .drain), .tell(6, .drain)])
    }

    @Test("a reload during a reload waits for it") func reloadTwice() {
        var world = Self.reloading()
        world.happens(.reload)
        world.happens(.reload)
        #expect(world.actions == [])
        world.happens(.ended(4, .exited(1), said: ""))
        #expect(world.actions.last == .prepare)
        world.happens(.prepared(web: 2, delivery: true))
        #expect(world.actions.first == .start(6, .web(slot: 0), generation: 3))
    }

    @Test("a process that does not drain in time is killed") func neverDrains() {
        var world = Self.reloading()
        world.happens(.ready(4))
        world.happens(.ready(5))
        world.happens(.tick, after: .seconds(40))
        #expect(
            world.actions == [
                .log("delivery process is killed: it had not ended 40 s after it was told to"), .tell(3, .kill),
            ])
        world.happens(.ended(3, .signalled(9), said: ""))
        #expect(world.actions == [.start(6, .delivery, generation: 2)])
    }
}
