import CFastCGI
import FastCGI
import Foundation
import Glibc
import Synchronization
import Testing

@Suite("A thread's executor") struct ExecutorTests {
    private static func child(_ milliseconds: Int) async -> Int {
        try? await Task.sleep(for: .milliseconds(milliseconds))
        return lyceum_thread()
    }

    @concurrent private static func far() async -> Int { lyceum_thread() }

    /// What stayed on the thread and what left it.
    private static func places() async -> [String] {
        let here = lyceum_thread()
        var places: [String] = []
        try? await Task.sleep(for: .milliseconds(2))
        if lyceum_thread() != here { places.append("sleep") }
        await withCheckedContinuation { continuation in
            Foundation.Thread.detachNewThread {
                usleep(2000)
                continuation.resume()
            }
        }
        if lyceum_thread() != here { places.append("continuation") }
        async let one = child(2)
        async let two = child(1)
        let both = await [one, two]
        if both != [here, here] { places.append("async let") }
        let group = await withTaskGroup(of: Int.self) { group in
            for pause in 0..<20 { group.addTask { await child(pause % 3) } }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        if group != [here] { places.append("group") }
        if await far() != here { places.append("concurrent") }
        if lyceum_thread() != here { places.append("end") }
        return places
    }

    @Test("keeps what is structured on the thread of its request") func stays() throws {
        let server = try LocalServer(threads: 3) { _ in await Self.places().joined(separator: ", ") }
        let clients = try (0..<6).map { _ in try server.client() }
        for _ in 0..<5 {
            for client in clients { try client.send(FastCGIClient.request("/")) }
            for client in clients { #expect(try client.answer().body == "") }
        }
        for client in clients { client.hangUp() }
        #expect(server.stop() == .stopped)
    }

    @Test("a sleeping request does not hold up another thread's") func sleeping() throws {
        let server = try LocalServer(threads: 2) { exchange in
            if exchange.parameter("SLEEP") != nil { try? await Task.sleep(for: .seconds(1)) }
            return "\(lyceum_thread())"
        }
        let slow = try server.client(), quick = try server.client()
        let start = Date.now
        try slow.send(FastCGIClient.request("/", headers: [("SLEEP", "1")]))
        for _ in 0..<50 { _ = try quick.ask("/") }
        #expect(Date.now.timeIntervalSince(start) < 0.9)
        #expect(try slow.answer().status == 200)
        slow.hangUp()
        quick.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("serves a thread outside a server too") func runner() {
        let result = Mutex<[String]?>(nil)
        let before = lyceum_thread()
        ThreadRunner.run {
            let isHere = lyceum_thread() == before
            let places = await Self.places()
            result.withLock { $0 = places + (isHere ? [] : ["elsewhere"]) }
        }
        #expect(result.withLock { $0 } == [])
    }
}
