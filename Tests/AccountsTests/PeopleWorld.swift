import Accounts
import Lyceum
import LyceumTesting
import PostgreSQL
import Synchronization
import Testing

/// A clock that a test sets.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(microseconds: 1_800_000_000_000_000))

    /// The moment.
    var now: Instant { moment.withLock { $0 } }
    /// Lets time pass, or takes it back.
    func pass(_ duration: Duration) { moment.withLock { $0 = $0 + duration } }
    var world: World { World(now: { self.now }, newID: { RawID.make() }) }
}

/// A region with an admin and a student, who are signed in.
struct PeopleWorld {
    let installation: TestInstallation
    let client: InProcessClient
    let clock = TestClock()
    static let password = "analytical engine"

    init(settings: String = "{}", more: [any Plugin.Type] = []) async throws {
        installation = try await TestInstallation(
            plugins: [AccountsPlugin.self] + more, settings: ["accounts": settings], world: clock.world)
        client = installation.client()
        for name in ["ada", "radia"] {
            let made = try await client.send(
                "POST", "/api/accounts/registrations",
                json: #"{"name": "\#(name)", "email": "\#(name)@example.org", "password": "\#(Self.password)"}"#)
            try #require(made.status == 201)
        }
        let connection = try installation.connection()
        try connection.run(
            """
            insert into accounts.role_grant (account_id, role, granted_at)
            select id, 'admin', created_at from accounts.account where email = 'radia@example.org'
            """)
    }

    /// A token of the API.
    func token(_ name: String, remember: Bool = false) async throws -> String {
        let made = try await client.send(
            "POST", "/api/accounts/sessions",
            json: #"{"email": "\#(name)@example.org", "password": "\#(Self.password)", "remember": \#(remember)}"#)
        return try #require(made.json("token") as? String)
    }

    /// A cookie, as a browser sends it.
    func cookie(_ name: String, remember: Bool = false, before: String? = nil) async throws -> String {
        let answer = try await client.post(
            "/accounts/sign-in",
            form: [("email", "\(name)@example.org"), ("password", Self.password)]
                + (remember ? [("remember", "on")] : [])
                + (before == nil ? [] : [("form_token", try #require(try await formToken(before)))]), cookie: before)
        return "lyceum=" + (try #require(answer.cookie("lyceum")))
    }

    private func formToken(_ cookie: String?) async throws -> String? {
        try await client.get("/", cookie: cookie).hiddenField("form_token")
    }

    /// Sends a form of a page as who is signed in there.
    func post(_ path: String, _ form: [(String, String)], _ cookie: String) async throws -> TestResponse {
        let token = try #require(try await formToken(cookie))
        return try await client.post(path, form: form + [("form_token", token)], cookie: cookie)
    }

    /// Somebody's id.
    func id(_ name: String) async throws -> String {
        let me = try await client.get("/api/accounts/me", token: try await token(name))
        return try #require(me.json("id") as? String)
    }
}
