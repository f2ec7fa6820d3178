import Foundation
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Sessions end by themselves, by their owner, and by who administrates")
struct SessionTests {
    @Test("one that nobody uses ends, one that is used lasts until its end, and no longer")
    func expiry() async throws {
        let world = try await PeopleWorld(
            settings: #"{"idleMinutes": 60, "sessionHours": 3, "idleDays": 2, "rememberDays": 5}"#)
        func works(_ token: String) async throws -> Bool {
            try await world.client.get("/api/accounts/me", token: token).status == 200
        }
        let (used, unused, remembered) = (
            try await world.token("ada"), try await world.token("ada"), try await world.token("ada", remember: true)
        )
        let cookie = try await world.cookie("ada")
        for _ in 0..<3 {
            world.clock.pass(.seconds(50 * 60))
            #expect(try await works(used))
        }
        #expect(try await !works(unused))
        #expect(try await works(remembered))
        // A page makes a guest of who is not signed in any more, and leads to where one signs in.
        let page = try await world.client.get("/accounts/sessions", cookie: cookie)
        #expect(page.status == 303 && page.header("Location") == "/accounts/sign-in?return=/accounts/sessions")
        world.clock.pass(.seconds(40 * 60))
        let over = try await world.client.get("/api/accounts/me", token: used)
        #expect(over.status == 401 && over.json("code") as? String == "unauthenticated")
        for _ in 0..<2 {
            world.clock.pass(.seconds(40 * 3_600))
            #expect(try await works(remembered))
        }
        world.clock.pass(.seconds(40 * 3_600))
        #expect(try await !works(remembered))
        let unusedLong = try await world.token("ada", remember: true)
        world.clock.pass(.seconds(49 * 3_600))
        #expect(try await !works(unusedLong))
    }

    @Test("a clock that is put back, or forward and back, loses no session")
    func clock() async throws {
        let world = try await PeopleWorld()
        let token = try await world.token("ada")
        world.clock.pass(.seconds(-2 * 3_600))
        #expect(try await world.client.get("/api/accounts/me", token: token).status == 200)
        world.clock.pass(.seconds(2 * 3_600 + 120))
        #expect(try await world.client.get("/api/accounts/me", token: token).status == 200)
        world.clock.pass(.seconds(2 * 3_600 + 1))
        #expect(try await world.client.get("/api/accounts/me", token: token).status == 401)
    }

    @Test("signing in makes a new session, and ends the one that the browser had")
    func rotation() async throws {
        let world = try await PeopleWorld()
        let first = try await world.cookie("ada")
        let second = try await world.cookie("ada", before: first)
        #expect(first != second)
        #expect(try await world.client.get("/accounts/sessions", cookie: first).status == 303)
        #expect(try await world.client.get("/accounts/sessions", cookie: second).status == 200)
        // A cookie that somebody planted is never taken over.
        let planted = try await world.cookie("ada")
        let answer = try await world.client.post(
            "/accounts/sign-in", form: [("email", "ada@example.org"), ("password", PeopleWorld.password)],
            cookie: "lyceum=planted")
        #expect(answer.status == 303 && answer.cookie("lyceum") != "planted" && planted != "lyceum=planted")
    }

    @Test("its owner sees where they are signed in, and ends one session, or all others")
    func own() async throws {
        let world = try await PeopleWorld()
        let (phone, laptop) = (try await world.token("ada"), try await world.token("ada"))
        let browser = try await world.cookie("ada")
        let list = try await world.client.get("/api/accounts/sessions", token: phone)
        let items = try #require(list.json("items") as? [[String: Any]])
        #expect(items.count == 3 && items.count { $0["isCurrent"] as? Bool == true } == 1)
        #expect(!list.text.contains(phone) && !list.text.contains(laptop))
        let other = try #require(
            items.first { $0["isCurrent"] as? Bool == false && $0["kind"] as? String == "api" }?["id"] as? String)
        let stranger = try await world.client.send(
            "DELETE", "/api/accounts/sessions/\(other)", json: "", token: try await world.token("radia"))
        #expect(stranger.status == 404)
        #expect(
            try await world.client.send("DELETE", "/api/accounts/sessions/\(other)", json: "", token: phone).status
                == 204)
        #expect(try await world.client.get("/api/accounts/me", token: laptop).status == 401)

        let page = try await world.client.get("/accounts/sessions", cookie: browser)
        #expect(page.status == 200 && page.text.contains("Sign out everywhere else"))
        #expect(try await world.post("/accounts/sessions/end", [], browser).status == 303)
        #expect(try await world.client.get("/api/accounts/me", token: phone).status == 401)
        #expect(try await world.client.get("/accounts/sessions", cookie: browser).status == 200)
        // Without the token of the form nothing happens.
        #expect(try await world.client.post("/accounts/sessions/end", form: [], cookie: browser).status == 403)
    }
}

@Suite("Who is signed in is so on every page")
struct EveryPageTests {
    @Test("also on one that is not there, and never by a cookie that is none")
    func notFound() async throws {
        let world = try await PeopleWorld()
        let cookie = try await world.cookie("ada")
        for path in ["/nowhere", "/admin/nowhere"] {
            let page = try await world.client.get(path, cookie: cookie)
            #expect(page.status == 404 && page.text.contains("Sign out") && page.text.contains("title=\"ada\""))
            let guest = try await world.client.get(path, cookie: "lyceum=nothing")
            #expect(guest.status == 404 && guest.text.contains("Sign in") && !guest.text.contains("Sign out"))
        }
    }
}

