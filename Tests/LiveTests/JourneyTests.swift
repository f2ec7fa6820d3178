import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Live {
    @Suite("A learner's journey")
    struct JourneyTests {
        @Test("as pages: a teacher writes and publishes, a learner registers, returns, enrols, and is counted")
        func pages() async throws {
            let school = try await LiveSchool()
            let course = try await teach(school)
            let client = school.client

            // A guest looks around, and is sent to sign in when it gets personal.
            let home = try await client.get("/")
            #expect(home.status == 303 && home.header("Location") == "/courses")
            let catalogue = try await client.get("/courses")
            #expect(catalogue.status == 200)
            #expect(catalogue.text.contains("<a class=\"stretched-link") && catalogue.text.contains("Swift &amp; you"))
            #expect(catalogue.text.contains("/courses/\(course)\""))
            let guest = try await client.get("/courses/mine")
            #expect(guest.status == 303)
            #expect(guest.header("Location") == "/accounts/sign-in?return=/courses/mine")
            #expect(try await client.get("/assets/lyceum/lyceum.css?v=1").status == 200)

            // Registers with faults first, then well.
            let faulty = try await client.post(
                "/accounts/register", form: [("name", "Ada <3"), ("email", "nowhere"), ("password", "short")])
            #expect(faulty.status == 422)
            #expect(faulty.text.contains("value=\"Ada &lt;3\"") && !faulty.text.contains("short"))
            let registered = try await client.post(
                "/accounts/register",
                form: [("name", "Ada <3"), ("email", "ada@example.org"), ("password", "correct horse")])
            #expect(registered.status == 303)
            let set = try #require(registered.header("Set-Cookie"))
            #expect(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"))
            let first = "lyceum=" + (try #require(registered.cookie("lyceum")))

            // Signs out and in again, on the way back to where it was going.
            let known = try await client.get("/courses", cookie: first)
            #expect(known.text.contains("Ada &lt;3"))
            let out = try await client.post(
                "/accounts/sign-out", form: [("form_token", try #require(known.hiddenField("form_token")))],
                cookie: first)
            #expect(out.status == 303)
            #expect(
                try await client.get("/courses/mine", cookie: first).status == 303, "the old cookie is worth nothing")
            let wrong = try await client.post(
                "/accounts/sign-in", form: [("email", "ada@example.org"), ("password", "wrong horse!")])
            #expect(wrong.status == 401 && wrong.cookie("lyceum") == nil)
            let back = try await client.post(
                "/accounts/sign-in",
                form: [("email", "ada@example.org"), ("password", "correct horse"), ("return", "/courses/mine")])
            #expect(back.status == 303 && back.header("Location") == "/courses/mine")
            let cookie = "lyceum=" + (try #require(back.cookie("lyceum")))
            #expect(cookie != first)
            // Whom one region knows is a guest in another.
            let elsewhere = try await school.live.client(region: "studio").get("/accounts/sign-in", cookie: cookie)
            #expect(elsewhere.status == 200 && elsewhere.hiddenField("form_token") == nil)

            // Enrols: not without the form's token, not with another session's, then with its own; twice is no mistake.
            let mine = try await client.get("/courses/mine", cookie: cookie)
            #expect(mine.text.contains("You have not joined a course yet."))
            let page = try await client.get("/courses/\(course)", cookie: cookie)
            #expect(page.text.contains("0 learners") && page.text.contains("Enrol for free"))
            let token = try #require(page.hiddenField("form_token"))
            let path = "/courses/\(course)/enrollment"
            #expect(try await client.post(path, form: [], cookie: cookie).status == 403)
            #expect(
                try await client.post(
                    path, form: [("form_token", try #require(known.hiddenField("form_token")))], cookie: cookie
                ).status == 403)
            for _ in 0..<2 {
                let joined = try await client.post(path, form: [("form_token", token)], cookie: cookie)
                #expect(joined.status == 303 && joined.header("Location") == "/courses/mine")
            }
            let after = try await client.get("/courses/mine", cookie: cookie)
            #expect(after.text.contains("/courses/\(course)") && after.text.contains("Swift &amp; you"))
            try await waitUntil("the course's page counts the learner") {
                try await client.get("/courses/\(course)", cookie: cookie).text.contains("1 learner<")
            }
            let joined = try await client.get("/courses/\(course)", cookie: cookie)
            #expect(joined.text.contains("You have a place in this course.") && !joined.text.contains("Enrol for free"))
            #expect(school.live.errors == "")
        }

        /// A teacher's part, through the pages: writes a draft, which only authors see, and publishes it.
        private func teach(_ school: LiveSchool) async throws -> String {
            let client = school.client
            let registered = try await client.post(
                "/accounts/register",
                form: [("name", "Grace"), ("email", "grace@example.org"), ("password", "correct horse")])
            let cookie = "lyceum=" + (try #require(registered.cookie("lyceum")))
            #expect(try await client.get("/courses/teaching", cookie: cookie).status == 403)
            try school.grant(["instructor"], to: "grace@example.org")
            let empty = try await client.get("/courses/teaching", cookie: cookie)
            #expect(empty.status == 200)
            let token = try #require(empty.hiddenField("form_token"))
            let written = try await client.post(
                "/courses/teaching",
                form: [
                    ("title", "Swift & you"), ("slug", "swift-and-you"), ("summary", "A week"), ("level", "beginner"),
                    ("form_token", token),
                ], cookie: cookie)
            #expect(written.status == 303, "\(written.text)")
            let id = try #require(try school.world.connection().texts("select id::text from courses.course").first)
            #expect(try await client.get("/courses/\(id)").status == 404)
            #expect(try await client.get("/courses/\(id)", cookie: cookie).status == 200)
            let published = try await client.post(
                "/courses/\(id)/publication", form: [("form_token", token)], cookie: cookie)
            #expect(published.status == 303 && published.header("Location") == "/courses/\(id)")
            return id
        }

        @Test("as an API: with tokens, from registration to the count of learners, and out again")
        func api() async throws {
            let school = try await LiveSchool()
            let client = school.client
            let teacher = try await school.person("grace", roles: ["instructor"])
            let category = try await client.send(
                "POST", "/api/courses/categories", json: #"{"name": "Programming", "slug": "programming"}"#,
                token: teacher)
            let programming = try #require(category.json("id") as? String, "\(category.text)")
            let made = try await client.send(
                "POST", "/api/courses",
                json: #"""
                    {"title": "Swift in a week", "slug": "swift", "category": "\#(programming)",
                     "price": {"amount": 0, "currency": "EUR"}}
                    """#, token: teacher)
            #expect(made.status == 201)
            let course = try #require(made.json("id") as? String)
            #expect(made.header("Location") == "/api/courses/\(course)")
            #expect(try await client.get("/api/courses/\(course)").status == 404, "a draft")
            #expect(
                try await client.send("POST", "/api/courses/\(course)/publication", json: "", token: teacher).status
                    == 200)

            let ada = try await school.person("ada")
            let bob = try await school.person("bob")
            let me = try await client.get("/api/accounts/me", token: ada)
            #expect(me.json("email") as? String == "ada@example.org")
            let found = try await client.get("/api/courses?search=week&category=programming", token: ada)
            #expect(found.json("items", 0, "id") as? String == course && found.json("items", 1) == nil)
            let place = "/api/courses/\(course)/enrollment"
            #expect(try await client.send("POST", place, json: "").status == 401)
            for token in [ada, bob] {
                let enrolled = try await client.send("POST", place, json: "", token: token)
                #expect(enrolled.status == 201 && enrolled.json("course") as? String == course)
                let again = try await client.send("POST", place, json: "", token: token)
                #expect(again.status == 409 && again.json("code") as? String == "courses.already_enrolled")
            }
            let mine = try await client.get("/api/courses/enrollments", token: ada)
            #expect(mine.json("items", 0, "title") as? String == "Swift in a week" && mine.json("items", 1) == nil)
            try await waitUntil("the course counts both learners") {
                try await client.get("/api/courses/\(course)").json("learners") as? Int == 2
            }
            let end = TestRequest(
                "DELETE", "/api/accounts/sessions/current", headers: [("Authorization", "Bearer \(ada)")])
            #expect(try await client.send(end).status == 204)
            #expect(try await client.get("/api/courses/enrollments", token: ada).status == 401)
            #expect(try await client.get("/api/courses/enrollments", token: bob).status == 200)
            #expect(school.live.errors == "")
        }

        @Test("everything ends with it: nginx, the supervisor, every process, the directory")
        func end() async throws {
            let school = try await LiveSchool()
            let processes = school.live.processes
            #expect(school.live.webProcesses.count == 2)
            // nginx's master and what waits for the test's end do not name themselves alike on every system.
            #expect(processes.count >= 4)
            #expect(school.live.stop() == .stopped)
            #expect(school.live.processes.isEmpty)
            #expect(throws: LiveClientError.self) { try school.client.raw([]) }
        }
    }
}
