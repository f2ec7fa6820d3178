import Kernel
import Testing

@Suite("A supervisor's plan for a full stop") struct PlanStopTests {
    @Test("shuts the listener first, tells each process, and ends with the last") func stops() {
        var world = PlanWorld.serving()
        world.happens(.stop)
        #expect(world.actions == [.shutListener, .tell(1, .stop), .tell(2, .stop), .tell(3, .drain)])
        world.happens(.ended(2, .exited(0), said: ""))
        world.happens(.ended(3, .exited(0), said: ""))
        #expect(world.actions == [])
        world.happens(.ended(1, .exited(0), said: ""))
        #expect(world.actions == [.end(nil)])
    }

    @Test("tells draining processes before the others") func drainingFirst() {
        var world = PlanWorld.serving()
        world.happens(.reload)
        world.happens(.prepared(web: 1, delivery: false))
        world.happens(.ready(4))
        world.happens(.ended(3, .exited(0), said: ""))
        world.happens(.stop)
        #expect(world.actions == [.shutListener, .tell(1, .stop), .tell(2, .stop), .tell(4, .stop)])
        #expect(world.plan.next() == world.now + .seconds(40))
    }

    @Test("replaces nothing any more, and refuses reloads") func noReplacement() {
        var world = PlanWorld.serving()
        world.happens(.ended(1, .signalled(11), said: ""))
        world.happens(.ended(4, .signalled(11), said: ""))
        world.happens(.stop)
        world.happens(.reload)
        world.happens(.tick, after: .seconds(1))
        #expect(world.actions == [])
    }

    @Test("a second time kills what is left") func twice() {
        var world = PlanWorld.serving()
        world.happens(.stop)
        world.happens(.ended(1, .exited(0), said: ""))
        world.happens(.stop)
        #expect(world.actions == [.tell(2, .kill), .tell(3, .kill)])
    }

    @Test("kills what has not ended in time") func late() {
        var world = PlanWorld.serving()
        world.happens(.stop)
        world.happens(.tick, after: .seconds(40))
        #expect(world.actions.filter { if case .tell(_, .kill) = $0 { true } else { false } }.count == 3)
        for number in 1...3 { world.happens(.ended(number, .signalled(9), said: "")) }
        #expect(world.actions == [.end(nil)])
    }

    @Test("before anything runs, ends at once") func early() {
        var world = PlanWorld()
        world.happens(.stop)
        #expect(world.actions == [.shutListener, .end(nil)])
        world.happens(.prepared(web: 2, delivery: true))
        #expect(world.actions == [])
    }
}
