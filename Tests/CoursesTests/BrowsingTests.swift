import Accounts
import Courses
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Browsing the catalogue's page")
struct BrowsingTests {
    private func school(_ count: Int) async throws -> School {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        for number in 0..<count { _ = try await school.course("course-\(number)", by: teacher) }
        try school.world.connection().run("update courses.course set level = 'advanced' where slug = 'course-0'")
        return school
    }

    @Test("has the level among its filters, and says what it did not understand")
    func level() async throws {
        let school = try await school(3)
        let page = try await school.client.get("/courses?level=advanced")
        #expect(page.text.contains("<option value=\"advanced\" selected>"))
        #expect(page.text.contains(">course-0</bdi></a>") && !page.text.contains(">course-1</bdi></a>"))
        #expect(!page.text.contains("no filter here"))
        #expect(try await school.client.get("/courses?search=&category=&level=").text.contains(">course-1</bdi></a>"))
        let misspelt = try await school.client.get("/courses?levle=advanced&utm_source=mail&fbclid=x&levle=y")
        #expect(misspelt.status == 200)
        #expect(misspelt.text.contains("The address also asks for levle, which is no filter here."))
        let wrong = try await school.client.get("/courses?level=expert")
        #expect(wrong.status == 422 && wrong.text.contains("level must be one of beginner, intermediate, advanced"))
    }

    @Test("a later page leads back to the first, with the same filters")
    func first() async throws {
        let school = try await school(14)
        let start = try await school.client.get("/courses?search=course&utm_source=mail")
        #expect(!start.text.contains("rel=\"first\""))
        let next = try #require(start.text.firstMatch(of: /rel="next" href="([^"]+)"/)).1.replacing("&amp;", with: "&")
        let later = try await school.client.get(String(next))
        #expect(later.status == 200 && later.text.contains(">course-0</bdi></a>"))
        #expect(later.text.contains("rel=\"first\" href=\"/courses?search=course\""))
    }

    @Test("a cursor is good for its list: no other filter, address or region, but any limit")
    func cursors() async throws {
        let world = try await TestInstallation(
            regions: ["one", "two"], plugins: [AccountsPlugin.self, CoursesPlugin.self])
        for region in ["one", "two"] {
            try world.connection(region: region).run(
                """
                insert into courses.course (id, title, slug, level, status, price_minor, currency, author_id, created_at,
                    published_at)
                select gen_random_uuid(), 'c' || n, 'c' || n, 'beginner', 'published', 0, 'EUR', gen_random_uuid(), now(),
                    now() from generate_series(1, 5) as n
                """)
        }
        let one = world.client(region: "one")
        let list = "/api/courses?level=beginner&limit=2"
        let cursor = try #require(try await one.get(list).json("next") as? String)
        for good in [
            list, "/api/courses?limit=3&level=beginner", "/api/courses?level=beginner&search=",
            "/api/courses?level=beginner",
            "/api/courses?level=%62eginner",
        ] {
            let answer = try await one.get(good + "&after=" + cursor)
            #expect(answer.status == 200 && answer.json("items", 0) != nil, "\(good)")
        }
        for bad in [
            "/api/courses?limit=2", "/api/courses?level=advanced", "/api/courses?level=beginner&search=c",
            "/courses?level=beginner",
        ] {
            let answer = try await one.get(bad + "&after=" + cursor)
            #expect(answer.status == 422, "\(bad)")
            guard bad.hasPrefix("/api") else { continue }
            #expect(answer.json("errors", 0, "pointer") as? String == "/after", "\(bad)")
            #expect((answer.json("errors", 0, "detail") as? String)?.contains("cursor of another list") == true)
        }
        #expect(try await world.client(region: "two").get(list + "&after=" + cursor).status == 422)
    }
}
