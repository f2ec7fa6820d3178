import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Recorder
import Testing

/// A plugin that takes a body in pieces, and leaves all of it.
private struct FunnelPlugin: Plugin {
    static let manifest = Manifest(id: "funnel", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.post, "funnel/pieces", .public, about: "Takes a body.", Self.take)
    }
    @Sendable static func take(_ context: borrowing Context, _ body: Streamed) async throws -> NoContent { NoContent() }
}

@Suite("How large things may be")
struct SizeTests {
    private func world(_ change: (inout Generation.Limits) -> Void) async throws -> TestInstallation {
        var limits = Generation.Limits()
        change(&limits)
        return try await TestInstallation(regions: ["calm", "wild"], plugins: [HazardPlugin.self], limits: limits)
    }

    @Test("an answer that grows too large is broken off: a problem that names it, and nothing of the answer")
    func response() async throws {
        let world = try await world { $0.responseBytes = 100_000 }
        let client = world.client(region: "wild")
        for path in ["rows", "values"] {
            let fits = try await client.get("/api/hazard/\(path)/90")
            #expect(fits.status == 200)
            #expect(fits.body.count > 90_000)
            // Just too large, and far too large: ten megabytes.
            for count in [100, 10_000] {
                let answer = try await client.get("/api/hazard/\(path)/\(count)")
                #expect(answer.status == 500)
                #expect(answer.code == "response_too_large")
                #expect(answer.detail.contains("100000 bytes (limits.responseBytes)"))
                #expect(answer.header("Content-Type") == "application/problem+json")
                #expect(!answer.text.contains("xxxx") && !answer.text.contains("yyyy"))
            }
        }
        let lines = world.log.lines.filter { $0.contains("limits.responseBytes") }
        #expect(lines.count == 4)
        #expect(
            lines.allSatisfy {
                $0.contains("region=wild") && $0.contains("plugin=hazard") && $0.contains("/api/hazard/")
            })
        #expect(try await world.reached("wild", "responseBytes") == 4)
        #expect(try await world.reached("calm", "responseBytes") == 0)
        // The same thread answers on.
        #expect(try await client.get("/api/hazard/hello").text == #"{"did":"hello"}"#)
    }

    @Test("a body that is too large is refused and counted")
    func body() async throws {
        var limits = Generation.Limits()
        limits.bodyBytes = 1_024
        let world = try await TestInstallation(
            regions: ["calm", "wild"], plugins: [RecorderPlugin.self], limits: limits)
        let long = String(repeating: " ", count: 2_000)
        let answer = try await world.client(region: "wild").send("POST", "/api/recorder/numbers", json: long + "{}")
        #expect(answer.status == 413 && answer.code == "body_too_large", "\(answer.text)")
        #expect(try await world.reached("wild", "bodyBytes") == 1)
    }

    @Test("a body in pieces is counted under its own limit, also where both are the same")
    func pieces() async throws {
        var limits = Generation.Limits()
        (limits.bodyBytes, limits.partBytes) = (1_024, 1_024)
        let world = try await TestInstallation(regions: ["calm", "wild"], plugins: [FunnelPlugin.self], limits: limits)
        let client = world.client(region: "wild")
        let long = String(repeating: " ", count: 900)
        #expect(try await client.send("POST", "/api/funnel/pieces", json: long).status == 204)
        let answer = try await client.send("POST", "/api/funnel/pieces", json: long + long)
        #expect(answer.status == 413 && answer.code == "body_too_large", "\(answer.text)")
        #expect(try await world.reached("wild", "partBytes") == 1)
        #expect(try await world.reached("wild", "bodyBytes") == 0)
    }

    @Test("a page that grows too large is broken off as well")
    func page() async throws {
        let world = try await world { $0.responseBytes = 65_536 }
        let answer = try await world.client(region: "wild").get("/hazard/page/200")
        #expect(answer.status == 500)
        #expect(answer.header("Content-Type")?.hasPrefix("text/html") == true)
        #expect(answer.text.contains("The answer is too large.") && !answer.text.contains("zzzz"))
        #expect(try await world.client(region: "wild").get("/hazard/page/20").status == 200)
    }
}

extension TestInstallation {
    /// How often a limit was reached in a region, as the metrics say.
    func reached(_ region: String, _ limit: String) async throws -> Int? {
        try await client(region: "").get("/metrics").reached(region, limit)
    }
}

extension TestResponse {
    /// How often a limit was reached in a region; nil where these are no metrics, or it is not among them.
    func reached(_ region: String, _ limit: String) -> Int? {
        let name = "lyceum_limit_reached_total{region=\"\(region)\",limit=\"\(limit)\"} "
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.dropFirst(name.count)) }
    }
}
