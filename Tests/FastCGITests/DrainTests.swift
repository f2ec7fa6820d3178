import Foundation
import Glibc
import Kernel
import Synchronization
import Testing

@Suite("Draining") struct DrainTests {
    @Test("SIGTERM passes idle connections to a successor, and busy ones after their answer") func passesOn() throws {
        let world = try ProbeWorld()
        let old = try world.start()
        let idle = try (0..<20).map { _ in try world.client() }
        for client in idle { #expect(try ProbeWorld.process(client) == old.child.id) }
        let busy = try world.client()
        try busy.send(
            FastCGIClient.request("/post", headers: [("HTTP_X_MS", "700"), ("HTTP_X_ID", "8")], body: [4, 5]))
        usleep(100_000)
        let new = try world.start()
        old.child.kill(SIGTERM)
        // A request that overtakes the signal is still the old one's.
        let isPassedOn = try eventually { try idle.allSatisfy { try ProbeWorld.process($0) == new.child.id } }
        #expect(isPassedOn)
        #expect(old.child.status() == nil)
        #expect(try busy.answer().body == "2 9 8\n")
        #expect(try ProbeWorld.process(busy) == new.child.id)
        #expect(old.child.wait(atMost: .seconds(10)) == .exited(0))
        for client in idle + [busy] { #expect(try ProbeWorld.process(client) == new.child.id) }
        #expect(world.log == "")
    }

    @Test("no request is lost while processes are replaced under load") func underLoad() throws {
        let world = try ProbeWorld()
        var current = [try world.start(), try world.start()]
        let stop = Mutex(false), answered = Mutex(0), failures = Mutex<[String]>([])
        let done = DispatchGroup()
        for number in 0..<12 {
            let client = try world.client()
            let body = (0..<(number * 1500)).map { UInt8(truncatingIfNeeded: $0) }
            let expected = "\(body.count) \(body.reduce(0) { $0 + Int($1) }) \(number)\n"
            let unchecked = Unchecked(client), world = Unchecked(world)
            done.enter()
            Thread.detachNewThread {
                defer { done.leave() }
                while !stop.withLock({ $0 }) {
                    do {
                        let pause = number == 3 ? "30" : "0"
                        // Some come anew each time: arrivals must not be stranded either.
                        let client = number > 8 ? try world.value.client() : unchecked.value
                        let answer = try client.ask(
                            "/post", headers: [("HTTP_X_ID", "\(number)"), ("HTTP_X_MS", pause)], body: body)
                        if answer.body != expected { failures.withLock { $0.append(answer.text) } }
                        answered.withLock { $0 += 1 }
                    } catch {
                        return failures.withLock { $0.append("\(error)") }
                    }
                }
            }
        }
        for round in 0..<12 {
            let old = current[round % 2]
            current[round % 2] = try world.start()
            old.child.kill(SIGTERM)
            #expect(old.child.wait(atMost: .seconds(15)) == .exited(0))
        }
        stop.withLock { $0 = true }
        done.wait()
        #expect(failures.withLock { $0 } == [])
        #expect(answered.withLock { $0 } > 100)
        #expect(world.log == "")
    }

    @Test("the deadline ends a drain with a request in flight, and says so") func deadline() throws {
        let world = try ProbeWorld()
        let probe = try world.start("--deadline", "1")
        let client = try world.client()
        try client.send(FastCGIClient.request("/post", headers: [("HTTP_X_MS", "20000")]))
        usleep(100_000)
        let start = Date.now
        probe.child.kill(SIGTERM)
        #expect(probe.child.wait(atMost: .seconds(10)) == .exited(3))
        #expect((0.9..<5).contains(Date.now.timeIntervalSince(start)))
        #expect(world.log == "stopping after the deadline of 1.0 seconds: 1 connections are still open\n")
    }
}

/// Moves a client to the one thread that uses it from then on.
final class Unchecked<Value>: @unchecked Sendable {
    // Made by one thread and used by another alone afterwards; starting the thread orders the two.
    let value: Value
    init(_ value: Value) { self.value = value }
}
