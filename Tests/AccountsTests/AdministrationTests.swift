import Accounts
import AccountsContract
import Lyceum
import LyceumTesting
import Testing

/// A plugin that makes accounts as the command line does.
private struct ClerkPlugin: Plugin {
    static let manifest = Manifest(id: "clerk", version: "1.0.0", requires: [.plugin("accounts", from: "1.0.0")])
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.post, "clerk/accounts", .public, Self.add)
    }

    struct Given: Input {
        @Field("Handed on as it is.") var name: Secret<String>
        @Field("Handed on as it is.") var email: Secret<String>
        @Field("Handed on as it is.") var password: Secret<String>
    }

    @Sendable static func add(_ context: borrowing Context, _ given: Body<Given>) async throws -> NoContent {
        let given = given.value
        try await context.database.transaction { transaction in
            _ = try await transaction.using(.accountAdministration) { accounts, transaction in
                try await accounts.add(
                    email: given.email.revealed, name: given.name.revealed, password: given.password.revealed,
                    roles: ["student"], transaction)
            }
        }
        return NoContent()
    }
}

@Suite("Accounts that an operator makes")
struct AdministrationTests {
    @Test("obey the rules of a registration, and all that is wrong is said at once")
    func rules() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self, ClerkPlugin.self]).client()
        let wrong = try await client.send(
            "POST", "/api/clerk/accounts",
            json: #"{"name": "A\u202Eda", "email": "ada@localhost", "password": "short"}"#)
        #expect(wrong.status == 422)
        let pointers = (wrong.json("errors") as? [[String: String]] ?? []).compactMap { $0["pointer"] }
        #expect(pointers == ["/name", "/email", "/password"])
        let right = try await client.send(
            "POST", "/api/clerk/accounts",
            json: #"{"name": " Ada ", "email": "ada@example.org", "password": "analytical engine"}"#)
        #expect(right.status == 204)
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "ada@example.org", "password": "analytical engine"}"#)
        let token = try #require(session.json("token") as? String)
        #expect(try await client.get("/api/accounts/me", token: token).json("name") as? String == "Ada")
    }
}
