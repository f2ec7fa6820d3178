import LyceumTesting
import PostgreSQL
import Testing

@Suite("Whose a course is")
struct OwnershipTests {
    @Test("an author sees and publishes their own drafts and nobody else's, in the API and on the pages")
    func authors() async throws {
        let school = try await School()
        let grace = try await school.person("grace", roles: ["instructor"])
        let barbara = try await school.person("barbara", roles: ["instructor"])
        let draft = try await school.course("draft", by: grace, publish: false)
        #expect(try await school.client.get("/api/courses/\(draft)", token: grace).json("status") as? String == "draft")
        // It cannot be told from a course that does not exist.
        let unheardOf = "018f0000-0000-7000-8000-000000000000"
        for course in [draft, unheardOf] {
            let seen = try await school.client.get("/api/courses/\(course)", token: barbara)
            #expect(seen.status == 404 && seen.json("code") as? String == "not_found")
            let published = try await school.client.send(
                "POST", "/api/courses/\(course)/publication", json: "", token: barbara)
            #expect(published.status == 404 && published.json("code") as? String == "not_found")
        }
        #expect(try await school.client.get("/api/courses/\(draft)", token: grace).json("status") as? String == "draft")
        let cookie = try await school.visitor("mary", roles: ["instructor"])
        #expect(try await school.client.get("/courses/\(draft)", cookie: cookie).status == 404)
        let teaching = try await school.client.get("/courses/teaching", cookie: cookie)
        #expect(teaching.status == 200 && !teaching.text.contains(draft))
        let token = try #require(teaching.hiddenField("form_token"))
        let pushed = try await school.client.post(
            "/courses/\(draft)/publication", form: [("form_token", token)], cookie: cookie)
        #expect(pushed.status == 404)
        let own = try await school.client.send("POST", "/api/courses/\(draft)/publication", json: "", token: grace)
        #expect(own.status == 200 && own.json("status") as? String == "published")
        #expect(try await school.client.get("/api/courses/\(draft)", token: barbara).status == 200)
    }

    @Test("an administrator sees and publishes every draft; a learner none, not even one they wrote before")
    func administrators() async throws {
        let school = try await School()
        let grace = try await school.person("grace", roles: ["instructor"])
        let draft = try await school.course("draft", by: grace, publish: false)
        let other = try await school.course("other", by: grace, publish: false)
        let admin = try await school.person("radia", roles: ["admin"])
        #expect(try await school.client.get("/api/courses/\(draft)", token: admin).status == 200)
        let page = try await school.client.get("/courses/teaching", cookie: school.visitor("root", roles: ["admin"]))
        #expect(page.text.contains("/courses/\(draft)/publication"))
        let published = try await school.client.send(
            "POST", "/api/courses/\(draft)/publication", json: "", token: admin)
        #expect(published.status == 200)
        try school.world.connection().run("delete from accounts.role_grant where role = 'instructor'")
        #expect(try await school.client.get("/api/courses/\(other)", token: grace).status == 404)
    }

    @Test("the facts of one place stay in order, and those of a course's places do not wait for each other")
    func keys() async throws {
        let school = try await School()
        let grace = try await school.person("grace", roles: ["instructor"])
        let course = try await school.course("swift", by: grace)
        var places: [String] = []
        for name in ["ada", "mary"] {
            let made = try await school.client.send(
                "POST", "/api/courses/\(course)/enrollment", json: "", token: school.person(name))
            places.append(try #require(made.json("id") as? String))
        }
        let keys = try school.world.connection().query(
            "select key from lyceum.event where topic = 'courses.enrollment.created' order by id"
        ).map { row in try row.next(as: String.self) }
        #expect(keys == places)
    }
}
