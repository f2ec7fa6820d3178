import FastCGI
import Testing

@Suite("Kept connections") struct ConnectionTests {
    @Test("more of them than threads are all answered, again and again") func moreThanThreads() throws {
        let server = try LocalServer(threads: 2) { $0.parameter("DOCUMENT_URI").map { String(cString: $0) } ?? "" }
        let clients = try (0..<40).map { _ in try server.client() }
        for round in 0..<5 {
            for (number, client) in clients.enumerated() {
                #expect(try client.ask("/\(round)/\(number)").body == "/\(round)/\(number)")
            }
        }
        for client in clients { client.hangUp() }
        #expect(server.stop() == .stopped)
    }

    @Test("connections that say nothing hold no thread") func silent() throws {
        let server = try LocalServer(threads: 2) { _ in "here" }
        let silent = try (0..<10).map { _ in try server.client() }
        let client = try server.client()
        for _ in 0..<20 { #expect(try client.ask("/").body == "here") }
        for client in silent { #expect(try client.ask("/").body == "here") }
        for client in silent + [client] { client.hangUp() }
        #expect(server.stop() == .stopped)
    }

    @Test("a client that does not keep its connection sees it closed") func notKept() throws {
        let server = try LocalServer { _ in "once" }
        let client = try server.client()
        try client.send(FastCGIClient.request("/", keep: false))
        #expect(try client.answer().body == "once")
        #expect(client.isClosed(within: 1000))
        #expect(server.stop() == .stopped)
    }

    @Test("an answer longer than every buffer arrives whole") func longAnswer() throws {
        let server = try LocalServer { _ in String(repeating: "0123456789", count: 200_000) }
        let client = try server.client()
        for _ in 0..<2 { #expect(try client.ask("/").body.utf8.count == 2_000_000) }
        client.hangUp()
        #expect(server.stop() == .stopped)
    }
}
