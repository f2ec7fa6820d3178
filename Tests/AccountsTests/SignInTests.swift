import Accounts
import Foundation
import LyceumTesting
import PostgreSQL
import Testing

@Suite("People register, sign in and out")
struct SignInTests {
    static let person = #"{"name": "Ada Lovelace", "email": "ada@example.org", "password": "analytical engine"}"#

    @Test("registering, signing in, being known and signing out through the API")
    func api() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let made = try await client.send("POST", "/api/accounts/registrations", json: Self.person)
        #expect(made.status == 201)
        #expect(made.json("name") as? String == "Ada Lovelace")
        #expect(made.json("roles") as? [String] == ["student"])
        #expect(made.header("Location") == "/api/accounts/me")

        let session = try await client.send(
            "POST", "/api/accounts/sessions",
            json: #"{"email": "ADA@example.org", "password": "analytical engine"}"#)
        #expect(session.status == 201)
        let token = try #require(session.json("token") as? String)
        let me = try await client.get("/api/accounts/me", token: token)
        #expect(me.status == 200)
        #expect(me.json("email") as? String == "ada@example.org")

        #expect(
            try await client.send(
                TestRequest(
                    "DELETE", "/api/accounts/sessions/current",
                    headers: [("Authorization", "Bearer \(token)")])
            ).status == 204)
        let after = try await client.get("/api/accounts/me", token: token)
        #expect(after.status == 401)
        #expect(after.json("code") as? String == "unauthenticated")
        #expect(after.header("WWW-Authenticate") == "Bearer")
    }

    @Test("nobody may keep an answer with a token or an account, and no shared cache any answer to a person")
    func caching() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let made = try await client.send("POST", "/api/accounts/registrations", json: Self.person)
        #expect(made.status == 201 && made.header("Cache-Control") == "no-store")
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "ada@example.org", "password": "analytical engine"}"#)
        #expect(session.status == 201 && session.header("Cache-Control") == "no-store")
        let token = try #require(session.json("token") as? String)
        let me = try await client.get("/api/accounts/me", token: token)
        #expect(me.status == 200 && me.header("Cache-Control") == "no-store")
        // A problem that a person meets is theirs too.
        let wrong = try await client.send("POST", "/api/accounts/registrations", json: "{}", token: token)
        #expect(wrong.status == 422 && wrong.header("Cache-Control") == "private")
        #expect(try await client.send("POST", "/api/accounts/registrations", json: "{}").header("Cache-Control") == nil)
        let page = try await client.post(
            "/accounts/sign-in", form: [("email", "ada@example.org"), ("password", "analytical engine")])
        #expect(page.cookie("lyceum") != nil && page.header("Cache-Control") == "no-store")
        #expect(try await client.get("/accounts/sign-in").header("Cache-Control") == "private, no-store")
    }

    @Test("a name that nobody can see, or that pretends to be another, is refused by the API and the page")
    func names() async throws {
        let world = try await TestInstallation(plugins: [AccountsPlugin.self])
        let client = world.client()
        for name in ["\u{0}x", "A\u{1B}[31m", "A\nB", "Ada\u{202E}nimda", "   ", "\u{200B}", "A\u{200B}da", "\u{3164}"]
        {
            let json = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
            let api = try await client.send(
                "POST", "/api/accounts/registrations",
                json: #"{"name": \#(json), "email": "x@example.org", "password": "analytical engine"}"#)
            #expect(api.status == 422 || api.status == 400, "\(json)")
            let page = try await client.post(
                "/accounts/register",
                form: [("name", name), ("email", "x@example.org"), ("password", "analytical engine")])
            #expect(page.status == 422 || page.status == 400, "\(json)")
        }
        let made = try await client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "  Ada Lovelace ", "email": " ada@example.org ", "password": " ten spaces "}"#)
        #expect(made.json("name") as? String == "Ada Lovelace" && made.json("email") as? String == "ada@example.org")
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "ada@example.org", "password": " ten spaces "}"#)
        #expect(session.status == 201)
    }

    @Test("an address can be registered once, whatever its case")
    func emailTaken() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        _ = try await client.send("POST", "/api/accounts/registrations", json: Self.person)
        let again = try await client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "Other", "email": "Ada@Example.org", "password": "another password"}"#)
        #expect(again.status == 409)
        #expect(again.json("code") as? String == "accounts.email_taken")
    }

    @Test("of twenty who register one address at once, one succeeds")
    func race() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask { try await client.send("POST", "/api/accounts/registrations", json: Self.person).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 1)
        #expect(statuses.filter { $0 == 409 }.count == 19)
    }

    @Test("a wrong password and an unknown address get the same answer")
    func wrongCredentials() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        _ = try await client.send("POST", "/api/accounts/registrations", json: Self.person)
        for credentials in [
            #"{"email": "ada@example.org", "password": "wrong"}"#,
            #"{"email": "bob@example.org", "password": "wrong"}"#,
        ] {
            let answer = try await client.send("POST", "/api/accounts/sessions", json: credentials)
            #expect(answer.status == 401)
            #expect(answer.json("code") as? String == "accounts.wrong_credentials")
            #expect(answer.json("title") as? String == "E-mail address and password do not fit together.")
        }
    }

    @Test("all that is wrong with a registration is said at once")
    func allFaults() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let answer = try await client.send(
            "POST", "/api/accounts/registrations", json: #"{"nmae": "Ada", "email": "nowhere", "password": "short"}"#)
        #expect(answer.status == 422)
        let faults = (answer.json("errors") as? [[String: String]] ?? []).compactMap { $0["pointer"] }.sorted()
        #expect(faults == ["/email", "/nmae", "/password"])
    }

    @Test("a session's token is stored only as a hash, and a page's session does not open the API")
    func tokensAreHashed() async throws {
        let world = try await TestInstallation(plugins: [AccountsPlugin.self])
        let client = world.client()
        let answer = try await client.post(
            "/accounts/register",
            form: [("name", "Ada"), ("email", "ada@example.org"), ("password", "analytical engine")])
        let token = try #require(answer.cookie("lyceum"))
        #expect(try await client.get("/api/accounts/me", token: token).status == 401)
        let stored = try world.connection().query("select encode(token_hash, 'escape') from accounts.session")
        #expect(stored.rowCount == 1)
        #expect(try stored.map { row in try row.next(as: String.self) } != [token])
    }
}
