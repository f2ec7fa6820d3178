import Accounts
import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Live {
    @Suite("Input that nobody sends by mistake")
    struct BadInputTests {
        /// A school with a course of one's own, whose every request must leave it as it was.
        private struct World {
            let school: LiveSchool
            let teacher: String
            let course: String

            init() async throws {
                school = try await LiveSchool()
                teacher = try await school.person("grace", roles: ["instructor"])
                course = try await school.course("swift", by: teacher)
            }

            func send(
                _ method: String, _ path: String, _ body: [UInt8], _ headers: [(name: String, value: String)] = []
            ) async throws -> TestResponse {
                let own = [("Content-Type", "application/json"), ("Authorization", "Bearer \(teacher)")]
                return try await school.client.send(
                    TestRequest(method, path, headers: own.map { (name: $0.0, value: $0.1) } + headers, body: body))
            }
        }

        private func isProblem(_ answer: TestResponse, _ status: Int, _ code: String, _ what: String) {
            #expect(answer.status == status, "\(what): \(answer.text)")
            #expect(answer.header("Content-Type") == "application/problem+json", "\(what)")
            #expect(answer.json("code") as? String == code && answer.json("status") as? Int == status, "\(what)")
            #expect((answer.json("requestId") as? String)?.count == 32, "\(what)")
        }

        @Test("a body that is no JSON, or JSON that cannot be kept, is refused with the place, and nothing is done")
        func bodies() async throws {
            let world = try await World()
            func title(_ text: String) -> [UInt8] { Array(#"{"title": "\#(text)"}"#.utf8) }
            let bodies: [(String, [UInt8], Int, String)] = [
                ("nothing", [], 400, "malformed"), ("half", Array(#"{"title": "Sw"#.utf8), 400, "malformed"),
                ("two", Array("{} {}".utf8), 400, "malformed"),
                ("a comma", Array(#"{"title": "a",}"#.utf8), 400, "malformed"),
                ("a comment", Array("{} // a".utf8), 400, "malformed"),
                ("NaN", Array(#"{"level": NaN}"#.utf8), 400, "malformed"),
                ("a list", Array("[]".utf8), 422, "invalid"), ("null", Array("null".utf8), 422, "invalid"),
                ("deep", Array((String(repeating: "[", count: 100_000)).utf8), 400, "malformed"),
                (
                    "deep and whole",
                    Array(
                        (#"{"title":"# + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
                            + "}").utf8), 400, "malformed"
                ),
                ("a key twice", Array(#"{"title": "a", "title": "b"}"#.utf8), 400, "malformed"),
                ("a key twice, spelt differently", Array(#"{"title": "a", "\u0074itle": "b"}"#.utf8), 400, "malformed"),
                (
                    "a number beyond Int64",
                    Array(#"{"price": {"amount": 9223372036854775808, "currency": "EUR"}}"#.utf8), 400, "malformed"
                ),
                (
                    "a number beyond Double", Array(#"{"price": {"amount": 1e400, "currency": "EUR"}}"#.utf8), 400,
                    "malformed"
                ),
                ("a fraction", Array(#"{"price": {"amount": 0.5, "currency": "EUR"}}"#.utf8), 422, "invalid"),
                ("NUL", title("a\\u0000b"), 400, "malformed"), ("a NUL byte", title("a\0b"), 400, "malformed"),
                ("half a pair", title("\\ud800"), 400, "malformed"),
                ("no UTF-8", Array(#"{"title": ""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8), 400, "malformed"),
                (
                    "an overlong slash", Array(#"{"title": ""#.utf8) + [0xC0, 0xAF] + Array(#""}"#.utf8), 400,
                    "malformed"
                ),
                (
                    "a surrogate in UTF-8", Array(#"{"title": ""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8), 400,
                    "malformed"
                ),
                ("a byte order mark", [0xEF, 0xBB, 0xBF] + title("a"), 400, "malformed"),
                ("UTF-16", Array(Data("{}".data(using: .utf16) ?? Data())), 400, "malformed"),
                ("an unknown field", Array(#"{"titel": "a"}"#.utf8), 422, "invalid"),
                ("a turned text", title("\u{202E}a"), 422, "invalid"),
            ]
            for (what, body, status, code) in bodies {
                for (method, path) in [("POST", "/api/courses"), ("PATCH", "/api/courses/\(world.course)")] {
                    let answer = try await world.send(method, path, body, [("If-Match", "*")])
                    isProblem(answer, status, code, "\(method) \(what)")
                }
            }
            let shown = try await world.send("GET", "/api/courses/\(world.course)", [])
            #expect(shown.json("version") as? Int == 2 && shown.json("title") as? String == "swift")
            #expect(try world.school.world.connection().number("select count(*) from courses.course") == 1)
            #expect(world.school.live.errors == "")
        }

        @Test("an address that is no UTF-8, or that says one thing in two ways, names nothing")
        func addresses() async throws {
            let world = try await World()
            for path in [
                "/api/courses/%ff", "/api/courses/%c0%80", "/api/courses/%ed%a0%80", "/api/%63ourses/%2e%2e",
                "/api/courses/..%2f",
                "/api/courses/\(world.course)%20", "/api/courses/%2e", "/api//courses",
                "/api/courses/\(world.course.uppercased())x",
            ] {
                let answer = try await world.send("GET", path, [])
                isProblem(answer, 404, "not_found", path)
            }
            for query in [
                "search=%ff", "search=%c0%af", "search=%00", "search=%ed%a0%80", "search=%", "search=%zz",
                "limit=9223372036854775808", "limit=1e3", "level=%00", "after=!", "nonsense=1",
            ] {
                let answer = try await world.send("GET", "/api/courses?" + query, [])
                #expect([400, 422].contains(answer.status), "\(query): \(answer.text)")
                #expect(answer.header("Content-Type") == "application/problem+json")
            }
            #expect(world.school.live.errors == "")
        }

        @Test(
            "ten thousand headers are refused by nginx, five hundred pass, and each condition in one has its answer")
        func headers() async throws {
            let world = try await World()
            func many(_ count: Int) -> [(name: String, value: String)] {
                (0..<count).map { (name: "h\($0)", value: "v") }
            }
            let refused = try await world.send("GET", "/api/courses", [], many(10_000))
            isProblem(refused, 431, "headers_too_large", "10,000 headers")
            #expect(try await world.send("GET", "/api/courses", [], many(500)).status == 200)
            let path = "/api/courses/\(world.course)"
            let change = Array(#"{"title": "New"}"#.utf8)
            let tags = (1_000...1_900).map { "\"\($0)\"" }.joined(separator: ", ")
            isProblem(
                try await world.send("PATCH", path, change, [("If-Match", tags)]), 412, "precondition_failed",
                "many tags")
            isProblem(try await world.send("PATCH", path, change), 428, "precondition_required", "no tag")
            isProblem(
                try await world.send("PATCH", path, change, [("If-Match", "\"1\"")]), 412, "precondition_failed",
                "a stale tag")
            isProblem(
                try await world.send("PATCH", path, change, [("If-Match", "\"\u{1}\"")]), 400, "if_match_malformed",
                "a control character")
            let tag = try #require(try await world.send("GET", path, []).header("ETag"))
            let keyed = [(name: "If-Match", value: tag), (name: "Idempotency-Key", value: "k")]
            let first = try await world.send("PATCH", path, change, keyed)
            #expect(first.status == 200)
            let again = try await world.send("PATCH", path, change, keyed)
            #expect(again.status == 200 && again.header("Idempotency-Replayed") == "true" && again.body == first.body)
            isProblem(
                try await world.send("PATCH", path, Array("{}".utf8), keyed), 422, "idempotency_key_reused",
                "a key reused")
            let spared = try await world.send("GET", path, [], [("If-None-Match", try #require(first.header("ETag")))])
            #expect(spared.status == 304 && spared.body.isEmpty)
            #expect(world.school.live.errors == "")
        }

        @Test(
            "a session that is over, or a form without its token, is told so, and nothing is done; a clock that moved ends none"
        )
        func sessions() async throws {
            let world = try await World()
            let client = world.school.client
            let database = try world.school.world.connection()
            let body = Array(#"{"title": "Late", "slug": "late", "price": {"amount": 0, "currency": "EUR"}}"#.utf8)
            func me() async throws -> Int { try await world.send("GET", "/api/accounts/me", []).status }
            // Whoever noted the last use had a clock that is two hours ahead, and then one that is as much behind.
            try database.run("update accounts.session set last_seen_at = last_seen_at + interval '2 hours'")
            #expect(try await me() == 200)
            try database.run("update accounts.session set last_seen_at = last_seen_at - interval '3 hours 50 minutes'")
            #expect(try await me() == 200)
            try database.run("update accounts.session set last_seen_at = now() - interval '2 hours 1 minute'")
            isProblem(
                try await world.send("POST", "/api/courses", body), 401, "unauthenticated", "unused for two hours")
            try database.run(
                "update accounts.session set last_seen_at = now(), expires_at = now() - interval '1 second'")
            isProblem(try await world.send("POST", "/api/courses", body), 401, "unauthenticated", "expired")
            try database.run("update accounts.session set expires_at = now() + interval '1 hour'")
            #expect(try await me() == 200)

            let signIn = try await client.post(
                "/accounts/sign-in", form: [("email", "grace@example.org"), ("password", "correct horse")])
            let cookie = "lyceum=" + (try #require(signIn.cookie("lyceum")))
            let page = try await client.get("/accounts/sessions", cookie: cookie)
            let token = try #require(page.hiddenField("form_token"))
            for forged in [[], [("form_token", "")], [("form_token", String(token.dropLast()) + "-")]] {
                let answer = try await client.post("/accounts/sessions/end", form: forged, cookie: cookie)
                #expect(answer.status == 403, "\(forged)")
            }
            #expect(try await me() == 200, "no forged form ended it")
            // Ended by the page, the other is refused from the next request on.
            let ended = try await client.post("/accounts/sessions/end", form: [("form_token", token)], cookie: cookie)
            #expect(ended.status == 303)
            isProblem(try await world.send("POST", "/api/courses", body), 401, "unauthenticated", "ended elsewhere")
            try database.run("delete from accounts.session")
            let over = try await client.post("/accounts/sessions/end", form: [("form_token", token)], cookie: cookie)
            #expect(over.status == 303 && over.header("Location")?.hasPrefix("/accounts/sign-in") == true)
            #expect(try database.number("select count(*) from courses.course") == 1)
            #expect(world.school.live.errors == "")
        }

        @Test("HEAD through nginx says how long the answer would be, and sends none of it")
        func head() async throws {
            let world = try await World()
            for path in [
                "/api/courses/\(world.course)", "/api/courses", "/api/openapi.json", "/courses", "/api/nothing",
            ] {
                let got = try await world.send("GET", path, [])
                let head = try await world.send("HEAD", path, [])
                #expect(head.status == got.status && head.body.isEmpty, "\(path)")
                #expect(head.header("Content-Type") == got.header("Content-Type"))
                #expect(head.header("ETag") == got.header("ETag"))
                #expect(head.header("Content-Length") == "\(got.body.count)", "\(path)")
            }
        }

        @Test("a request cut half-way does nothing, and one whose body comes slowly holds no worker")
        func halfAndSlow() async throws {
            let world = try await World()
            let client = world.school.client
            let body = #"{"title": "Slow", "slug": "slow", "price": {"amount": 0, "currency": "EUR"}}"#
            let head = [
                "POST /api/courses HTTP/1.1", "Host: academy.localhost", "Connection: close",
                "Authorization: Bearer \(world.teacher)", "Content-Type: application/json",
                "Content-Length: \(body.utf8.count)", "", "",
            ].joined(separator: "\r\n")
            let request = Array((head + body).utf8)
            for count in [head.utf8.count - 1, head.utf8.count, head.utf8.count + 20, request.count - 1] {
                try client.hangUp(after: Array(request.prefix(count)))
            }
            // More slow senders than the workers have threads, and others are served meanwhile.
            let slow = (0..<40).map { _ in
                Task.detached {
                    try client.raw(
                        Array(request.dropLast(10)), then: Array(request.suffix(10)), after: .milliseconds(1_500))
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            let began = ContinuousClock.now
            #expect(try await client.get("/api/courses").status == 200)
            #expect(ContinuousClock.now - began < .seconds(1.2), "it did not wait for them")
            var created = 0
            for task in slow {
                let answer = try await task.value
                if answer.hasPrefix("HTTP/1.1 201 ") { created += 1 }
                #expect(
                    answer.hasPrefix("HTTP/1.1 201 ") || answer.contains("courses.slug_taken")
                        || answer.hasPrefix("HTTP/1.1 503 "), "\(answer)")
            }
            #expect(created == 1, "of all that want the same name one gets it, and none that was cut")
            #expect(try world.school.world.connection().number("select count(*) from courses.course") == 2)
        }
    }

    @Suite("What all processes of a host count together")
    struct SharedLimitTests {
        @Test("a rate limit is the same for both processes, outlives a generation, and cannot be talked out of")
        func shared() async throws {
            var api = APISettings()
            api.limits = [APISettings.Quota("accounts.sign-in", requests: 6, seconds: 3_600)]
            api.origins = ["https://app.example.org"]
            let world = try await TestInstallation(
                regions: ["academy"], plugins: [AccountsPlugin.self], limited: true, api: api)
            let live = try await LiveInstallation(world)
            func signIn(_ headers: [(name: String, value: String)] = []) async throws -> TestResponse {
                try await live.client().send(
                    TestRequest(
                        "POST", "/api/accounts/sessions",
                        headers: [("Content-Type", "application/json"), ("Origin", "https://app.example.org")]
                            + headers,
                        body: Array("{}".utf8)))
            }
            var left: Set<String> = []
            for _ in 0..<6 {
                let answer = try await signIn()
                #expect(answer.status == 422 && answer.header("RateLimit-Policy") == "\"accounts.sign-in\";q=6;w=3600")
                left.insert((answer.header("RateLimit") ?? "").components(separatedBy: ";t=")[0])
            }
            #expect(left == Set((0..<6).map { "\"accounts.sign-in\";r=\($0)" }), "each was counted once: \(left)")
            for _ in 0..<6 { #expect(try await signIn().status == 429) }
            let forwarded = ["X-Forwarded-For", "X-Real-IP", "Forwarded", "REMOTE_ADDR", "Remote-Addr", "Client-IP"]
            #expect(try await signIn(forwarded.map { (name: $0, value: "198.51.100.7") }).status == 429)
            try await live.reload()
            let after = try await signIn()
            #expect(after.status == 429 && after.json("code") as? String == "rate_limited")
            #expect(after.header("Retry-After").flatMap { Int($0) }.map { (500...600).contains($0) } == true)
            #expect(
                after.header("Access-Control-Allow-Origin") == "https://app.example.org"
                    && after.header("Vary") == "Origin")
            let page = try await live.client().post("/accounts/sign-in", form: [("email", "a"), ("password", "b")])
            #expect(
                page.status == 429 && page.header("Content-Type") == "text/html; charset=utf-8",
                "a page of the same limit")
            let question = try await live.client().send(
                TestRequest(
                    "OPTIONS", "/api/accounts/sessions",
                    headers: [("Origin", "https://app.example.org"), ("Access-Control-Request-Method", "POST")]))
            #expect(
                question.status == 204 && question.header("Access-Control-Allow-Methods") == question.header("Allow"))
            #expect(live.errors == "")
        }
    }
}
