import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Testing

/// A plugin that would be noticed by a question beforehand.
private struct GuestbookPlugin: Plugin {
    static let manifest = Manifest(id: "guestbook", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "guestbook", .public, Self.list)
        Route(.post, "guestbook", .authenticated, limited: [.perUser("write", 1)], Self.list)
        PageRoute(.get, "guestbook", .public, Self.page)
    }

    @Sendable static func list(_ context: borrowing Context) async throws -> Greeting { Greeting(hello: "all") }
    @Sendable static func page(_ context: borrowing Context) async throws -> Page { .redirect(to: "/") }
}

@Suite("Pages of other origins")
struct CrossOriginTests {
    private let app = "https://app.example.org"

    private func client(_ origins: [String]) async throws -> InProcessClient {
        var api = APISettings()
        api.origins = origins
        return try await TestInstallation(plugins: [GuestbookPlugin.self], api: api).client()
    }

    private func ask(
        _ client: InProcessClient, _ method: String, _ origin: String?, _ path: String = "/api/guestbook",
        question: String? = nil
    ) async throws -> TestResponse {
        var headers: [(name: String, value: String)] = []
        if let origin { headers.append(("Origin", origin)) }
        if let question {
            headers += [("Access-Control-Request-Method", question), ("Access-Control-Request-Headers", "if-match")]
        }
        return try await client.send(TestRequest(method, path, headers: headers))
    }

    @Test("are told beforehand what they may do, exactly where they are named")
    func beforehand() async throws {
        let client = try await client([app, "http://localhost:5173"])
        for origin in [app, "http://localhost:5173"] {
            let answer = try await ask(client, "OPTIONS", origin, question: "POST")
            #expect(answer.status == 204 && answer.body.isEmpty)
            #expect(answer.header("Access-Control-Allow-Origin") == origin)
            #expect(answer.header("Access-Control-Allow-Methods") == "GET, POST, HEAD, OPTIONS")
            let headers = try #require(answer.header("Access-Control-Allow-Headers"))
            for name in ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"] {
                #expect(headers.contains(name), "\(name)")
            }
            #expect(answer.header("Access-Control-Max-Age") == "7200")
            #expect(answer.header("Access-Control-Allow-Credentials") == nil)
            #expect(answer.header("Vary")?.hasPrefix("Origin, Access-Control-Request-Method") == true)
        }
        for origin in [
            "https://app.example.org.evil.org", "https://evil.org", "http://app.example.org",
            "https://app.example.org:444",
            "https://App.example.org", "null", "*", "", "https://app.example.org/", "https://sub.app.example.org",
        ] {
            let answer = try await ask(client, "OPTIONS", origin, question: "POST")
            #expect(answer.status == 204 && answer.header("Allow") == "GET, POST, HEAD, OPTIONS")
            #expect(answer.headers.allSatisfy { !$0.name.hasPrefix("Access-Control") }, "\(origin)")
            #expect(answer.header("Vary") != nil)
        }
    }

    @Test("see the answers, refusals among them, with the header fields that matter")
    func answers() async throws {
        let client = try await client([app])
        for (method, path, status) in [
            ("GET", "/api/guestbook", 200), ("POST", "/api/guestbook", 401), ("DELETE", "/api/guestbook", 405),
            ("GET", "/api/nothing", 404), ("GET", "/api/openapi.json", 200), ("HEAD", "/api/guestbook", 200),
        ] {
            let answer = try await ask(client, method, app, path)
            #expect(answer.status == status)
            #expect(answer.header("Access-Control-Allow-Origin") == app, "\(method) \(path)")
            #expect(answer.header("Vary") == "Origin" && answer.header("X-Request-Id")?.count == 32)
            let shown = try #require(answer.header("Access-Control-Expose-Headers"))
            for name in ["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"] {
                #expect(shown.contains(name), "\(name)")
            }
            #expect(answer.header("Access-Control-Allow-Credentials") == nil)
        }
        for origin in [nil, "https://evil.org"] {
            let answer = try await ask(client, "GET", origin)
            #expect(answer.status == 200 && answer.header("Vary") == "Origin")
            #expect(answer.header("Access-Control-Allow-Origin") == nil)
        }
        let page = try await ask(client, "GET", app, "/guestbook")
        #expect(
            page.header("Access-Control-Allow-Origin") == nil && page.header("Vary") == nil, "pages are nobody else's")
    }

    @Test("are kept out where none is named, and let in everywhere where that is written")
    func noneAndAny() async throws {
        let none = try await ask(try await client([]), "GET", app)
        #expect(none.status == 200 && none.header("Access-Control-Allow-Origin") == nil && none.header("Vary") == nil)
        let any = try await client(["*"])
        let answer = try await ask(any, "GET", "https://anywhere.example")
        #expect(answer.header("Access-Control-Allow-Origin") == "*" && answer.header("Vary") == nil)
        let question = try await ask(any, "OPTIONS", "https://anywhere.example", question: "POST")
        #expect(question.header("Access-Control-Allow-Origin") == "*")
        #expect(question.header("Access-Control-Allow-Credentials") == nil)
    }
}
