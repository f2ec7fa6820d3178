import Accounts
import Courses
import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The example of a third party's plugin works beside the platform's own")
struct NoticeboardTests {
    private let world: TestInstallation
    private let client: InProcessClient

    init() async throws {
        let noticeboard = try Loader.load(try Noticeboard.library(), id: "noticeboard")
        world = try await TestInstallation(
            regions: ["academy", "studio"], plugins: [AccountsPlugin.self, CoursesPlugin.self, noticeboard],
            enabling: ["studio": ["accounts", "courses"]])
        client = world.client(region: "academy")
    }

    /// Registers somebody with a role, and answers a token.
    private func person(_ name: String, _ role: String) async throws -> String {
        let person = #"{"name": "\#(name)", "email": "\#(name)@example.org", "password": "correct horse"}"#
        let made = try await client.send("POST", "/api/accounts/registrations", json: person)
        let id = try #require(made.json("id") as? String)
        try world.connection(region: "academy").run(
            "insert into accounts.role_grant values (\(id)::uuid, \(role), now()) on conflict do nothing")
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "\#(name)@example.org", "password": "correct horse"}"#)
        return try #require(session.json("token") as? String)
    }

    private func words() async throws -> [String] {
        let list = try await client.get("/api/noticeboard")
        #expect(list.status == 200)
        let notices = try #require(list.json() as? [[String: Any]])
        return notices.compactMap { $0["words"] as? String }
    }

    @Test("who may post posts, others are told why not, and everybody reads")
    func post() async throws {
        let notice = #"{"words": "The workshop begins at nine."}"#
        #expect(try await client.send("POST", "/api/noticeboard", json: notice).status == 401)
        let student = try await person("ada", "student")
        #expect(try await client.send("POST", "/api/noticeboard", json: notice, token: student).status == 403)
        let instructor = try await person("grace", "instructor")
        let posted = try await client.send("POST", "/api/noticeboard", json: notice, token: instructor)
        #expect(posted.status == 201, "\(posted.text)")
        #expect(posted.header("Location") == "/api/noticeboard")
        let empty = try await client.send("POST", "/api/noticeboard", json: #"{"words": ""}"#, token: instructor)
        #expect(empty.status == 422)
        #expect(try await words() == ["The workshop begins at nine."])
    }

    @Test("its page shows the notices, escaped, and stands in the navigation")
    func page() async throws {
        #expect(try await client.get("/noticeboard").text.contains("Nothing has been posted yet."))
        let token = try await person("grace", "instructor")
        let posted = try await client.send(
            "POST", "/api/noticeboard", json: #"{"words": "Tea & <b>cake</b>"}"#, token: token)
        #expect(posted.status == 201)
        let page = try await client.get("/noticeboard")
        #expect(page.status == 200)
        #expect(page.text.contains("Tea &amp; &lt;b&gt;cake"))
        #expect(!page.text.contains("Nothing has been posted yet."))
        #expect(page.text.contains("href=\"/noticeboard\""))
    }

    @Test("its listener reads the events of courses as they lie in the log")
    func golden() throws {
        try checkGoldenEvents(
            try Loader.load(try Noticeboard.library(), id: "noticeboard"), in: "../../Examples/Noticeboard/Golden",
            hearing: ["../../Plugins/Courses/Golden"])
    }

    @Test("its words are complete")
    func languages() throws {
        try checkTranslations(
            try Loader.load(try Noticeboard.library(), id: "noticeboard"), in: ["en", "de", "ar"])
    }

    @Test("in a region that did not enable it, it does not exist")
    func otherRegion() async throws {
        let studio = world.client(region: "studio")
        #expect(try await studio.get("/api/noticeboard").status == 404)
        #expect(try await studio.get("/noticeboard").status == 404)
        #expect(try await studio.get("/courses").status == 200)
        let schemas = try world.connection(region: "studio").query(
            "select from pg_namespace where nspname = 'noticeboard'")
        #expect(schemas.rowCount == 0)
    }

    @Test("a process that loads it by configuration delivers to its listener, once")
    func listener() async throws {
        let teacher = try await person("grace", "instructor")
        let learner = try await person("ada", "student")
        let course = try await client.send(
            "POST", "/api/courses",
            json: #"{"title": "Swift", "slug": "swift", "price": {"amount": 0, "currency": "EUR"}}"#, token: teacher)
        let id = try #require(course.json("id") as? String)
        #expect(try await client.send("POST", "/api/courses/\(id)/publication", json: "", token: teacher).status == 200)
        #expect(try await client.send("POST", "/api/courses/\(id)/enrollment", json: "", token: learner).status == 201)
        #expect(try await words().isEmpty)

        var generation = world.generation
        generation.libraries = [Generation.Library(id: "noticeboard", path: try Noticeboard.library())]
        let workshop = try Workshop()
        try GenerationFile.write(generation, directory: workshop.folder)
        let delivery = try Child(
            TestPrograms.path("lyceum-worker"), ["--generation", workshop.folder, "--delivery"],
            errors: .file(workshop.folder + "/log"))
        defer { _ = delivery.stop() }
        let deadline = Date(timeIntervalSinceNow: 60)
        while try await words().isEmpty {
            try #require(
                Date() < deadline && delivery.status() == nil,
                "\((try? String(contentsOfFile: workshop.folder + "/log", encoding: .utf8)) ?? "")")
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(delivery.stop().success)
        #expect(try await words() == ["A new learner has joined a course. Welcome!"])
    }
}
