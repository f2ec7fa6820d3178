import Kernel
import Lyceum
import LyceumTesting
import Testing

/// A plugin some of whose addresses read a body.
private struct BodyPlugin: Plugin {
    static let manifest = Manifest(id: "bodies", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.post, "bodies/read", .public, Self.read)
        Route(.post, "bodies/unread", .public, Self.unread)
        Route(.post, "bodies/closed", .authenticated, Self.read)
    }

    @Sendable static func read(_ context: borrowing Context, _ word: Body<Word>) async throws -> NoContent {
        NoContent()
    }
    @Sendable static func unread(_ context: borrowing Context) async throws -> NoContent { NoContent() }
}

@Suite("Who reads a body")
struct BodyOrderTests {
    @Test("a body over the limit matters only to an address that reads one, and only to whoever may use it")
    func order() async throws {
        var limits = Generation.Limits()
        limits.bodyBytes = 1_024
        let client = try await TestInstallation(plugins: [BodyPlugin.self], limits: limits).client()
        let large = String(repeating: " ", count: 100_000)
        for (path, status) in [
            ("/api/bodies/read", 413), ("/api/bodies/unread", 204), ("/api/bodies/closed", 401),
            ("/api/bodies/nothing", 404), ("/api/other", 404),
        ] {
            #expect(try await client.send("POST", path, json: large).status == status, "\(path)")
        }
        #expect(try await client.send("PUT", "/api/bodies/read", json: large).status == 405)
        let other = try await TestInstallation(plugins: [BodyPlugin.self], limits: limits).client(region: "nowhere")
        #expect(
            try await other.send("POST", "/api/bodies/read", json: large).json("code") as? String == "unknown_region")
    }
}
