import Accounts
import AccountsContract
import Foundation
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Who administrates sees who may do what and why, and decides it")
struct PeopleTests {
    @Test("people are listed, searched and paged; others are refused")
    func list() async throws {
        let world = try await PeopleWorld()
        let admin = try await world.token("radia")
        let first = try await world.client.get("/api/accounts/people?limit=1", token: admin)
        #expect(first.json("items", 0, "email") as? String == "ada@example.org")
        let next = try #require(first.json("next") as? String)
        let second = try await world.client.get("/api/accounts/people?limit=1&after=\(next)", token: admin)
        #expect(second.json("items", 0, "email") as? String == "radia@example.org")
        #expect(second.json("next") is NSNull)
        let found = try await world.client.get("/api/accounts/people?search=RADIA", token: admin)
        #expect((found.json("items") as? [Any])?.count == 1)
        // A search is for what it says, not a pattern.
        let none = try await world.client.get("/api/accounts/people?search=%25", token: admin)
        #expect((none.json("items") as? [Any])?.count == 0)
        let admins = try await world.client.get("/api/accounts/people?role=admin", token: admin)
        #expect((admins.json("items") as? [Any])?.count == 1)
        #expect(try await world.client.get("/api/accounts/people", token: try await world.token("ada")).status == 403)
        let page = try await world.client.get(
            "/admin/accounts/people?role=admin", cookie: try await world.cookie("radia"))
        #expect(page.status == 200 && page.text.contains("radia@example.org") && !page.text.contains("ada@example.org"))
        #expect(
            try await world.client.get("/admin/accounts/people", cookie: try await world.cookie("ada")).status == 403)
    }

    @Test("a person's page says what they may do and by which role, and roles are given and taken there")
    func person() async throws {
        let world = try await PeopleWorld()
        let (admin, ada) = (try await world.cookie("radia"), try await world.id("ada"))
        let path = "/admin/accounts/people/\(ada)"
        let before = try await world.client.get(path, cookie: admin)
        #expect(before.status == 200 && before.text.contains("Nothing that needs a permission."))
        let token = try await world.token("ada")
        #expect(try await world.client.get("/api/accounts/people", token: token).status == 403)

        #expect(try await world.post(path + "/roles", [("role", "admin")], admin).status == 303)
        // At once, in the session that they have.
        #expect(try await world.client.get("/api/accounts/people", token: token).status == 200)
        let after = try await world.client.get(path, cookie: admin)
        #expect(after.text.contains("accounts.people.change") && after.text.contains("as admin"))
        #expect(after.text.contains("from radia"))
        let wrong = try await world.post(path + "/roles", [("role", "amdin")], admin)
        #expect(wrong.status == 422 && wrong.text.contains("must be one of admin, student"))

        #expect(try await world.post(path + "/roles/revoke", [("role", "admin")], admin).status == 303)
        #expect(try await world.client.get("/api/accounts/people", token: token).status == 403)
        #expect(try await world.post(path + "/sessions/end", [], admin).status == 303)
        #expect(try await world.client.get("/api/accounts/me", token: token).status == 401)
        let access = try await world.client.get("/admin/accounts/access", cookie: admin)
        #expect(access.status == 200 && access.text.contains("accounts.people.change"))
    }

    @Test("roles are set as a whole by the API, misspelt ones are refused, and nothing is half done")
    func roles() async throws {
        let world = try await PeopleWorld()
        let (admin, ada) = (try await world.token("radia"), try await world.id("ada"))
        let path = "/api/accounts/people/\(ada)/roles"
        let set = try await world.client.send("PUT", path, json: #"{"roles": ["student", "admin"]}"#, token: admin)
        #expect(set.status == 200 && set.json("roles") as? [String] == ["admin", "student"])
        let wrong = try await world.client.send("PUT", path, json: #"{"roles": ["admin", "teecher"]}"#, token: admin)
        #expect(wrong.status == 422 && wrong.json("errors", 0, "pointer") as? String == "/roles/1")
        let none = try await world.client.send("PUT", path, json: #"{"roles": []}"#, token: admin)
        #expect(none.status == 200 && none.json("roles") as? [String] == [])
        let nobody = try await world.client.send(
            "PUT", "/api/accounts/people/0197a0b4-6f1d-7c43-8a52-3d9f6c1e2b70/roles", json: #"{"roles": []}"#,
            token: admin)
        #expect(nobody.status == 404)
    }

    @Test("of two admins who take the role from each other at once, one is left")
    func lastAdministrator() async throws {
        let world = try await PeopleWorld()
        let (ada, radia) = (try await world.id("ada"), try await world.id("radia"))
        for _ in 0..<5 {
            let connection = try world.installation.connection()
            try connection.run("delete from accounts.role_grant where role = 'admin'")
            try connection.run(
                "insert into accounts.role_grant (account_id, role, granted_at) select id, 'admin', now() from accounts.account"
            )
            let tokens = (try await world.token("ada"), try await world.token("radia"))
            async let one = world.client.send(
                "PUT", "/api/accounts/people/\(radia)/roles", json: #"{"roles": ["student"]}"#, token: tokens.0)
            async let other = world.client.send(
                "PUT", "/api/accounts/people/\(ada)/roles", json: #"{"roles": ["student"]}"#, token: tokens.1)
            let statuses = [try await one.status, try await other.status].sorted()
            // Whoever comes second is no admin any more, or is told that somebody must be left.
            #expect(statuses == [200, 403] || statuses == [200, 409])
            let left = try connection.query("select count(*) from accounts.role_grant where role = 'admin'")
            var row = left.row(0)
            #expect(try row.next(as: Int.self) == 1)
        }
        let alone = try await world.client.send(
            "PUT", "/api/accounts/people/\(radia)/roles", json: #"{"roles": []}"#, token: try await world.token("radia")
        )
        if alone.status != 403 {
            #expect(alone.status == 409 && alone.json("code") as? String == "accounts.last_administrator")
        }
    }
}

/// Invites people as the command line does.
private struct InviterPlugin: Plugin {
    static let manifest = Manifest(id: "inviter", version: "1.0.0", requires: [.plugin("accounts", from: "1.1.0")])
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.post, "inviter/invitations", .public, Self.invite)
    }

    struct Given: Input {
        @Field("Whom.") var email: String
        @Field("What they are to be.") var roles: [String] = []
    }

    struct Link: View { var path: String }

    @Sendable static func invite(_ context: borrowing Context, _ given: Body<Given>) async throws -> Link {
        let given = given.value
        let path = try await context.database.transaction { transaction in
            try await transaction.using(.accountAdministration) { accounts, transaction in
                try await accounts.invite(
                    email: given.email, roles: given.roles, until: transaction.now + .seconds(3_600), transaction)
            }
        }
        return Link(path: path ?? "")
    }
}

@Suite("An invitation makes one account, once")
struct InvitationTests {
    private func invite(_ world: PeopleWorld, _ email: String, _ roles: String = #"["admin"]"#) async throws
        -> TestResponse
    {
        try await world.client.send(
            "POST", "/api/inviter/invitations", json: #"{"email": "\#(email)", "roles": \#(roles)}"#)
    }

    @Test("whoever opens the link chooses a name and a password, has the roles and is signed in; nobody after them")
    func once() async throws {
        let world = try await PeopleWorld(more: [InviterPlugin.self])
        let path = try #require(try await invite(world, "grace@example.org").json("path") as? String)
        for _ in 0..<2 {
            let page = try await world.client.get(path)
            #expect(page.status == 200 && page.text.contains("grace@example.org"))
            #expect(page.header("Cache-Control") == "private, no-store")
        }
        let token = try #require(try await world.client.get(path).hiddenField("token"))
        let form = [("name", "Grace"), ("password", "compiler compiler"), ("token", token)]
        let short = try await world.client.post(
            "/accounts/invitation", form: [("name", "Grace"), ("password", "short"), ("token", token)])
        #expect(short.status == 422 && short.text.contains("grace@example.org"))
        // Ten at once: one account.
        let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
            for _ in 0..<10 { group.addTask { try await world.client.post("/accounts/invitation", form: form) } }
            return try await group.reduce(into: [TestResponse]()) { $0.append($1) }
        }
        let made = answers.filter { $0.status == 303 }
        #expect(made.count == 1)
        #expect(answers.allSatisfy { [303, 410, 409].contains($0.status) }, "\(answers.map(\.status))")
        let cookie = "lyceum=" + (try #require(made.first?.cookie("lyceum")))
        #expect(try await world.client.get("/admin/accounts/people", cookie: cookie).status == 200)
        let again = try await world.client.get(path)
        #expect(again.status == 410 && again.text.contains("This invitation has been used, or is too old."))
    }

    @Test("it ends with its time, and is not made for who has an account, or for what is no address")
    func bounds() async throws {
        let world = try await PeopleWorld(more: [InviterPlugin.self])
        let path = try #require(try await invite(world, "grace@example.org").json("path") as? String)
        world.clock.pass(.seconds(3_601))
        #expect(try await world.client.get(path).status == 410)
        #expect(try await world.client.get("/accounts/invitation?token=wrong").status == 410)
        #expect(try await world.client.get("/accounts/invitation").status == 410)
        #expect(try await invite(world, "ADA@example.org").status == 409)
        #expect(try await invite(world, "nowhere").status == 422)
        // Not even the database knows the link.
        let stored = try world.installation.connection().query(
            "select encode(token_hash, 'hex') from accounts.invitation")
        #expect(stored.rowCount == 1)
        var row = stored.row(0)
        #expect(try !path.contains(row.next(as: String.self)))
    }
}
