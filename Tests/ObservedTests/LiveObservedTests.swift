import Foundation
import Glibc
import Kernel
import Lyceum
import LyceumTesting
import Observed
import PostgreSQL
import Testing

private let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

@Suite("What is seen of a whole installation", .serialized)
struct LiveObservedTests {
    private func metrics(_ live: LiveInstallation) async throws -> ExpositionParser {
        ExpositionParser(try await live.indexClient().get("/metrics").text)
    }

    private func place(_ key: String, fails: Bool = false) -> TestRequest {
        TestRequest(
            "POST", "/api/observed/orders",
            headers: [
                ("Content-Type", "application/json"), ("traceparent", "00-\(traceID)-00f067aa0ba902b7-01"),
                ("tracestate", "vendor=1"),
            ], body: Array(#"{"key": "\#(key)", "fails": \#(fails)}"#.utf8))
    }

    @Test(
        "a trace goes from the request to the last event, through listeners and a job that fail once, and is in each line"
    )
    func trace() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let live = try await LiveInstallation(world)
        let database = try world.connection()
        #expect(try await live.client().send(place("order", fails: true)).status == 204)
        try await waitUntil("the order is finished") {
            try database.number("select count(*) from lyceum.event where topic = 'observed.order.finished'") == 1
        }
        let rows = try database.query(
            """
            select 'event ' || topic, trace from lyceum.event
            union all select 'job ' || job, trace from lyceum.job
            union all select 'step ' || step, trace from observed.step
            """)
        var traces: [String: TraceContext] = [:]
        for var row in rows {
            let (what, text): (String, String?) = (try row.next(), try row.next())
            traces[what] = TraceContext(text ?? "")
        }
        #expect(
            traces.keys.sorted() == [
                "event observed.order.finished", "event observed.order.handled", "event observed.order.placed",
                "job observed.finish", "step finish", "step follow", "step handle", "step place",
            ])
        for (what, trace) in traces {
            #expect(trace.traceID == traceID && trace.isSampled, "\(what)")
            #expect(trace.spanID != "00f067aa0ba902b7", "\(what)")
        }
        // Each piece of work has a span of its own: what it wrote shares it.
        for (one, other) in [
            ("step place", "event observed.order.placed"), ("step handle", "event observed.order.handled"),
            ("step follow", "job observed.finish"), ("step finish", "event observed.order.finished"),
        ] { #expect(traces[one]?.spanID == traces[other]?.spanID, "\(one)") }
        #expect(Set(traces.values.map(\.spanID)).count == 4)

        let records = try LogRecord.all(live.errors)
        let listener = try #require(records.first { $0.string("listener") == "observed.handle" })
        #expect(listener.message.contains("failed on event") && listener.message.contains("the first attempt"))
        let event = try database.number("select id from lyceum.event where topic = 'observed.order.placed'")
        #expect(listener.number("event") == event && listener.string("process") == "delivery")
        let job = try #require(records.first { $0.string("job") == "observed.finish" })
        #expect(job.message.contains("the first run"))
        #expect(job.string("run") == (try database.text("select id::text from lyceum.job")))
        for record in [listener, job] {
            #expect(record.string("trace") == traceID)
            #expect(record.string("region") == "test" && record.string("plugin") == "observed")
        }
        // A replay is the same story told again.
        try DeliveryBooks(database).replay("observed.handle", from: .beginning)
        try await waitUntil("it was delivered again") {
            try database.number("select count(*) from observed.step where step = 'handle'") == 2
        }
        #expect(
            try database.number("select count(*) from observed.step where trace like \("00-\(traceID)-%")")
                == database.number("select count(*) from observed.step"))
    }

