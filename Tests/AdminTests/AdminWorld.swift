import Accounts
import Courses
import Foundation
import Jobber
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

/// A region with listeners and jobs, an administrator and a learner; nothing delivers, so that all stays as a test puts it.
struct AdminWorld {
    static let plugins: [any Plugin.Type] = [
        AccountsPlugin.self, CoursesPlugin.self, JobberPlugin.self, RecorderPlugin.self,
    ]

    let world: TestInstallation
    let client: InProcessClient
    let database: Connection
    let plan: RegionPlan
    /// Their cookies.
    let admin: String
    let learner: String
    /// Their tokens.
    let adminToken: String
    let learnerToken: String

    /// - Parameters:
    ///   - more: plugins besides those that every world has.
    ///   - settings: what is set for plugins, by id, as JSON.
    ///   - failed: plugins that the region enabled and is served without.
    init(
        locale: String = "en", minutely: Bool = false, copied: Bool = true, more: [any Plugin.Type] = [],
        settings: [String: String] = [:], failed: [Generation.FailedPlugin] = []
    ) async throws {
        let plugins = Self.plugins + more
        let minutely = minutely ? ["jobber": #"{"minutely": true}"#] : [:]
        world = try await TestInstallation(
            plugins: plugins, settings: settings.merging(minutely) { $1 }, locale: locale, timeZone: "Europe/Berlin",
            copied: copied)
        var generation = world.generation
        generation.regions[0].failed = failed
        client =
            failed.isEmpty
            ? world.client()
            : InProcessClient(
                try Installation(generation, try Registry(plugins), log: Log { _ in }), region: generation.regions[0].id
            )
        database = try world.connection()
        plan = try RegionPlan(generation.regions[0], try Registry(plugins))
        for name in ["radia", "ada"] {
            let person = #"{"name": "\#(name)", "email": "\#(name)@example.org", "password": "correct horse"}"#
            let made = try await client.send("POST", "/api/accounts/registrations", json: person)
            let id = try #require(made.json("id") as? String)
            if name == "radia" {
                try database.run("insert into accounts.role_grant values (\(id)::uuid, 'admin', now())")
            }
        }
        (admin, adminToken) = try await Self.signIn("radia", client)
        (learner, learnerToken) = try await Self.signIn("ada", client)
    }

    private static func signIn(_ name: String, _ client: InProcessClient) async throws -> (String, String) {
        let (email, password) = ("\(name)@example.org", "correct horse")
        let page = try await client.post("/accounts/sign-in", form: [("email", email), ("password", password)])
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "\#(email)", "password": "\#(password)"}"#)
        return (
            "lyceum=" + (try #require(page.cookie("lyceum"))), try #require(session.json("token") as? String)
        )
    }

    /// Publishes numbers, as the recorder's events.
    func send(_ key: String, _ numbers: [Int]) async throws {
        let list = numbers.map(String.init).joined(separator: ", ")
        let answer = try await client.send(
            "POST", "/api/recorder/numbers", json: #"{"key": "\#(key)", "numbers": [\#(list)]}"#)
        try #require(answer.status == 204)
    }

    /// Puts an event aside for the recorder's listener, as delivery does when it fails.
    func fail(
        _ event: Int64, key: String = "k", payload: String = #"{"key": "k", "number": 1}"#, attempts: Int = 3,
        error: String? = "it was unlucky", causes: String? = nil, isDead: Bool = true
    ) throws {
        try database.run(
            """
            insert into lyceum.retry (listener, event, lane, key, payload, at, attempt, due_at, error, causes, dead)
            values ('recorder.write-down', \(event), 0, \(key), \(payload)::json, '2026-01-31 12:30Z', \(attempts),
                '2026-02-01 08:00Z', \(error), \(causes)::json, \(isDead))
            """)
    }

    /// Queues a run as a plugin does, and makes of it what a process would have.
    func run(_ job: String, state: String = "queued", more: Statement = "attempt = attempt") throws -> Job.ID {
        let id = Job.ID.make()
        let payload = #"{"number": 7, "before": 0, "after": 0}"#
        try database.run(
            "insert into lyceum.job (id, plugin, job, payload, due_at) values (\(id), 'jobber', \(job), \(payload)::json, now())"
        )
        try database.run("update lyceum.job set state = \(state), \(more) where id = \(id)")
        return id
    }

    func number(_ statement: Statement) throws -> Int {
        var row = try database.query(statement).row(0)
        return try row.next()
    }

    func get(_ target: String) async throws -> TestResponse { try await client.get(target, cookie: admin) }

    /// Sends a form of a page as the administrator, with the token that the page has.
    func post(_ target: String, from page: String, _ form: [(String, String)] = []) async throws -> TestResponse {
        let token = try #require(try await get(page).hiddenField("form_token"))
        return try await client.post(target, form: form + [("form_token", token)], cookie: admin)
    }

    /// The same, and follows the way that it answers.
    func follow(_ target: String, from page: String, _ form: [(String, String)] = []) async throws -> TestResponse {
        let answer = try await post(target, from: page, form)
        try #require(answer.status == 303, "\(answer.status) \(answer.text)")
        return try await get(try #require(answer.header("Location")))
    }
}

extension TestResponse {
    /// What a person reads: the text without markup, in one line.
    var words: String {
        text.replacing(/<[^>]*>/, with: " ").replacing(/\s+/, with: " ").replacing("&quot;", with: "\"")
            .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}
