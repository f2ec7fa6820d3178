import FastCGI
import Glibc
import Synchronization
import Testing

@Suite("Broken requests") struct BrokenRequestTests {
    @Test("one that is cut in its parameters reaches no lane, and others are answered") func cutParameters() throws {
        let count = Mutex(0)
        let server = try LocalServer(threads: 1) { _ in
            count.withLock { $0 += 1 }
            return "whole"
        }
        let whole = FastCGIClient.request("/", headers: [("LONG", String(repeating: "x", count: 20_000))])
        for length in [1, 7, 8, 16, 20, 100, 10_000] {
            let client = try server.client()
            try client.send(Array(whole.prefix(length)))
            client.hangUp()
        }
        let client = try server.client()
        #expect(try client.ask("/").body == "whole")
        #expect(count.withLock { $0 } == 1)
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("one that is cut in its body is told to the lane") func cutBody() throws {
        let seen = Mutex<BodyError?>(nil)
        let server = try LocalServer(threads: 1) { exchange in
            var body: [UInt8] = []
            do throws(BodyError) { try exchange.readBody(into: &body, limit: 1 << 20) } catch {
                seen.withLock { $0 = error }
            }
            return "late"
        }
        let cut = try server.client()
        let whole = FastCGIClient.request("/", body: [UInt8](repeating: 1, count: 30_000))
        try cut.send(Array(whole.prefix(20_000)))
        cut.hangUp()
        #expect(eventually { seen.withLock { $0 } != nil })
        if case .incomplete(let received)? = seen.withLock({ $0 }) {
            #expect(received > 10_000 && received < 20_000)
        } else {
            Issue.record("not an incomplete body")
        }
        let client = try server.client()
        #expect(try client.ask("/").body == "late")
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("a peer that is gone before its answer costs one write") func peerGone() throws {
        let written = Mutex<[Bool]>([])
        let server = try LocalServer(threads: 1) { exchange in
            if exchange.parameter("GONE") == nil { return "here" }
            usleep(100_000)
            let part = [UInt8](repeating: 0x2E, count: 1 << 20)
            for _ in 0..<3 {
                let isThere = part.withUnsafeBytes { exchange.write($0) }
                written.withLock { $0.append(isThere) }
            }
            return ""
        }
        let gone = try server.client()
        try gone.send(FastCGIClient.request("/", headers: [("GONE", "1")]))
        gone.hangUp()
        let client = try server.client()
        #expect(try client.ask("/").body == "here")
        #expect(written.withLock { $0 } == [false, false, false])
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("a peer that stops in the middle holds its thread no longer than the limit") func stuckPeer() throws {
        let server = try LocalServer(threads: 1, peerTimeout: .milliseconds(300)) { _ in "free again" }
        let stuck = try server.client()
        try stuck.send(Array(FastCGIClient.request("/").prefix(20)))
        let client = try server.client()
        #expect(try client.ask("/").body == "free again")
        #expect(stuck.isClosed(within: 1000))
        client.hangUp()
        #expect(server.stop() == .stopped)
    }
}