    @Test("without a trace of the client's, it is called as the request is, in the answer, the rows and the log")
    func own() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let live = try await LiveInstallation(world)
        let failed = try await live.client().get("/api/observed/boom/0198c0de-0000-7000-8000-000000000001")
        let id = try #require(failed.json("requestId") as? String)
        let record = try #require(try LogRecord.all(live.errors).first { $0.string("request") == id })
        #expect(record.string("trace") == id)
        #expect(record.string("process")?.hasPrefix("web ") == true)
        let twice = TestRequest(
            "POST", "/api/observed/orders",
            headers: [("Content-Type", "application/json")]
                + (1...2).map { ("traceparent", "00-\(traceID)-00f067aa0ba902b\($0)-01") },
            body: Array(#"{"key": "twice"}"#.utf8))
        #expect(try await live.client().send(twice).status == 204)
        let trace = try world.connection().text("select trace from lyceum.event where key = 'twice'")
        #expect(trace.flatMap { TraceContext($0) } != nil && trace?.contains(traceID) == false)
    }

    @Test("whatever bytes a client sends, each line of the log is an object, and no secret is in it")
    func bytes() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let live = try await LiveInstallation(world)
        let order = "0198c0de-0000-7000-8000-000000000001"
        let host = "Host: test.localhost:\(live.port)\r\nConnection: close\r\n"
        for query in ["?token=s3cret", "?\u{FF}", "?" + String(repeating: "x", count: 3_000)] {
            let head = "GET /api/observed/boom/\(order)\(query) HTTP/1.1\r\n\(host)Authorization: Bearer s3cret\r\n"
            let odd = "traceparent: \u{1}\"\\\r\nX-Odd: {\"level\":\"info\"}\r\n\r\n"
            var bytes = Array((head + odd).utf8)
            bytes = bytes.map { $0 == 0xC3 ? 0xFE : $0 }
            _ = try live.client().raw(bytes)
        }
        let answer = try await live.client().get("/api/observed/boom/\(order)")
        #expect(answer.status == 500)
        let records = try LogRecord.all(live.errors)
        #expect(records.count >= 2)
        for record in records {
            #expect(record.string("level") == "error" && record.string("route") == "GET /api/observed/boom/{order}")
        }
        #expect(!live.errors.contains("s3cret"))
    }

    @Test("restarts are counted by what the process did, over generations; and all processes' numbers are summed")
    func restarts() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let live = try await LiveInstallation(world)
        var parsed = try await metrics(live)
        #expect(parsed.problems == [])
        #expect(parsed.value("lyceum_process_restarts_total", ["process": "web"]) == 0)
        #expect(parsed.value("lyceum_process_restarts_total", ["process": "delivery"]) == 0)
        #expect(parsed.value("lyceum_generation_changes_total", ["outcome": "serving"]) == 1)
        #expect(parsed.value("lyceum_generation") == 1)

        for number in 1...20 {
            let answer = try await live.client().send("POST", "/api/observed/orders", json: #"{"key": "n\#(number)"}"#)
            #expect(answer.status == 204)
        }
        // Published by web processes, by listeners and by jobs; twenty each.
        try await waitUntil("all of it is done") {
            parsed = try await metrics(live)
            return parsed.value("lyceum_job_runs", ["job": "observed.finish", "state": "done"]) == 20
        }
        try await waitUntil("all of it is counted") {
            parsed = try await metrics(live)
            return parsed.value("lyceum_events_published_total", ["process": "delivery"]) == 40
        }
        #expect(parsed.value("lyceum_events_published_total", ["process": "web"]) == 20)
        #expect(parsed.value("lyceum_events_behind", ["listener": "observed.handle"]) == 0)

        kill(try #require(live.webProcesses.first), SIGKILL)
        let delivery = try #require(live.processes.first { !live.webProcesses.contains($0) && isDelivery($0) })
        kill(delivery, SIGKILL)
        try await waitUntil("both were started again") {
            parsed = try await metrics(live)
            return parsed.value("lyceum_process_restarts_total", ["process": "web"]) == 1
                && parsed.value("lyceum_process_restarts_total", ["process": "delivery"]) == 1
        }
        // A replacement goes on where its predecessor was.
        #expect(parsed.value("lyceum_request_duration_seconds_count", ["route": "/api/observed/orders"]) == 20)
        try await live.reload()
        try await waitUntil("the next generation answers") {
            parsed = try await metrics(live)
            return parsed.value("lyceum_generation") == 2
        }
        #expect(parsed.value("lyceum_process_restarts_total", ["process": "web"]) == 1)
        #expect(parsed.value("lyceum_generation_changes_total", ["outcome": "serving"]) == 2)
        #expect(parsed.value("lyceum_request_duration_seconds_count", ["route": "/api/observed/orders"]) == 20)
        #expect(parsed.value("lyceum_events_published_total", ["process": "delivery"]) == 40)
    }

    private func isDelivery(_ process: Int32) -> Bool {
        let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return String(decoding: line, as: UTF8.self).split(separator: "\0").contains("--delivery")
    }

    @Test("health and metrics are for the server that names no region, not for a region's visitors")
    func strangers() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let live = try await LiveInstallation(world)
        for path in ["/metrics", "/health/ready", "/health/live", "/health/ready/test"] {
            #expect(try await live.indexClient().get(path).status == 200)
            #expect(try await live.client().get(path).status == 404)
            // Nothing that a client sends takes the region away.
            for header in ["Lyceum-Region", "LYCEUM_REGION", "X-Original-URL", "X-Forwarded-Host"] {
                let forged = TestRequest("GET", path, headers: [(header, "")])
                #expect(try await live.client().send(forged).status == 404)
            }
        }
    }
}
