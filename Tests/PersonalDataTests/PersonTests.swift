import Foundation
import LyceumTesting
import PostgreSQL
import Testing

@Suite("People take away and erase what is held of them")
struct PersonTests {
    private static func world(_ locale: String = "en", limited: Bool = false) async throws -> MarkerWorld {
        try await MarkerWorld(filling: [MarkerWorld.fill, DiaryPlugin.fill], locale: locale, limited: limited)
    }

    @Test("by the API: an export, a wrong password, the end of every session")
    func api() async throws {
        let world = try await Self.world()
        let (cookie, token) = try await world.signIn()
        let export = try await world.client.get("/api/accounts/me/export", token: token)
        #expect(export.status == 200)
        #expect(export.json("format") as? String == "lyceum.personal-data")
        #expect(export.json("account") as? String == world.account)
        #expect(export.header("Cache-Control") == "no-store")
        #expect(!export.text.contains("password_hash"))

        let wrong = try await world.client.send(
            "POST", "/api/accounts/me/erasure", json: #"{"password": "something else"}"#, token: token)
        #expect(wrong.status == 403)
        #expect(wrong.json("code") as? String == "accounts.wrong_password")
        #expect(try world.count("select count(*)::int from accounts.account where deleted_at is not null") == 0)

        let done = try await world.client.send(
            "POST", "/api/accounts/me/erasure", json: #"{"password": "\#(MarkerWorld.password)"}"#, token: token)
        #expect(done.status == 204, "\(done.text)")
        #expect(try await world.client.get("/api/accounts/me", token: token).status == 401)
        #expect(try await world.client.get("/accounts/sessions", cookie: cookie).status == 303)
        let signIn = try await world.client.send(
            "POST", "/api/accounts/sessions",
            json: #"{"email": "\#(MarkerWorld.email)", "password": "\#(MarkerWorld.password)"}"#)
        #expect(signIn.status == 401)
        // The address is free again.
        let again = try await world.client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "M", "email": "\#(MarkerWorld.email)", "password": "\#(MarkerWorld.password)"}"#)
        #expect(again.status == 201)
    }

    @Test("an access key neither exports its owner nor erases anybody")
    func key() async throws {
        let world = try await Self.world()
        let (_, token) = try await world.signIn()
        let made = try await world.client.send(
            "POST", "/api/accounts/keys", json: #"{"name": "k", "scopes": ["write"]}"#, token: token)
        let key = try #require(made.json("token") as? String)
        let export = try await world.client.get("/api/accounts/me/export", token: key)
        #expect(export.json("code") as? String == "accounts.keys_make_no_keys")
        let refused = try await world.client.send(
            "POST", "/api/accounts/me/erasure", json: #"{"password": "\#(MarkerWorld.password)"}"#, token: key)
        #expect(refused.status == 403)
        #expect(refused.json("code") as? String == "accounts.keys_make_no_keys")
    }

    @Test("on a page that says what goes and what stays, in three languages", arguments: ["en", "de", "ar"])
    func page(locale: String) async throws {
        let world = try await Self.world(locale)
        let (cookie, _) = try await world.signIn()
        let page = try await world.client.get("/accounts/data", cookie: cookie)
        #expect(page.status == 200)
        for word in ["diary.entry", "diary.bill", "The law wants bills for ten years."] {
            #expect(page.text.contains(word))
        }
        #expect(page.text.contains(["en": "Your data", "de": "Deine Daten", "ar": "بياناتك"][locale] ?? "?"))
        let file = try await world.client.get("/accounts/data/export", cookie: cookie)
        #expect(file.header("Content-Type") == "application/json")
        #expect(file.header("Content-Disposition")?.hasPrefix("attachment; filename=\"test-") == true)

        let token = try #require(page.hiddenField("form_token"))
        let wrong = try await world.client.post(
            "/accounts/data/erasure", form: [("password", "something else"), ("form_token", token)], cookie: cookie)
        #expect(wrong.status == 403)
        #expect(wrong.text.contains("password-error"))
        let forged = try await world.client.post(
            "/accounts/data/erasure", form: [("password", MarkerWorld.password)], cookie: cookie)
        #expect(forged.status == 403)
        #expect(try world.count("select count(*)::int from accounts.account where deleted_at is not null") == 0)
        let done = try await world.client.post(
            "/accounts/data/erasure", form: [("password", MarkerWorld.password), ("form_token", token)], cookie: cookie)
        #expect(done.status == 303)
        #expect(done.header("Location") == "/")
        #expect(try world.count("select count(*)::int from accounts.account where deleted_at is not null") == 1)
    }

    @Test("an administrator does it for somebody, by name; others do not, and the last one cannot go")
    func administrator() async throws {
        let world = try await Self.world()
        let (_, own) = try await world.signIn()
        let (cookie, token) = try await world.signIn("radia@example.org")
        let path = "/api/accounts/people/\(world.account)"
        #expect(try await world.client.get(path + "/export", token: own).status == 403)
        #expect(
            try await world.client.send("POST", path + "/erasure", json: #"{"email": "x"}"#, token: own).status == 403)
        #expect(try await world.client.get(path + "/export", token: token).text.contains(MarkerWorld.email))
        let page = try await world.client.get("/admin/accounts/people/\(world.account)/data", cookie: cookie)
        #expect(page.status == 200)
        #expect(page.text.contains("diary.entry"))
        let other = try await world.client.send(
            "POST", path + "/erasure", json: #"{"email": "somebody@example.org"}"#, token: token)
        #expect(other.json("code") as? String == "accounts.not_that_address")
        let form = try #require(page.hiddenField("form_token"))
        let done = try await world.client.post(
            "/admin/accounts/people/\(world.account)/data/erasure",
            form: [("email", MarkerWorld.email.uppercased()), ("form_token", form)], cookie: cookie)
        #expect(done.status == 303, "\(done.text)")
        #expect(
            try await world.client.get(path + "/export", token: token).status == 200, "what is kept can be asked for")

        let last = try await world.client.send(
            "POST", "/api/accounts/me/erasure", json: #"{"password": "\#(MarkerWorld.password)"}"#, token: token)
        #expect(last.status == 409)
        #expect(last.json("code") as? String == "accounts.last_administrator")
    }

    @Test("exports, erasures and keys have limits of their own")
    func limits() async throws {
        let world = try await Self.world(limited: true)
        let (_, token) = try await world.signIn()
        for (path, body, times) in [
            ("/api/accounts/me/erasure", #"{"password": "a guess at it"}"#, 12),
            ("/api/accounts/keys", #"{"name": "k"}"#, 30),
        ] {
            for _ in 0..<times {
                let answer = try await world.client.send("POST", path, json: body, token: token)
                #expect(answer.status != 429)
            }
            let over = try await world.client.send("POST", path, json: body, token: token)
            #expect(over.status == 429)
            #expect(over.header("Retry-After") != nil)
        }
        for _ in 0..<12 { #expect(try await world.client.get("/api/accounts/me/export", token: token).status == 200) }
        #expect(try await world.client.get("/api/accounts/me/export", token: token).status == 429)
    }
}
