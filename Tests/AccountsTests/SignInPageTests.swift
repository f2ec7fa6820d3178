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
        let next = try await client.get("/accounts/register", cookie: "lyceum=\(token)")
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
        let page = try await client.get("/accounts/register", cookie: cookie)
        let formToken = try #require(page.hiddenField("form_token"))
        let out = try await client.post("/accounts/sign-out", form: [("form_token", formToken)], cookie: cookie)
        #expect(out.status == 303)
        #expect(out.header("Set-Cookie")?.contains("Max-Age=0") == true)
        let after = try await client.get("/accounts/register", cookie: cookie)
        #expect(after.hiddenField("form_token") == nil)
    }
}
