import Accounts
import Courses
import LyceumTesting
import PostgreSQL
import Testing

/// All suites that run whole installations, one after the other: each of them keeps a machine busy.
@Suite("Behind nginx", .serialized)
enum Live {}

/// An installation with two regions: `academy` has courses, `studio` has not.
struct LiveSchool {
    let world: TestInstallation
    let live: LiveInstallation
    let client: LiveClient

    init(webProcesses: Int = 2) async throws {
        world = try await TestInstallation(
            regions: ["academy", "studio"], plugins: [AccountsPlugin.self, CoursesPlugin.self],
            enabling: ["studio": ["accounts"]], homes: ["academy": "/courses"], copied: false)
        live = try await LiveInstallation(world, webProcesses: webProcesses)
        client = live.client()
    }

    /// Registers somebody through the API, gives them roles, and answers a token.
    func person(_ name: String, roles: [String] = []) async throws -> String {
        let email = "\(name)@example.org"
        let made = try await client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "\#(name)", "email": "\#(email)", "password": "correct horse"}"#)
        try #require(made.status == 201, "\(made.text)")
        try grant(roles, to: email)
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "\#(email)", "password": "correct horse"}"#)
        return try #require(session.json("token") as? String)
    }

    /// What an operator does on the command line.
    func grant(_ roles: [String], to email: String) throws {
        let database = try world.connection()
        for role in roles {
            try database.run(
                """
                insert into accounts.role_grant (account_id, role, granted_at)
                select id, \(role), now() from accounts.account where email = \(email)
                """)
        }
    }

    /// Writes a course that costs nothing and publishes it; answers its id.
    func course(_ slug: String, by token: String) async throws -> String {
        let made = try await client.send(
            "POST", "/api/courses",
            json: #"{"title": "\#(slug)", "slug": "\#(slug)", "price": {"amount": 0, "currency": "EUR"}}"#,
            token: token)
        let id = try #require(made.json("id") as? String, "\(made.text)")
        let published = try await client.send("POST", "/api/courses/\(id)/publication", json: "", token: token)
        try #require(published.status == 200, "\(published.text)")
        return id
    }
}

extension Connection {
    /// The number that a statement selects.
    func number(_ statement: Statement) throws -> Int {
        var row = try query(statement).row(0)
        return try row.next()
    }

    /// The texts of a statement's only column.
    func texts(_ statement: Statement) throws -> [String] {
        try query(statement).map { row in try row.next(as: String.self) }
    }
}
