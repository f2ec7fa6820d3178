import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Observed
import PostgreSQL
import Testing

private let traceID = "0af7651916cd43dd8448eb211c80319c"
private let spanID = "b7ad6b7169203331"

/// A region in this process that is asked by parameters of one's own, as a web server would pass them on.
private struct TracedWorld {
    let world: TestInstallation
    let lane: LocalLane

    init() async throws {
        world = try await TestInstallation(plugins: [ObservedPlugin.self])
        lane = LocalLane(world.installation)
    }

    /// The trace of the event that a request emits.
    func trace(of key: String, _ parameters: [(String, String)]) async throws -> String? {
        let body = #"{"key": "\#(key)"}"#
        let answer = await lane.answer(
            [
                ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/api/observed/orders"), ("LYCEUM_REGION", "test"),
                ("CONTENT_TYPE", "application/json"), ("CONTENT_LENGTH", "\(body.utf8.count)"),
            ] + parameters, body: Array(body.utf8))
        try #require(answer.status == 204)
        var row = try world.connection().query("select trace from lyceum.event where key = \(key)").row(0)
        return try row.next()
    }
}

@Suite("A trace begins and goes on as the W3C says")
struct TraceContextTests {
    @Test(
        "a valid traceparent is read",
        arguments: [
            ("00-\(traceID)-\(spanID)-01", true), ("00-\(traceID)-\(spanID)-00", false),
            // Flags that nobody knows are not handed on.
            ("00-\(traceID)-\(spanID)-fe", false), ("00-\(traceID)-\(spanID)-ff", true),
            // Later versions are read as far as 00 goes.
            ("01-\(traceID)-\(spanID)-01", true), ("cc-\(traceID)-\(spanID)-01-what-the-future-will-be", true),
        ])
    func valid(_ text: String, _ isSampled: Bool) throws {
        let trace = try #require(TraceContext(text))
        #expect((trace.traceID, trace.spanID, trace.isSampled) == (traceID, spanID, isSampled))
        #expect(trace.description == "00-\(traceID)-\(spanID)-0\(isSampled ? 1 : 0)")
    }

    static let invalid = [
        "", "00", "00-\(traceID)-\(spanID)", "00-\(traceID)-\(spanID)-", "00-\(traceID)-\(spanID)-1",
        // Version 00 ends there, and so do later ones unless a hyphen follows.
        "00-\(traceID)-\(spanID)-01-", "00-\(traceID)-\(spanID)-01-x", "cc-\(traceID)-\(spanID)-01.x",
        "ff-\(traceID)-\(spanID)-01", "FF-\(traceID)-\(spanID)-01", "0g-\(traceID)-\(spanID)-01",
        "00-00000000000000000000000000000000-\(spanID)-01", "00-\(traceID)-0000000000000000-01",
        "00-\(traceID.uppercased())-\(spanID)-01", "00-\(traceID)-\(spanID.uppercased())-01",
        "00-\(traceID)-\(spanID)-0X",
        "00_\(traceID)-\(spanID)-01", "00-\(traceID)_\(spanID)-01", "00-\(traceID)-\(spanID)_01",
        " 00-\(traceID)-\(spanID)-01", "00-\(traceID)-\(spanID)-01 ",
        "00-\(traceID)-\(spanID)-01,00-\(traceID)-\(spanID)-01", "00-\(traceID)-\(spanID)-01\u{0}",
        "0٠-\(traceID)-\(spanID)-01",
    ]

    @Test("an invalid traceparent is none", arguments: invalid)
    func refused(_ text: String) { #expect(TraceContext(text) == nil) }

    @Test("a request goes on with the client's trace, and has a span of its own")
    func carriedOn() async throws {
        let world = try await TracedWorld()
        let text = try #require(
            try await world.trace(
                of: "on",
                [
                    ("REQUEST_ID", "0123456789abcdef0011223344556677"),
                    ("HTTP_TRACEPARENT", "00-\(traceID)-\(spanID)-01"),
                ]))
        #expect(text == "00-\(traceID)-0011223344556677-01")
    }

    @Test("without a valid one the trace is called as the request is")
    func begun() async throws {
        let world = try await TracedWorld()
        let own = "00-0123456789abcdef0011223344556677-0011223344556677-00"
        let id = ("REQUEST_ID", "0123456789abcdef0011223344556677")
        #expect(try await world.trace(of: "none", [id]) == own)
        // No parameter holds a zero: it ends there.
        for (number, invalid) in TraceContextTests.invalid.enumerated() where !invalid.contains("\u{0}") {
            #expect(try await world.trace(of: "bad-\(number)", [id, ("HTTP_TRACEPARENT", invalid)]) == own)
        }
        // Two of them are none, even where both are valid.
        let valid = ("HTTP_TRACEPARENT", "00-\(traceID)-\(spanID)-01")
        #expect(try await world.trace(of: "twice", [valid, id, valid]) == own)
        // No header of a client's becomes the id or the region.
        let forged = [("HTTP_REQUEST_ID", traceID), ("HTTP_LYCEUM_REGION", "other"), ("HTTP_TRACE_PARENT", valid.1)]
        #expect(try await world.trace(of: "forged", [id] + forged) == own)
    }

    @Test("a web server that gives no id, or one of another form, is no reason to fail")
    func withoutID() async throws {
        let world = try await TracedWorld()
        #expect(try await world.trace(of: "no id", []) == nil)
        #expect(try await world.trace(of: "a word", [("REQUEST_ID", "seventeen")]) == nil)
        #expect(try await world.trace(of: "zeros", [("REQUEST_ID", String(repeating: "0", count: 32))]) == nil)
        let uuid = try await world.trace(of: "uuid", [("REQUEST_ID", "0198c0de-0000-7000-8000-00000000002A")])
        #expect(uuid == "00-0198c0de00007000800000000000002a-800000000000002a-00")
        let given = try #require(
            try await world.trace(of: "given", [("HTTP_TRACEPARENT", "00-\(traceID)-\(spanID)-01")]))
        #expect(given.hasPrefix("00-\(traceID)-") && !given.contains(spanID))
    }
}
