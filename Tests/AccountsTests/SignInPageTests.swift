import Accounts
import LyceumTesting
import Testing

@Suite("The pages where people sign in")
struct SignInPageTests {
    static let person = [("name", "Ada"), ("email", "ada@example.org"), ("password", "analytical engine")]

    @Test("registering signs in, and the next page knows the visitor")
    func register() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let page = try await client.get("/accounts/register")
        #expect(page.status == 200)
        #expect(page.header("Content-Type") == "text/html; charset=utf-8")
        let answer = try await client.post("/accounts/register", form: Self.person)
        #expect(answer.status == 303)
        #expect(answer.header("Location") == "/")
        let token = try #require(answer.cookie("lyceum"))
        let next = try await client.get("/", cookie: "lyceum=\(token)")
        #expect(next.text.contains("Ada"))
        #expect(next.hiddenField("form_token") != nil)
    }

    @Test("a form with faults comes back with what was entered, and never with the password")
    func faults() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let answer = try await client.post(
            "/accounts/register", form: [("name", "Ada <b>"), ("email", "nowhere"), ("password", "s3cret")])
        #expect(answer.status == 422)
        #expect(answer.text.contains("Ada &lt;b&gt;"))
        #expect(answer.text.contains("must be an e-mail address"))
        #expect(!answer.text.contains("s3cret"))
    }

    @Test("signing in leads back to where the visitor wanted to go, but never to another site")
    func wayBack() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        _ = try await client.post("/accounts/register", form: Self.person)
        for (wanted, expected) in [
            ("/accounts/register", "/accounts/register"), ("//evil.example", "/"), ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
        ] {
            let answer = try await client.post(
                "/accounts/sign-in",
                form: [("email", "ada@example.org"), ("password", "analytical engine"), ("return", wanted)])
            #expect(answer.status == 303)
            #expect(answer.header("Location") == expected)
        }
    }

    @Test("who is signed in has no business on the pages for guests")
    func alreadySignedIn() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let token = try #require(try await client.post("/accounts/register", form: Self.person).cookie("lyceum"))
        for path in ["/accounts/register", "/accounts/sign-in"] {
            let plain = try await client.get(path, cookie: "lyceum=\(token)")
            #expect(plain.status == 303 && plain.header("Location") == "/")
            let led = try await client.get(path + "?return=/x%3Fy%3D1", cookie: "lyceum=\(token)")
            #expect(led.status == 303 && led.header("Location") == "/x?y=1")
            let forged = try await client.get(path + "?return=//evil.example", cookie: "lyceum=\(token)")
            #expect(forged.status == 303 && forged.header("Location") == "/")
        }
    }

    @Test("registering leads back as signing in does, and each of the two pages leads to the other with the way back")
    func wayBackByRegistering() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let signIn = try await client.get("/accounts/sign-in?return=/x%3Fy%3D1%26z%3D2")
        #expect(signIn.text.contains("href=\"/accounts/register?return=/x%3Fy%3D1%26z%3D2\""))
        let page = try await client.get("/accounts/register?return=/x%3Fy%3D1%26z%3D2")
        #expect(page.text.contains("href=\"/accounts/sign-in?return=/x%3Fy%3D1%26z%3D2\""))
        #expect(page.hiddenField("return") == "/x?y=1&amp;z=2")
        let wrong = try await client.post("/accounts/register", form: [("name", ""), ("return", "/x?y=1&z=2")])
        #expect(wrong.status == 422 && wrong.hiddenField("return") == "/x?y=1&amp;z=2")
        let made = try await client.post("/accounts/register", form: Self.person + [("return", "/x?y=1&z=2")])
        #expect(made.status == 303 && made.header("Location") == "/x?y=1&z=2")
    }

    @Test(
        // Not all at once: only so many may wait for their password to be compared.
        "a form without Origin is judged by what else the browser says", .serialized,
        arguments: [
            ("Sec-Fetch-Site", "cross-site", 403), ("Sec-Fetch-Site", "same-site", 403),
            ("Referer", "https://evil.example/", 403),
            ("Referer", "http://test.localhost.evil.example/", 403), ("Referer", "https://test.localhost/x", 403),
            ("Sec-Fetch-Site", "same-origin", 401), ("Sec-Fetch-Site", "none", 401),
            ("Referer", "http://test.localhost/accounts/sign-in", 401), ("Referer", "http://test.localhost", 401),
            ("X-Nothing", "said", 401),
        ])
    func withoutOrigin(_ name: String, _ value: String, _ status: Int) async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let answer = try await client.send(
            TestRequest(
                "POST", "/accounts/sign-in",
                headers: [("Content-Type", "application/x-www-form-urlencoded"), (name, value)],
                body: Array("email=a&password=b".utf8)))
        #expect(answer.status == status)
    }

    @Test("a form of another site, or without the session's token, is refused")
    func foreignForms() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        let token = try #require(try await client.post("/accounts/register", form: Self.person).cookie("lyceum"))
        let cookie = "lyceum=\(token)"
        #expect(try await client.post("/accounts/sign-out", form: [], cookie: cookie).status == 403)
        #expect(try await client.post("/accounts/sign-out", form: [("form_token", "x")], cookie: cookie).status == 403)
        let foreign = try await client.send(
            TestRequest(
                "POST", "/accounts/sign-in",
                headers: [
                    ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "https://evil.example"),
                ], body: Array("email=a&password=b".utf8)))
        #expect(foreign.status == 403)
        let page = try await client.get("/", cookie: cookie)
        let formToken = try #require(page.hiddenField("form_token"))
        let out = try await client.post("/accounts/sign-out", form: [("form_token", formToken)], cookie: cookie)
        #expect(out.status == 303)
        #expect(out.header("Set-Cookie")?.contains("Max-Age=0") == true)
        let after = try await client.get("/", cookie: cookie)
        #expect(after.hiddenField("form_token") == nil)
    }
}
