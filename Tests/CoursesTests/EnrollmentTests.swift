import Accounts
import Courses
import LyceumTesting
import PostgreSQL
import Testing

/// A region with courses, and people in it.
struct School {
    let world: TestInstallation
    let client: InProcessClient

    init(locale: String = "en", draining: [String] = []) async throws {
        world = try await TestInstallation(
            plugins: [AccountsPlugin.self, CoursesPlugin.self], draining: draining, locale: locale)
        client = world.client()
    }

    /// Registers somebody on the pages, and answers their cookie.
    func visitor(_ name: String, roles: [String] = []) async throws -> String {
        let answer = try await client.post(
            "/accounts/register",
            form: [("name", name), ("email", "\(name)@example.org"), ("password", "correct horse")])
        for role in roles {
            try world.connection().run(
                """
                insert into accounts.role_grant
                select id, \(role), now() from accounts.account where email = \(name + "@example.org")
                """)
        }
        return "lyceum=" + (try #require(answer.cookie("lyceum")))
    }

    /// Registers somebody, gives them roles, and answers a token.
    func person(_ name: String, roles: [String] = []) async throws -> String {
        let email = "\(name)@example.org"
        let made = try await client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "\#(name)", "email": "\#(email)", "password": "correct horse"}"#)
        let id = try #require(made.json("id") as? String)
        for role in roles {
            try world.connection().run(
                "insert into accounts.role_grant values (\(id)::uuid, \(role), now())")
        }
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "\#(email)", "password": "correct horse"}"#)
        return try #require(session.json("token") as? String)
    }

    /// Writes a course and publishes it; answers its id.
    func course(_ slug: String, by token: String, price: Int = 0, publish: Bool = true) async throws -> String {
        let made = try await client.send(
            "POST", "/api/courses",
            json: #"{"title": "\#(slug)", "slug": "\#(slug)", "price": {"amount": \#(price), "currency": "EUR"}}"#,
            token: token)
        try #require(made.status == 201, "\(made.text)")
        let id = try #require(made.json("id") as? String)
        if publish {
            let published = try await client.send("POST", "/api/courses/\(id)/publication", json: "", token: token)
            try #require(published.status == 200, "\(published.text)")
        }
        return id
    }
}

@Suite("People take places in courses")
struct EnrollmentTests {
    @Test("a learner enrols in a free course and finds it under their own")
    func enrol() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let learner = try await school.person("ada")
        let course = try await school.course("swift-in-a-week", by: teacher)
        let made = try await school.client.send("POST", "/api/courses/\(course)/enrollment", json: "", token: learner)
        #expect(made.status == 201)
        #expect(made.json("course") as? String == course)
        let mine = try await school.client.get("/api/courses/enrollments", token: learner)
        #expect(mine.json("items", 0, "title") as? String == "swift-in-a-week")
        #expect(mine.json("items", 1) == nil)
        let others = try await school.client.get("/api/courses/enrollments", token: teacher)
        #expect((others.json("items") as? [Any])?.isEmpty == true)
    }

    @Test("one place for each learner, however often they ask at once; and one event")
    func once() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let learner = try await school.person("ada")
        let course = try await school.course("swift", by: teacher)
        let client = school.client
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    try await client.send("POST", "/api/courses/\(course)/enrollment", json: "", token: learner).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 1)
        #expect(statuses.filter { $0 == 409 }.count == 11)
        let events = try school.world.connection().query(
            "select from lyceum.event where topic = 'courses.enrollment.created'")
        #expect(events.rowCount == 1)
    }

    @Test("a course with a price, a draft and an unknown course cannot be joined")
    func refused() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let learner = try await school.person("ada")
        let priced = try await school.course("priced", by: teacher, price: 4_900)
        let draft = try await school.course("draft", by: teacher, publish: false)
        func enrol(_ course: String) async throws -> TestResponse {
            try await school.client.send("POST", "/api/courses/\(course)/enrollment", json: "", token: learner)
        }
        let answer = try await enrol(priced)
        #expect(answer.status == 409)
        #expect(answer.json("code") as? String == "courses.not_free")
        #expect(try await enrol(draft).status == 404)
        #expect(try await enrol("018f0000-0000-7000-8000-000000000000").status == 404)
        #expect(try await enrol("nonsense").status == 404)
        #expect(try await school.client.send("POST", "/api/courses/\(priced)/enrollment", json: "").status == 401)
    }

    @Test("where courses are about to be disabled, nobody is given a place any more; all else goes on")
    func draining() async throws {
        let school = try await School(draining: ["courses"])
        let teacher = try await school.person("grace", roles: ["instructor"])
        let learner = try await school.person("ada")
        let course = try await school.course("swift", by: teacher)
        let answer = try await school.client.send(
            "POST", "/api/courses/\(course)/enrollment", json: "", token: learner)
        #expect(answer.status == 409)
        #expect(answer.json("code") as? String == "draining")
        #expect(answer.json("detail") as? String == "What has been agreed so far stays as it is.")
        #expect(try await school.client.get("/api/courses/\(course)").status == 200)
        #expect(try await school.client.get("/api/courses/enrollments", token: learner).status == 200)
    }

    @Test("through the pages: a guest is sent to sign in, comes back, enrols and sees the course")
    func pages() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let course = try await school.course("swift", by: teacher)
        let guest = try await school.client.get("/courses/mine")
        #expect(guest.status == 303)
        #expect(guest.header("Location") == "/accounts/sign-in?return=/courses/mine")
        let registered = try await school.client.post(
            "/accounts/register", form: [("name", "Ada"), ("email", "a@example.org"), ("password", "correct horse")])
        let cookie = "lyceum=" + (try #require(registered.cookie("lyceum")))
        let page = try await school.client.get("/courses/\(course)", cookie: cookie)
        #expect(page.text.contains("/courses/\(course)/enrollment"))
        let token = try #require(page.hiddenField("form_token"))
        for _ in 0..<2 {
            let joined = try await school.client.post(
                "/courses/\(course)/enrollment", form: [("form_token", token)], cookie: cookie)
            #expect(joined.status == 303)
            #expect(joined.header("Location") == "/courses/mine")
        }
        let mine = try await school.client.get("/courses/mine", cookie: cookie)
        #expect(mine.text.contains("/courses/\(course)"))
    }
}
