import Kernel
import Testing

@Suite("A supervisor's plan") struct PlanTests {
    @Test("begins with web processes in their slots, then delivery, then serves") func begins() {
        var world = PlanWorld()
        #expect(world.actions == [.prepare])
        world.happens(.prepared(web: 2, delivery: true))
        #expect(
            world.actions == [.start(1, .web(slot: 0), generation: 1), .start(2, .web(slot: 1), generation: 1)])
        world.happens(.ready(2))
        #expect(world.actions == [])
        world.happens(.ready(1))
        #expect(world.actions == [.start(3, .delivery, generation: 1)])
        world.happens(.ready(3))
        #expect(world.actions == [.log("generation 1 serves: 2 web processes"), .serving(1), .settled(1)])
    }

    @Test("ends when the first generation is refused") func firstRefused() {
        var world = PlanWorld()
        world.happens(.refused("no such plugin"))
        #expect(world.actions == [.notServing("no such plugin"), .shutListener, .end("no such plugin")])
    }

    @Test("ends when a process of the first generation does, and says why") func firstFails() {
        var world = PlanWorld()
        world.happens(.prepared(web: 2, delivery: false))
        world.happens(.started(1, id: 77))
        world.happens(.ended(1, .exited(78), said: "cannot serve: no such region"))
        let reason = "web process 0 (77) ended with code 78 before it was ready: cannot serve: no such region"
        #expect(world.actions == [.notServing(reason), .shutListener, .tell(2, .stop)])
        world.happens(.ended(2, .signalled(2), said: ""))
        #expect(world.actions == [.end(reason)])
    }

    @Test("replaces what crashes, in its slot: at once, then with growing pauses") func crashes() {
        var world = PlanWorld.serving()
        var pauses: [Duration] = []
        for _ in 0..<10 {
            let number = world.numbers(.web(slot: 1))[0]
            world.happens(.ended(number, .signalled(11), said: ""))
            #expect(world.logs.first?.hasPrefix("web process 1 was killed by signal 11") == true)
            let begin = world.now
            if world.numbers(.web(slot: 1)).isEmpty, let due = world.plan.next() {
                world.happens(.tick, after: due - begin - .milliseconds(1))
                #expect(world.actions == [])
                world.happens(.tick, after: .milliseconds(1))
            }
            pauses.append(world.now - begin)
            let replacement = world.numbers(.web(slot: 1))[0]
            #expect(world.actions.contains(.start(replacement, .web(slot: 1), generation: 1)))
            world.happens(.ready(replacement), after: .seconds(1))
        }
        #expect(pauses == [0, 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000].map { .milliseconds($0) })
        // One that ran well for a while has its first crash again.
        let number = world.numbers(.web(slot: 1))[0]
        world.happens(.tick, after: .seconds(11))
        world.happens(.ended(number, .exited(1), said: ""))
        #expect(world.numbers(.web(slot: 1)).count == 1)
        #expect(world.logs == ["web process 1 ended with code 1; its replacement starts"])
    }

    @Test("a process that never becomes ready is killed and replaced") func late() {
        var world = PlanWorld.serving()
        world.happens(.ended(1, .exited(0), said: ""))
        #expect(world.numbers(.web(slot: 0)) == [4])
        #expect(world.plan.next() == world.now + .seconds(30))
        world.happens(.tick, after: .seconds(30))
        #expect(world.actions == [.tell(4, .kill)])
        world.happens(.ended(4, .signalled(9), said: ""))
        #expect(
            world.logs == [
                "web process 0 was killed by signal 9 because it was not ready after 30 s; "
                    + "its replacement starts in 0.1 s"
            ])
    }

    @Test("a process that cannot be started is tried again") func notStarted() {
        var world = PlanWorld.serving()
        world.happens(.ended(1, .exited(0), said: ""))
        world.happens(.notStarted(4, "No such file"))
        #expect(world.logs == ["web process 0 does not start: No such file; its replacement starts in 0.1 s"])
        world.happens(.tick, after: .milliseconds(100))
        #expect(world.actions == [.start(5, .web(slot: 0), generation: 1)])
    }
}
