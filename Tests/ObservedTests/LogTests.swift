import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Observed
import Testing

@Suite("Each line of the log is one object, whatever is in it")
struct LogTests {
    private func line(_ form: Log.Form = .json, _ body: (Log) -> Void) throws -> String {
        let lines = Lines()
        body(Log(form, process: "web 3") { lines.add($0) })
        try #require(lines.all.count == 1)
        return lines.all[0]
    }

    @Test("it says when, how bad, what, and what it is about")
    func members() throws {
        let trace = try #require(TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        let record = try LogRecord(
            try line {
                $0.write(
                    level: .warning, region: "academy", plugin: "courses", request: "r1", trace: trace,
                    route: "GET /api/courses/{course}", status: 503, listener: "courses.count", event: 12,
                    job: "courses.remind", run: "0198", "It \"failed\" \\ once.\n\tTwice – 日本.")
            })
        #expect(
            record.members.keys.sorted() == [
                "event", "job", "level", "listener", "message", "pid", "plugin", "process", "region", "request",
                "route",
                "run", "span", "status", "time", "trace",
            ])
        #expect(record.string("level") == "warning")
        #expect(record.message == "It \"failed\" \\ once.\n\tTwice – 日本.")
        #expect(record.string("process") == "web 3" && record.number("pid") == Int(getpid()))
        #expect(record.string("trace") == trace.traceID && record.string("span") == trace.spanID)
        #expect(record.number("status") == 503 && record.number("event") == 12)
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let time = try format.parse(try #require(record.string("time")))
        #expect(abs(time.timeIntervalSinceNow) < 60)
        #expect(record.string("time")?.count == 24 && record.string("time")?.hasSuffix("Z") == true)
        #expect(record.text.hasPrefix(#"{"time":""#))
    }

    @Test("what is not known is left out")
    func little() throws {
        let record = try LogRecord(try line { $0.write("hello") })
        #expect(record.members.keys.sorted() == ["level", "message", "pid", "process", "time"])
    }

    @Test(
        "no line is longer than a pipe takes at once, nor breaks for it",
        arguments: ["x", "\u{1}", "\"", "ü", "日", "👩‍👩‍👧", "e\u{301}"])
    func long(_ piece: String) throws {
        let text = String(repeating: piece, count: 9_000)
        for form in Log.Form.allCases {
            let line = try line(form) {
                $0.write(level: .error, region: text, plugin: text, request: text, route: text, listener: text, text)
            }
            #expect(line.utf8.count <= 4_095 && line.utf8.count > 3_900)
            guard form == .json else { continue }
            let record = try LogRecord(line)
            #expect(record.message.hasSuffix("…") && record.string("region")?.hasSuffix("…") == true)
        }
    }

    @Test("nothing in a text ends a line, tells a terminal anything or turns the direction of reading")
    func hostile() throws {
        let every = String(String.UnicodeScalarView((0...0x2_100).compactMap { Unicode.Scalar($0) }))
        for form in Log.Form.allCases {
            for start in stride(from: 0, to: 0x2_100, by: 0x100) {
                let part = String(every.unicodeScalars.dropFirst(start).prefix(0x100))
                let line = try line(form) { $0.write(region: part, part) }
                let bad = line.unicodeScalars.filter { scalar in
                    switch scalar.value {
                    case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
                    default: false
                    }
                }
                #expect(bad.isEmpty)
                guard form == .json else { continue }
                #expect(try LogRecord(line).message.unicodeScalars.elementsEqual(part.unicodeScalars))
            }
        }
    }

    @Test("a request that fails is told with its route, and nothing that it sent forges a line or is a secret")
    func request() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let lines = Lines()
        let installation = try Installation(
            world.generation, try Registry([ObservedPlugin.self]), log: Log(.json) { lines.add($0) })
        let id = "0123456789abcdef0011223344556677"
        let order = "0198c0de-0000-7000-8000-000000000001"
        let answer = await LocalLane(installation).answer([
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/api/observed/boom/\(order)?token=s3cret"),
            ("LYCEUM_REGION", "test"), ("REQUEST_ID", id), ("HTTP_AUTHORIZATION", "Bearer s3cret"),
            ("HTTP_COOKIE", "lyceum_session=s3cret"),
            ("HTTP_TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ])
        #expect(answer.status == 500)
        // The answer tells the request's id, which is in the same line; nothing else is added to it.
        #expect(String(decoding: answer.body, as: UTF8.self).contains(id))
        #expect(!answer.headers.contains { $0.name.lowercased().hasPrefix("trace") })
        try #require(lines.all.count == 1)
        let record = try LogRecord(lines.all[0])
        #expect(record.string("level") == "error" && record.number("status") == 500)
        #expect(record.string("region") == "test" && record.string("plugin") == "observed")
        #expect(record.string("route") == "GET /api/observed/boom/{order}")
        #expect(record.string("request") == id)
        #expect(record.string("trace") == "0af7651916cd43dd8448eb211c80319c")
        #expect(record.string("span") == "0011223344556677")
        #expect(record.message.hasPrefix("GET /api/observed/boom/\(order) failed: first\n{"))
        #expect(!record.text.contains("s3cret"))
    }

    @Test("a hook that is passed over is told with its plugin, the request and the trace")
    func skipped() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let lines = Lines()
        let installation = try Installation(
            world.generation, try Registry([ObservedPlugin.self]), log: Log(.json) { lines.add($0) })
        let id = "0123456789abcdef0011223344556677"
        let body = #"{"key": "skip this"}"#
        let answer = await LocalLane(installation).answer(
            [
                ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/api/observed/orders"), ("LYCEUM_REGION", "test"),
                ("REQUEST_ID", id), ("CONTENT_TYPE", "application/json"), ("CONTENT_LENGTH", "\(body.utf8.count)"),
            ], body: Array(body.utf8))
        #expect(answer.status == 204)
        try #require(lines.all.count == 1)
        let record = try LogRecord(lines.all[0])
        #expect(record.string("level") == "warning" && record.string("plugin") == "observed")
        #expect(record.string("request") == id && record.string("trace") == id)
        #expect(record.message.contains("a guard that fails"))
    }

    @Test("a process writes JSON where nobody reads along, and text where the environment says so")
    func process() throws {
        let own = ProcessInfo.processInfo.environment.filter { $0.key != Log.variable }.map { "\($0.key)=\($0.value)" }
        let json = try Child.run(TestPrograms.path("TestWorker"), ["--nonsense"], environment: own)
        #expect(json.status == .exited(64))
        let record = try LogRecord(try #require(json.errors.split(separator: "\n").first.map(String.init)))
        #expect(record.message.hasPrefix("usage: lyceum-worker"))
        let text = try Child.run(
            TestPrograms.path("TestWorker"), ["--nonsense"], environment: own + ["\(Log.variable)=text"])
        #expect(text.errors.hasPrefix("lyceum[") && text.errors.contains("] usage: lyceum-worker"))
    }
}
