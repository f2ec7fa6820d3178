import FastCGI
import Glibc
import Testing

@Suite("Bodies") struct BodyTests {
    private static func server() throws -> LocalServer {
        try LocalServer(bodyLimit: 100_000) { exchange in
            var body: [UInt8] = []
            do {
                try exchange.readBody(into: &body, limit: 200_000)
                return "\(body.count) \(body.reduce(0) { $0 &+ Int($1) })"
            } catch { return "\(error) capacity \(body.capacity)" }
        }
    }

    @Test("a body arrives as it was sent, up to the limit", arguments: [0, 1, 16383, 16384, 16385, 100_000])
    func arrives(_ count: Int) throws {
        let server = try Self.server()
        let client = try server.client()
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for _ in 0..<3 {
            #expect(try client.ask("/", body: body).body == "\(count) \(body.reduce(0) { $0 + Int($1) })")
        }
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("one over the limit is refused before anything is allocated, and the connection goes on") func tooLarge()
        throws
    {
        let server = try Self.server()
        let client = try server.client()
        let large = [UInt8](repeating: 1, count: 1_000_000)
        #expect(try client.ask("/", body: large).body == "The body may have at most 100000 bytes. capacity 0")
        #expect(try client.ask("/", body: [5]).body == "1 5")
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("one over the limit without a length is refused too") func tooLargeUnannounced() throws {
        let server = try Self.server()
        let client = try server.client()
        let large = [UInt8](repeating: 1, count: 300_000)
        let answer = try client.ask("/", body: large, announced: .some(nil)).body
        #expect(answer.hasPrefix("The body may have at most 100000 bytes."))
        #expect(try client.ask("/", body: [5, 6], announced: .some(nil)).body == "2 11")
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("one that differs from its announced length is refused", arguments: [3, 9])
    func otherLength(_ announced: Int) throws {
        let server = try Self.server()
        let client = try server.client()
        let answer = try client.ask("/", body: [1, 2, 3, 4, 5], announced: .some(announced)).body
        #expect(answer.hasPrefix("The body broke off after 5 bytes."))
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("a length that is no number is refused", arguments: ["-1", "1e3", "99999999999999999999", " 5"])
    func badLength(_ length: String) throws {
        let server = try Self.server()
        let client = try server.client()
        try client.send(
            FastCGIClient.request(
                "/", headers: [("CONTENT_LENGTH", length)], announced: .some(nil), isLengthSent: false))
        #expect(try client.answer().body.hasPrefix("Content-Length must be a whole number of bytes."))
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("one that nobody reads does not disturb the next request") func unread() throws {
        let server = try LocalServer { _ in "not read" }
        let client = try server.client()
        for _ in 0..<5 {
            #expect(try client.ask("/", body: [UInt8](repeating: 9, count: 500_000)).body == "not read")
        }
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("one that nobody reads is there in whole before the answer begins") func wholeBeforeAnswer() throws {
        let server = try LocalServer { _ in String(repeating: "long ", count: 20_000) }
        let client = try server.client()
        let request = FastCGIClient.request("/", body: [UInt8](repeating: 9, count: 100_000))
        try client.send(Array(request.dropLast(8)))
        var waiting = pollfd(fd: client.socket, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 200) == 0)
        try client.send(Array(request.suffix(8)))
        #expect(try client.answer().body.utf8.count == 100_000)
        client.hangUp()
        #expect(server.stop() == .stopped)
    }

    @Test("one read in parts is never held whole") func parts() throws {
        let server = try LocalServer { exchange in
            withUnsafeTemporaryAllocation(byteCount: 10_000, alignment: 16) { buffer in
                var sum = 0, parts = 0, part = 0
                repeat {
                    do { part = try exchange.readPart(into: buffer) } catch { return "\(error)" }
                    sum += buffer[0..<part].reduce(0) { $0 + Int($1) }
                    parts += 1
                } while part == 10_000
                return "\(sum) in \(parts)"
            }
        }
        let client = try server.client()
        #expect(try client.ask("/", body: [UInt8](repeating: 2, count: 3_000_000)).body == "6000000 in 301")
        client.hangUp()
        #expect(server.stop() == .stopped)
    }
}