@Suite("An access key may do what its scopes say, and no more")
struct AccessKeyTests {
    private func key(_ world: PeopleWorld, _ name: String, _ scopes: [String], days: Int = 90) async throws
        -> TestResponse
    {
        let list = scopes.map { "\"\($0)\"" }.joined(separator: ", ")
        return try await world.client.send(
            "POST", "/api/accounts/keys", json: #"{"name": "timetable", "scopes": [\#(list)], "days": \#(days)}"#,
            token: try await world.token(name))
    }

    @Test("it reads what is its owner's, and needs a scope for all else")
    func scopes() async throws {
        let world = try await PeopleWorld()
        let bare = try #require(try await key(world, "radia", []).json("token") as? String)
        #expect(try await world.client.get("/api/accounts/me", token: bare).status == 200)
        let people = try await world.client.get("/api/accounts/people", token: bare)
        #expect(people.status == 403 && people.json("code") as? String == "insufficient_scope")
        #expect(
            people.header("WWW-Authenticate") == #"Bearer error="insufficient_scope", scope="accounts.people.see""#)
        let out = try await world.client.send("DELETE", "/api/accounts/sessions", json: "", token: bare)
        #expect(out.status == 403 && out.header("WWW-Authenticate")?.contains(#"scope="write""#) == true)

        // Nor does it change anything where anybody may.
        let registration = try await world.client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "Mary", "email": "mary@example.org", "password": "analytical engine"}"#, token: bare)
        #expect(registration.status == 403 && registration.json("code") as? String == "insufficient_scope")

        let seeing = try #require(try await key(world, "radia", ["accounts.people.see"]).json("token") as? String)
        #expect(try await world.client.get("/api/accounts/people", token: seeing).status == 200)
        let changing = try await world.client.send(
            "PUT", "/api/accounts/people/\(try await world.id("ada"))/roles", json: #"{"roles": []}"#, token: seeing)
        #expect(changing.status == 403)
        let writing = try #require(try await key(world, "radia", ["write"]).json("token") as? String)
        #expect(try await world.client.send("DELETE", "/api/accounts/sessions", json: "", token: writing).status == 204)
        // The document says so.
        let document = try await world.client.get("/api/openapi.json")
        let security = document.json("paths", "/api/accounts/people", "get", "security") as? [[String: [String]]]
        #expect(security == [["token": ["accounts.people.see"]]])
        let open = document.json("paths", "/api/accounts/registrations", "post", "security") as? [[String: [String]]]
        #expect(open == [[:], ["token": ["write"]]])
    }

    @Test("it may be given no more than its owner may, makes no further keys, and ends with the right or by its time")
    func bounds() async throws {
        let world = try await PeopleWorld()
        let greedy = try await key(world, "ada", ["accounts.people.see"])
        #expect(greedy.status == 422 && greedy.json("errors", 0, "pointer") as? String == "/scopes/0")
        let token = try #require(
            try await key(world, "radia", ["accounts.people.see", "write"], days: 2).json("token") as? String)
        let another = try await world.client.send(
            "POST", "/api/accounts/keys", json: #"{"name": "child"}"#, token: token)
        #expect(another.status == 403 && another.json("code") as? String == "accounts.keys_make_no_keys")
        // It is no session of a page, and ends with its time, not from rest.
        #expect(try await world.client.get("/accounts/sessions", cookie: "lyceum=\(token)").status == 303)
        world.clock.pass(.seconds(47 * 3_600))
        #expect(try await world.client.get("/api/accounts/people", token: token).status == 200)
        // Somebody else administrates now: the right is gone, and the key's with it.
        try world.installation.connection().run("delete from accounts.role_grant where role = 'admin'")
        let after = try await world.client.get("/api/accounts/people", token: token)
        #expect(after.status == 403 && after.json("code") as? String == "forbidden")
        world.clock.pass(.seconds(2 * 3_600))
        #expect(try await world.client.get("/api/accounts/me", token: token).status == 401)
    }

    @Test("the page makes one and shows it once; ticking what one may not do is told at the field")
    func page() async throws {
        let world = try await PeopleWorld()
        let cookie = try await world.cookie("ada")
        let made = try await world.post(
            "/accounts/keys", [("name", "My <site>"), ("scopes", "write"), ("days", "7")], cookie)
        #expect(made.status == 200 && made.text.contains("My &lt;site&gt;"))
        let value = try #require(made.text.range(of: "id=\"made\" value=\""))
        let token = String(made.text[value.upperBound...].prefix { $0 != "\"" })
        #expect(try await world.client.get("/api/accounts/me", token: token).status == 200)
        #expect(try await !world.client.get("/accounts/sessions", cookie: cookie).text.contains(token))
        let wrong = try await world.post(
            "/accounts/keys", [("name", "x"), ("scopes", "accounts.people.see"), ("days", "7")], cookie)
        #expect(wrong.status == 422 && wrong.text.contains("must be what you may do yourself"))
        let empty = try await world.post("/accounts/keys", [("name", ""), ("days", "0")], cookie)
        #expect(empty.status == 422 && empty.text.contains("name-error") && empty.text.contains("days-error"))
    }
}
