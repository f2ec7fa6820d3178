import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The same as an API")
struct APITests {
    @Test("deliveries are listed, shown, tried again, skipped and replayed")
    func deliveries() async throws {
        let world = try await AdminWorld()
        let (client, token) = (world.client, world.adminToken)
        try await world.send("k", [1, 2])
        for event in 1...3 {
            try world.fail(
                Int64(event), payload: #"{"deep": {"list": [1.50]}}"#, error: "outer",
                causes: #"{"causes": [{"sentence": "outer", "kind": "A", "sqlState": "42703"}]}"#)
        }
        let all = try await client.get("/api/lyceum/deliveries", token: token)
        let listeners = try #require(all.json() as? [[String: Any]])
        let listener = try #require(listeners.first { $0["listener"] as? String == "recorder.write-down" })
        #expect(listener["behind"] as? Int == 2 && listener["dead"] as? Int == 3)
        #expect(listener["state"] as? String == "active")
        #expect((listener["lanes"] as? [[String: Any]])?.count == 1)
        let path = "/api/lyceum/deliveries/recorder.write-down"
        let first = try await client.get(path + "?limit=2&state=dead", token: token)
        #expect((first.json("items") as? [Any])?.count == 2)
        let next = try #require(first.json("next") as? String)
        let second = try await client.get(path + "?limit=2&state=dead&after=\(next)", token: token)
        #expect(second.json("items", 0, "event") as? Int == 3)
        #expect(try await client.get(path + "x", token: token).status == 404)
        let one = try await client.get(path + "/2", token: token)
        #expect(one.text.contains(#""payload":{"deep": {"list": [1.50]}}"#))
        #expect(one.json("causes", 0, "sqlState") as? String == "42703")
        #expect(one.json("publishedAt") as? String == "2026-01-31T12:30:00Z")
        #expect(try await client.get(path + "/99", token: token).status == 404)
        let retried = try await client.send("POST", path + "/2/retry", json: "", token: token)
        #expect(retried.json("count") as? Int == 1)
        #expect(try await client.send("POST", path + "/99/retry", json: "", token: token).status == 409)
        #expect(try await client.send("POST", path + "x/retry", json: "", token: token).status == 404)
        #expect(
            try await client.send("POST", path + "/retry", json: "", token: token).json("count") as? Int == 3)
        #expect(try await client.send("POST", path + "/2/skip", json: "{}", token: token).status == 422)
        let skipped = try await client.send("POST", path + "/2/skip", json: #"{"reason": "gone"}"#, token: token)
        #expect(skipped.status == 204)
        #expect(try world.number("select count(*) from lyceum.retry") == 2)
        let unsaid = try await client.send("POST", path + "/replay", json: #"{"from": "event"}"#, token: token)
        #expect(unsaid.json("errors", 0, "pointer") as? String == "/event")
        for body in [
            #"{"from": "beginning"}"#, #"{"from": "event", "event": 2}"#,
            #"{"from": "time", "at": "2026-01-01T00:00:00Z"}"#,
        ] {
            #expect(try await client.send("POST", path + "/replay", json: body, token: token).status == 204)
        }
        #expect(try world.number("select count(*) from lyceum.intervention where means = 'api'") == 6)
        #expect(
            try world.number("select count(*) from lyceum.intervention where name = 'radia' and account is not null")
                == 6)
    }

    @Test("a backlog is given up where that is confirmed, and no listener is forgotten that a plugin has")
    func givingUp() async throws {
        let world = try await AdminWorld()
        try await world.send("k", [1])
        try world.fail(900)
        let path = "/api/lyceum/deliveries/recorder.write-down"
        func send(_ act: String, _ json: String) async throws -> TestResponse {
            try await world.client.send("POST", "\(path)/\(act)", json: json, token: world.adminToken)
        }
        #expect(try await send("skip", #"{"reason": "gone"}"#).status == 422)
        let unsure = try await send("skip", #"{"reason": "gone", "confirmed": false}"#)
        #expect(unsure.json("errors", 0, "pointer") as? String == "/confirmed", "\(unsure.text)")
        #expect(try await send("skip", #"{"reason": "gone", "confirmed": true}"#).status == 204)
        #expect(try world.number("select count(*) from lyceum.retry") == 0)
        let kept = try await send("forget", #"{"confirmed": true}"#)
        #expect(kept.status == 409 && kept.json("code") as? String == "not_possible", "\(kept.text)")
    }

    @Test("a request with a key is done once, whole or not at all")
    func key() async throws {
        let world = try await AdminWorld()
        for event in 1...2 { try world.fail(Int64(event)) }
        func send(_ path: String, _ json: String, key: String) async throws -> Int {
            let headers = [
                ("Content-Type", "application/json"), ("Authorization", "Bearer \(world.adminToken)"),
                ("Idempotency-Key", key),
            ]
            return try await world.client.send(
                TestRequest("POST", "/api/lyceum/" + path, headers: headers, body: Array(json.utf8))
            ).status
        }
        let path = "deliveries/recorder.write-down"
        for _ in 0..<2 { #expect(try await send(path + "/1/skip", #"{"reason": "gone"}"#, key: "skip") == 204) }
        #expect(try await send(path + "/1/skip", #"{"reason": "gone"}"#, key: "other") == 409)
        for _ in 0..<2 { #expect(try await send(path + "/retry", "", key: "retry") == 200) }
        let start = #"{"payload": {"number": 3, "before": 0, "after": 0}}"#
        for _ in 0..<2 { #expect(try await send("jobs/jobber.steps/runs", start, key: "run") == 201) }
        let run = try #require(
            try world.database.query("select id::text from lyceum.job").map { row in try row.next(as: String.self) }
                .first)
        for _ in 0..<2 { #expect(try await send("jobs/runs/\(run)/cancel", "", key: "cancel") == 204) }
        #expect(try world.number("select count(*) from lyceum.intervention") == 4)
        #expect(try world.number("select count(*) from lyceum.job") == 1)
    }

    @Test("the event log is listed and shown")
    func events() async throws {
        let world = try await AdminWorld()
        try await world.send("k", [1, 2, 3])
        let log = "/api/lyceum/events/recorder.number.sent/1"
        let first = try await world.client.get(log + "?limit=2", token: world.adminToken)
        let before = try #require(first.json("before") as? Int)
        let second = try await world.client.get(log + "?limit=2&before=\(before)", token: world.adminToken)
        #expect((second.json("items") as? [Any])?.count == 1)
        #expect(second.text.hasSuffix(#""before":null}"#))
        let event = try #require(second.json("items", 0, "event") as? Int)
        let one = try await world.client.get(log + "/\(event)", token: world.adminToken)
        #expect(one.json("payload", "number") as? Int == 1)
        for major in ["0", "2", "2147483648", "01", "x"] {
            let path = "/api/lyceum/events/recorder.number.sent/\(major)"
            let none = try await world.client.get(path, token: world.adminToken)
            #expect(major == "2" ? none.json("items", 0) == nil && none.status == 200 : none.status == 404, "\(major)")
        }
    }

    @Test("jobs are listed, shown, run, cancelled and tried again")
    func jobs() async throws {
        let world = try await AdminWorld(minutely: true)
        let (client, token) = (world.client, world.adminToken)
        let started = try await client.send(
            "POST", "/api/lyceum/jobs/jobber.steps/runs",
            json: #"{"payload": {"number": 3, "before": 0, "after": 0}}"#, token: token)
        #expect(started.status == 201, "\(started.text)")
        let path = try #require(started.header("Location"))
        #expect(started.json("payload", "number") as? Int == 3)
        let wrong = try await client.send(
            "POST", "/api/lyceum/jobs/jobber.steps/runs", json: #"{"payload": {"number": "x"}}"#, token: token)
        #expect(wrong.status == 422)
        #expect(wrong.json("errors", 0, "pointer") as? String == "/payload/number")
        #expect(wrong.json("errors", 0, "code") as? String == "payload.type")
        #expect(
            try await client.send("POST", "/api/lyceum/jobs/none.such/runs", json: "{}", token: token).status == 404)
        let standings = try #require(
            try await client.get("/api/lyceum/jobs", token: token).json() as? [[String: Any]])
        #expect(standings.first { $0["job"] as? String == "jobber.steps" }?["queued"] as? Int == 1)
        #expect(standings.first { $0["job"] as? String == "jobber.minutely" }?["nextAt"] is String)
        #expect(try await client.send("POST", path + "/retry", json: "", token: token).status == 409)
        #expect(try await client.send("POST", path + "/cancel", json: "", token: token).status == 204)
        #expect(try await client.get(path, token: token).json("state") as? String == "cancelled")
        #expect(try await client.send("POST", path + "/retry", json: "", token: token).status == 204)
        let runs = try await client.get("/api/lyceum/jobs/runs?state=queued&job=jobber.steps", token: token)
        #expect((runs.json("items") as? [Any])?.count == 1)
    }

    @Test("the API's document describes it")
    func document() async throws {
        let world = try await AdminWorld()
        let document = try await world.client.get("/api/openapi.json")
        let operation = document.json("paths", "/api/lyceum/deliveries/{listener}/{event}/skip", "post")
        #expect(operation != nil)
        #expect(document.text.contains("lyceum.FailedEventDetail"))
    }
}
