import LyceumTesting
import Testing

@Suite("A guest who wants something")
struct GuestTests {
    private func post(
        _ path: String, from referer: String?, _ school: School, cookie: String? = nil
    ) async throws -> TestResponse {
        var headers = [("Content-Type", "application/x-www-form-urlencoded")]
        if let referer { headers.append(("Referer", referer)) }
        if let cookie { headers.append(("Cookie", cookie)) }
        return try await school.client.send(TestRequest("POST", path, headers: headers))
    }

    @Test(
        "comes back to the course whose button was pressed, also with a new account, also after the session has ended")
    func enrol() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let course = try await school.course("swift", by: teacher)
        let page = "/courses/\(course)"
        let back = "/accounts/sign-in?return=/courses/\(course)%3Ffrom%3Dmail"
        let guest = try await post(page + "/enrollment", from: "http://test.localhost\(page)?from=mail", school)
        #expect(guest.status == 303 && guest.header("Location") == back)
        let ended = try await post(
            page + "/enrollment", from: "http://test.localhost\(page)?from=mail", school, cookie: "lyceum=ended")
        #expect(ended.status == 303 && ended.header("Location") == back)
        let signIn = try await school.client.get(back)
        let register = try #require(signIn.text.firstMatch(of: /href="(\/accounts\/register\?[^"]+)"/)).1
        let form = try await school.client.get(String(register))
        let wanted = try #require(form.hiddenField("return"))
        let registered = try await school.client.post(
            "/accounts/register",
            form: [("name", "Ada"), ("email", "a@example.org"), ("password", "correct horse"), ("return", wanted)])
        #expect(registered.header("Location") == page + "?from=mail")
    }

    @Test("is never led to another site, whatever page the form stood on")
    func foreign() async throws {
        let school = try await School()
        let course = "018f0000-0000-7000-8000-000000000000"
        for referer in [
            "https://evil.example/courses", "http://test.localhost.evil.example/x", "https://test.localhost/courses",
            nil,
        ] {
            let answer = try await post("/courses/\(course)/enrollment", from: referer, school)
            #expect(answer.status == 303 && answer.header("Location") == "/accounts/sign-in", "\(referer ?? "")")
        }
    }

    @Test("who follows a link keeps its query, and every page's own link to sign in leads back to it")
    func query() async throws {
        let school = try await School()
        let mine = try await school.client.get("/courses/mine?limit=5&after=x")
        #expect(mine.header("Location") == "/accounts/sign-in?return=/courses/mine%3Flimit%3D5%26after%3Dx")
        let catalogue = try await school.client.get("/courses?search=swift")
        #expect(catalogue.text.contains("href=\"/accounts/sign-in?return=/courses%3Fsearch%3Dswift\""))
        let long = try await school.client.get("/courses/mine?x=" + String(repeating: "y", count: 3_000))
        #expect(long.header("Location") == "/accounts/sign-in")
    }

    @Test("a course with a price says why it has no button")
    func priced() async throws {
        let school = try await School()
        let teacher = try await school.person("grace", roles: ["instructor"])
        let course = try await school.course("priced", by: teacher, price: 4_900)
        let page = try await school.client.get("/courses/\(course)")
        #expect(page.text.contains("checkout is not enabled in this region"))
        #expect(!page.text.contains("/courses/\(course)/enrollment"))
        let free = try await school.course("free", by: teacher)
        #expect(try await !school.client.get("/courses/\(free)").text.contains("checkout"))
    }
}
