import Accounts
import Courses
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Live {
    @Suite("What is refused, and how")
    struct RefusalTests {
        /// Says what a problem must say, and answers its code.
        private func code(_ answer: TestResponse, _ status: Int) -> String? {
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.header("Content-Type") == "application/problem+json")
            #expect(answer.json("status") as? Int == status)
            #expect((answer.json("title") as? String)?.isEmpty == false)
            #expect((answer.json("requestId") as? String)?.count == 32)
            return answer.json("code") as? String
        }

        private func isPage(_ answer: TestResponse, _ status: Int) -> Bool {
            answer.status == status && answer.header("Content-Type") == "text/html; charset=utf-8"
        }

        @Test("an unknown region is named; the index lists those there are")
        func unknownRegion() async throws {
            let school = try await LiveSchool()
            let unknown = school.live.client(region: "nowhere")
            let answer = try await unknown.get("/api/courses")
            #expect(code(answer, 404) == "unknown_region")
            #expect((answer.json("detail") as? String)?.contains("\"nowhere\"") == true)
            #expect(try await unknown.get("/").status == 404)
            #expect(try await unknown.get("/accounts/sign-in").status == 404)
            let index = try await school.live.indexClient().get("/")
            #expect(isPage(index, 200))
            #expect(index.text.contains("//academy.localhost:\(school.live.port)/"))
            #expect(index.text.contains("//studio.localhost:\(school.live.port)/"))
        }

        @Test("an unknown route is a problem for programs and a page for people")
        func unknownRoute() async throws {
            let school = try await LiveSchool()
            for path in ["/api/courses/a/b/c", "/api/nothing", "/api/courses/", "/api//courses", "/api/Courses"] {
                #expect(code(try await school.client.get(path), 404) == "not_found", "\(path)")
            }
            for path in ["/nothing", "/courses/nonsense", "/courses/a/b"] {
                #expect(isPage(try await school.client.get(path), 404), "\(path)")
            }
        }

        @Test("a method that an address does not have is refused with exactly those it has")
        func methods() async throws {
            let school = try await LiveSchool()
            for (method, path, allow) in [
                ("DELETE", "/api/courses", "GET, POST, HEAD, OPTIONS"),
                ("GET", "/api/accounts/registrations", "POST, OPTIONS"),
                ("PUT", "/api/accounts/me", "GET, HEAD, OPTIONS"),
                ("POST", "/api/accounts/sessions/current", "DELETE, OPTIONS"),
            ] {
                let answer = try await school.client.send(TestRequest(method, path))
                #expect(code(answer, 405) == "method_not_allowed", "\(method) \(path)")
                #expect(answer.header("Allow") == allow, "\(method) \(path)")
            }
            let page = try await school.client.send(TestRequest("DELETE", "/courses"))
            #expect(isPage(page, 405))
            #expect(page.header("Allow") == "GET, HEAD, OPTIONS")
        }

        @Test("JSON that is none is refused with the line and the column")
        func malformed() async throws {
            let school = try await LiveSchool()
            for (body, place) in [
                ("{\n  \"name\": \n}", "line 3, column 1"), ("{\"name\": \"Ada\",, }", "line 1, column 16"),
                ("", "is empty"),
                ("{\"name\": \"Ada\"} {}", "line 1, column 17"), ("{\"name\": 1, \"name\": 2}", "line 1"),
            ] {
                let answer = try await school.client.send("POST", "/api/accounts/registrations", json: body)
                #expect(code(answer, 400) == "malformed", "\(body)")
                let detail = answer.json("errors", 0, "detail") as? String
                #expect(detail?.contains(place) == true, "\(body) -> \(detail ?? "no detail")")
            }
        }

        @Test("all that is wrong with a body is said at once, and nothing is done")
        func faults() async throws {
            let school = try await LiveSchool()
            let teacher = try await school.person("grace", roles: ["instructor"])
            let answer = try await school.client.send(
                "POST", "/api/courses",
                json: #"""
                    {"title": "", "slug": "Not A Slug", "levle": "beginner", "level": "expert",
                     "price": {"amount": "1.5", "currency": "EURO"}}
                    """#, token: teacher)
            #expect(code(answer, 422) == "invalid")
            let faults = try #require(answer.json("errors") as? [[String: String]])
            #expect(
                Set(faults.compactMap { $0["pointer"] })
                    == ["/title", "/slug", "/levle", "/level", "/price/amount", "/price/currency"])
            #expect(faults.allSatisfy { $0["detail"]?.isEmpty == false && $0["code"]?.isEmpty == false })
            #expect(try school.world.connection().number("select count(*) from courses.course") == 0)
        }

        @Test("a body that is too large is refused, by a worker as by nginx")
        func tooLarge() async throws {
            var limits = Generation.Limits()
            limits.bodyBytes = 65_536
            let world = try await TestInstallation(plugins: [AccountsPlugin.self], limits: limits)
            let live = try await LiveInstallation(world)
            func post(_ count: Int) async throws -> TestResponse {
                try await live.client().send(
                    "POST", "/api/accounts/registrations", json: String(repeating: " ", count: count))
            }
            #expect(code(try await post(65_536), 400) == "malformed")
            let worker = try await post(65_537)
            #expect(code(worker, 413) == "body_too_large")
            #expect(worker.json("detail") as? String == "At most 65536 bytes are accepted here.")
            #expect(code(try await post(1_048_577), 413) == "body_too_large")
            #expect(try await live.client().get("/accounts/register").status == 200)
        }

        @Test("a body of another media type is refused with the one that is read")
        func mediaType() async throws {
            let school = try await LiveSchool()
            let body = Array(#"{"name": "Ada", "email": "ada@example.org", "password": "correct horse"}"#.utf8)
            for type in [
                "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/xml", nil,
            ] {
                let answer = try await school.client.send(
                    TestRequest(
                        "POST", "/api/accounts/registrations", headers: type.map { [("Content-Type", $0)] } ?? [],
                        body: body))
                #expect(code(answer, 415) == "unsupported_media_type", "\(type ?? "none")")
                #expect((answer.json("detail") as? String)?.contains("application/json") == true)
            }
            #expect(try school.world.connection().number("select count(*) from accounts.account") == 0)
        }
    }
}
