import Foundation
import Glibc
import Kernel
import Testing

@Suite("A full stop") struct FullStopTests {
    @Test("answers what is in flight with a record too many, and ends when no connection is open") func ends() throws {
        let world = try ProbeWorld()
        let probe = try world.start()
        let idle = try world.client(), busy = try world.client()
        #expect(try idle.ask("/hello").after == [])
        try busy.send(FastCGIClient.request("/post", headers: [("HTTP_X_MS", "300")], body: [1]))
        usleep(100_000)
        shutdown(world.listener.descriptor, Int32(SHUT_RD))
        probe.child.kill(SIGINT)
        let last = try busy.answer()
        #expect(last.body == "1 1 0\n")
        #expect(last.after == [11])
        busy.hangUp()
        // An idle connection may still bring a request.
        usleep(200_000)
        #expect(probe.child.status() == nil)
        #expect(try idle.ask("/hello").after == [11])
        idle.hangUp()
        #expect(probe.child.wait(atMost: .seconds(5)) == .exited(0))
        #expect(throws: FastCGIClient.Failure.self) { try world.client() }
    }

    @Test("takes over what a draining process could not hand to anyone") func afterDrain() throws {
        let world = try ProbeWorld()
        let draining = try world.start(), other = try world.start()
        let busy = try world.client(), idle = try world.client()
        try busy.send(FastCGIClient.request("/post", headers: [("HTTP_X_MS", "600")]))
        #expect(try ProbeWorld.process(idle) != nil)
        usleep(100_000)
        draining.child.kill(SIGTERM)
        usleep(100_000)
        shutdown(world.listener.descriptor, Int32(SHUT_RD))
        draining.child.kill(SIGINT)
        other.child.kill(SIGINT)
        #expect(try busy.answer().body == "0 0 0\n")
        #expect(try idle.ask("/hello").after == [11])
        busy.hangUp()
        idle.hangUp()
        #expect(draining.child.wait(atMost: .seconds(5)) == .exited(0))
        #expect(other.child.wait(atMost: .seconds(5)) == .exited(0))
    }

    @Test("a socket that somebody shut down costs no time, and kept connections go on") func shutByOthers() throws {
        let world = try ProbeWorld()
        let probe = try world.start()
        let kept = try world.client()
        #expect(try kept.ask("/hello").status == 200)
        shutdown(world.listener.descriptor, Int32(SHUT_RD))
        usleep(50_000)
        let before = probe.processorTime
        usleep(500_000)
        #expect(probe.processorTime - before <= 50)
        #expect(try kept.ask("/hello").status == 200)
        kept.hangUp()
        probe.child.kill(SIGINT)
        #expect(probe.child.wait(atMost: .seconds(5)) == .exited(0))
    }

    @Test("comes by itself when the supervisor is gone, and frees the socket's path") func orphaned() throws {
        let world = try ProbeWorld()
        let probe = try world.start()
        let client = try world.client()
        #expect(try client.ask("/hello").after == [])
        probe.cut()
        #expect(eventually { world.log == "stopping: the supervisor is gone\n" })
        #expect(eventually { (try? world.client()) == nil })
        // The socket is shut just before the phase changes.
        let isEnding = try eventually { try client.ask("/hello").after == [11] }
        #expect(isEnding)
        client.hangUp()
        #expect(probe.child.wait(atMost: .seconds(5)) == .exited(0))
    }
}
