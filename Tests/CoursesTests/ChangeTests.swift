import Foundation
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Changing a course")
struct ChangeTests {
    private let school: School
    private let grace: String
    private let course: String

    init() async throws {
        school = try await School()
        grace = try await school.person("grace", roles: ["instructor"])
        course = try await school.course("swift", by: grace)
    }

    private func send(
        _ method: String, _ match: String?, _ json: String = "", token: String? = nil,
        headers: [(name: String, value: String)] = [], course: String? = nil
    ) async throws -> TestResponse {
        var headers = headers + [("Authorization", "Bearer \(token ?? grace)")]
        if !json.isEmpty { headers.append(("Content-Type", "application/json")) }
        if let match { headers.append((method == "GET" ? "If-None-Match" : "If-Match", match)) }
        return try await school.client.send(
            TestRequest(method, "/api/courses/\(course ?? self.course)", headers: headers, body: Array(json.utf8)))
    }

    private func code(_ answer: TestResponse) -> String? { answer.json("code") as? String }

    @Test("leaves alone what is absent, empties what is null, sets what has a value")
    func fields() async throws {
        let tag = try #require(try await send("GET", nil).header("ETag"))
        #expect(tag.hasPrefix("\"2.") && tag.hasSuffix("\""), "it was published: \(tag)")
        let set = try await send(
            "PATCH", tag, #"{"title": "Swift", "summary": "In a week", "description": "a\nb", "level": "advanced"}"#)
        #expect(set.status == 200 && set.json("version") as? Int == 3)
        #expect(set.json("title") as? String == "Swift" && set.json("slug") as? String == "swift")
        #expect(set.json("summary") as? String == "In a week" && set.json("description") as? String == "a\nb")
        let next = try #require(set.header("ETag"))
        let emptied = try await send("PATCH", next, #"{"summary": null}"#)
        #expect(emptied.json("summary") is NSNull && emptied.json("description") as? String == "a\nb")
        #expect(emptied.json("level") as? String == "advanced" && emptied.json("version") as? Int == 4)
        let wrong = try await send(
            "PATCH", "*", #"{"title": null, "level": "expert", "price": {"amount": -1, "currency": "EUR"}}"#)
        #expect(wrong.status == 422)
        let pointers = (wrong.json("errors") as? [[String: Any]])?.compactMap { $0["pointer"] as? String }
        #expect(pointers?.contains("/title") == true && pointers?.contains("/level") == true)
        let priced = try await send("PATCH", "*", #"{"price": {"amount": 500, "currency": "USD"}}"#)
        #expect(code(priced) == "courses.foreign_currency")
        _ = try await school.course("taken", by: grace)
        #expect(code(try await send("PATCH", "*", #"{"slug": "taken"}"#)) == "courses.slug_taken")
        #expect(try await send("GET", nil).json("version") as? Int == 4, "what was refused changed nothing")
    }

    @Test("needs a version: without one 428, of another one 412, of none that can be read 400")
    func preconditions() async throws {
        let json = #"{"title": "Other"}"#
        let none = try await send("PATCH", nil, json)
        #expect(none.status == 428 && code(none) == "precondition_required")
        for stale in [
            "\"1\"", "\"1.abc\"", "W/\"2\"", "W/\"2.abc\", \"1\"", "\"02\"", "\"+2\"", "\"\"", "\"x\"",
            "\"99999999999999999999\"",
        ] {
            let answer = try await send("PATCH", stale, json)
            #expect(answer.status == 412 && code(answer) == "precondition_failed", "\(stale)")
            #expect((answer.json("detail") as? String)?.contains("version 2") == true)
        }
        for malformed in ["", "2", "\"2", "\"2\" \"3\"", "W/2", "**", "\"2\", x", ",", "w/\"2\"", "\"a b\""] {
            let answer = try await send("PATCH", malformed, json)
            #expect(answer.status == 400 && code(answer) == "if_match_malformed", "\(malformed)")
        }
        #expect(try await send("GET", nil).json("version") as? Int == 2)
        for (index, good) in ["\"1\", \"2\"", "*", "\"4\"", ", W/\"1\" ,, \"5.whatever\""].enumerated() {
            let answer = try await send("PATCH", good, json)
            #expect(answer.status == 200 && answer.json("version") as? Int == 3 + index, "\(good)")
        }
    }

    @Test("is for its author and for who edits every course; nobody else learns which version there is")
    func access() async throws {
        let json = #"{"title": "Mine"}"#
        let barbara = try await school.person("barbara", roles: ["instructor"])
        let ada = try await school.person("ada")
        let radia = try await school.person("radia", roles: ["admin"])
        #expect(try await send("PATCH", "\"1\"", json, token: barbara).status == 404)
        #expect(try await send("PATCH", nil, json, token: ada).status == 403)
        #expect(try await send("PATCH", "*", json, token: "nonsense").status == 401)
        #expect(try await send("PATCH", "*", json, course: "018f0000-0000-7000-8000-000000000000").status == 404)
        #expect(try await send("PATCH", "*", json, token: radia).status == 200)
    }

    @Test("of two who change the same version at once one is done and the other told", arguments: 0..<3)
    func twoWriters(_ round: Int) async throws {
        let tag = try #require(try await send("GET", nil).header("ETag"))
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<6 {
                group.addTask { try await send("PATCH", tag, #"{"title": "Title \#(number)"}"#).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 412, 412, 412, 412, 412])
        #expect(try await send("GET", nil).json("version") as? Int == 3)
    }

    @Test("nobody is sent what they have: 304 without a body, until anything of it is another")
    func conditionalGet() async throws {
        let first = try await send("GET", nil)
        let tag = try #require(first.header("ETag"))
        #expect(first.header("Cache-Control") == "private, no-cache")
        for method in ["GET", "HEAD"] {
            for known in [tag, "W/" + tag, "\"x\", " + tag, "*"] {
                let again = try await send(
                    method, nil, headers: [("If-None-Match", known)])
                #expect(again.status == 304 && again.body.isEmpty && again.header("ETag") == tag, "\(method) \(known)")
                #expect(again.header("Content-Type") == nil && again.header("Content-Length") == nil)
                #expect(again.header("Cache-Control") == "private, no-cache")
            }
        }
        for unknown in ["\"2\"", "nonsense", "", "\"2.0\""] { #expect(try await send("GET", unknown).status == 200) }
        // A learner more is another answer, though the same version.
        try school.world.connection().run("insert into courses.learner_count values (\(course)::uuid, 7)")
        let more = try await send("GET", tag)
        #expect(more.status == 200 && more.json("version") as? Int == 2 && more.header("ETag") != tag)
        #expect(try await send("PATCH", tag, #"{"title": "New"}"#).status == 200, "nothing of it can be lost")
    }

    @Test("an answer to a change has the tag that the next question gets")
    func tags() async throws {
        let changed = try await send("PATCH", "*", #"{"title": "New"}"#)
        let shown = try await send("GET", nil)
        #expect(changed.text == shown.text && changed.header("ETag") == shown.header("ETag"))
    }

    @Test("with the same key and another version is another request")
    func keys() async throws {
        let json = #"{"title": "Once"}"#
        let key = [(name: "Idempotency-Key", value: "k")]
        let first = try await send("PATCH", "\"2\"", json, headers: key)
        #expect(first.status == 200)
        let again = try await send("PATCH", "\"2\"", json, headers: key)
        #expect(again.status == 200 && again.body == first.body && again.header("ETag") == first.header("ETag"))
        #expect(again.header("Idempotency-Replayed") == "true")
        let other = try await send("PATCH", "\"3\"", json, headers: key)
        #expect(other.status == 422 && code(other) == "idempotency_key_reused")
        #expect(try await send("GET", nil).json("version") as? Int == 3)
    }

    @Test("on a page: a stale form says so, shows what there is by now, and keeps what was entered")
    func page() async throws {
        let cookie = try await school.visitor("mary", roles: ["instructor"])
        try school.world.connection().run(
            "update courses.course set author_id = (select id from accounts.account where email = 'mary@example.org')")
        let path = "/courses/\(course)/edit"
        let shown = try await school.client.get(path, cookie: cookie)
        #expect(shown.status == 200 && shown.text.contains("value=\"swift\"") && shown.hiddenField("version") == "2")
        let token = try #require(shown.hiddenField("form_token"))
        func save(_ title: String, _ version: String, slug: String = "swift") async throws -> TestResponse {
            try await school.client.post(
                path,
                form: [
                    ("form_token", token), ("version", version), ("title", title), ("slug", slug), ("summary", ""),
                    ("description", "One\r\nTwo"), ("level", "advanced"),
                ], cookie: cookie)
        }
        let saved = try await save("Swift <b>", "2")
        #expect(saved.status == 303 && saved.header("Location") == "/courses/\(course)")
        let stale = try await save("My title", "2")
        #expect(stale.status == 412 && stale.text.contains("Somebody else has changed this course"))
        #expect(stale.text.contains("value=\"My title\"") && stale.text.contains("Swift &lt;b&gt;"))
        #expect(stale.hiddenField("version") == "3" && stale.text.contains("value=\"advanced\" selected"))
        #expect(try await save("My title", "3").status == 303, "whoever has seen it may write over it")
        let wrong = try await save("", "4")
        #expect(wrong.status == 422 && wrong.hiddenField("version") == "4" && wrong.text.contains("is-invalid"))
        _ = try await school.course("taken", by: grace)
        #expect(try await save("My title", "4", slug: "taken").status == 409)
        // Nobody else sees the form, or can send it.
        let other = try await school.visitor("barbara", roles: ["instructor"])
        #expect(try await school.client.get(path, cookie: other).status == 404)
        #expect(try await school.client.get(path).status == 303)
    }
}
