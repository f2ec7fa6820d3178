import Foundation
import LyceumTesting
import Testing

@Suite("The catalogue")
struct CatalogueTests {
    @Test("shows published courses only, newest first, page by page without gaps or repetition")
    func pages() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        var slugs: [String] = []
        for number in 0..<7 {
            slugs.append("course-\(number)")
            _ = try await school.course("course-\(number)", by: teacher)
        }
        _ = try await school.course("draft", by: teacher, publish: false)
        var seen: [String] = []
        var after = ""
        repeat {
            let page = try await school.client.get("/api/courses?limit=3" + after)
            #expect(page.status == 200)
            let items = try #require(page.json("items") as? [[String: Any]])
            seen += items.compactMap { $0["slug"] as? String }
            after = (page.json("next") as? String).map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        #expect(seen == slugs.reversed())
    }

    @Test("is filtered by words, level and category with those below it")
    func filter() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        func category(_ slug: String, in parent: String?) async throws -> String {
            let parent = parent.map { #", "parent": "\#($0)""# } ?? ""
            let made = try await school.client.send(
                "POST", "/api/courses/categories", json: #"{"name": "\#(slug)", "slug": "\#(slug)"\#(parent)}"#,
                token: teacher)
            return try #require(made.json("id") as? String)
        }
        let arts = try await category("arts", in: nil)
        let music = try await category("music", in: arts)
        for (slug, category, level) in [("chords", music, "beginner"), ("colour", arts, "advanced")] {
            let made = try await school.client.send(
                "POST", "/api/courses",
                json: #"""
                    {"title": "About \#(slug)", "slug": "\#(slug)", "category": "\#(category)", "level": "\#(level)",
                     "price": {"amount": 0, "currency": "EUR"}}
                    """#, token: teacher)
            let id = try #require(made.json("id") as? String)
            _ = try await school.client.send("POST", "/api/courses/\(id)/publication", json: "", token: teacher)
        }
        func found(_ query: String) async throws -> [String] {
            let answer = try await school.client.get("/api/courses?" + query)
            let items = try #require(answer.json("items") as? [[String: Any]], "\(answer.text)")
            return items.compactMap { $0["slug"] as? String }.sorted()
        }
        #expect(try await found("") == ["chords", "colour"])
        #expect(try await found("category=arts") == ["chords", "colour"])
        #expect(try await found("category=music") == ["chords"])
        #expect(try await found("level=advanced") == ["colour"])
        #expect(try await found("search=ABOUT%20ch") == ["chords"])
        #expect(try await found("search=%25") == [])
        #expect(try await found("category=nothing") == [])
    }

    @Test("a misspelt filter, a wrong level and a forged cursor are named, all at once")
    func wrongFilter() async throws {
        let school = try await School()
        let answer = try await school.client.get("/api/courses?levle=x&limit=0&after=forged")
        #expect(answer.status == 422)
        let pointers = (answer.json("errors") as? [[String: String]] ?? []).compactMap { $0["pointer"] }.sorted()
        #expect(pointers == ["/after", "/levle", "/limit"])
    }

    @Test("only authors write; only once is a draft published; a slug names one course")
    func authors() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let learner = try await school.person("ada")
        let draft = #"{"title": "T", "slug": "t", "price": {"amount": 0, "currency": "EUR"}}"#
        #expect(try await school.client.send("POST", "/api/courses", json: draft).status == 401)
        #expect(try await school.client.send("POST", "/api/courses", json: draft, token: learner).status == 403)
        let course = try await school.course("t", by: teacher)
        let again = try await school.client.send("POST", "/api/courses/\(course)/publication", json: "", token: teacher)
        #expect(again.json("code") as? String == "courses.not_draft")
        let twin = try await school.client.send("POST", "/api/courses", json: draft, token: teacher)
        #expect(twin.json("code") as? String == "courses.slug_taken")
        let dollars = draft.replacing("EUR", with: "USD").replacing("\"t\"", with: "\"u\"")
        let foreign = try await school.client.send("POST", "/api/courses", json: dollars, token: teacher)
        #expect(foreign.status == 422)
        #expect(foreign.json("code") as? String == "courses.foreign_currency")
        let negative = draft.replacing(": 0,", with: ": -1,").replacing("\"t\"", with: "\"v\"")
        let below = try await school.client.send("POST", "/api/courses", json: negative, token: teacher)
        #expect(below.status == 422)
        #expect(below.json("errors", 0, "pointer") as? String == "/price")
    }

    @Test("a draft is hidden from learners and shown to authors")
    func drafts() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let draft = try await school.course("draft", by: teacher, publish: false)
        #expect(try await school.client.get("/api/courses/\(draft)").status == 404)
        let seen = try await school.client.get("/api/courses/\(draft)", token: teacher)
        #expect(seen.json("status") as? String == "draft")
        #expect(seen.json("publishedAt") is NSNull)
    }
}
