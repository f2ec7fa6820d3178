import Foundation
import LyceumTesting
import Testing

@Suite("A region whose language is German")
struct GermanTests {
    /// Words that no German page has; the name of a field in an address, such as `level`, is none of them.
    private static let english: Set<String> = [
        "the", "is", "are", "must", "not", "there", "this", "you", "your", "of", "and", "to", "here", "sign", "back",
        "request", "skip", "something", "wrong", "only", "nothing", "with", "have", "has", "at", "least", "most",
        "empty",
        "required", "address", "already", "reload", "send", "form", "valid", "longer", "body", "known", "courses",
        "course", "be", "method",
    ]

    /// What of a page people read.
    private func words(_ page: String) -> [String] {
        let start = page.range(of: "<body>")?.upperBound ?? page.startIndex
        return page[start...].replacing(/<[^>]*>/, with: " ").lowercased()
            .split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map(String.init)
    }

    @Test("has no English word on a page of the kernel's or of the platform's plugins, whatever goes wrong")
    func pages() async throws {
        let school = try await School(locale: "de")
        let teacher = try await school.person("grace", roles: ["instructor"])
        let priced = try await school.course("kurs", by: teacher, price: 4_900)
        let cookie = try await school.visitor("ada", roles: ["instructor"])
        let client = school.client
        let teaching = try await client.get("/courses/teaching", cookie: cookie)
        let token = try #require(teaching.hiddenField("form_token"))
        let plain = TestRequest("POST", "/accounts/sign-in", headers: [("Content-Type", "text/plain")])
        let large = TestRequest(
            "POST", "/accounts/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(repeating: 0x20, count: 1_100_000))
        let person = [("name", "ada"), ("email", "ada@example.org"), ("password", "correct horse")]
        let wrong = [("name", "A\u{202E}"), ("email", "a@b"), ("password", "kurz"), ("zzz", "1")]
        let answers: [(Int, TestResponse)] = [
            (200, try await client.get("/")), (200, teaching), (200, try await client.get("/accounts/sign-in")),
            (200, try await client.get("/accounts/register")), (200, try await client.get("/courses?levle=x")),
            (200, try await client.get("/courses/\(priced)")),
            (200, try await client.get("/courses/mine", cookie: cookie)),
            (404, try await client.get("/nirgends")), (405, try await client.post("/courses", form: [])),
            (403, try await client.get("/courses/teaching", cookie: school.visitor("mary"))),
            (403, try await client.post("/accounts/sign-out", form: [], cookie: cookie)),
            (422, try await client.get("/courses?after=x&level=y&search=a%0Ab")),
            (400, try await client.get("/courses?search=%25%32&after=%zz")),
            (422, try await client.post("/accounts/register", form: wrong)),
            (422, try await client.post("/accounts/register", form: [])),
            (409, try await client.post("/accounts/register", form: person)),
            (401, try await client.post("/accounts/sign-in", form: [("email", "x@y.de"), ("password", "nein")])),
            (
                422,
                try await client.post(
                    "/courses/teaching", form: [("slug", "A"), ("form_token", token)], cookie: cookie)
            ),
            (
                409,
                try await client.post(
                    "/courses/teaching", form: [("title", "T"), ("slug", "kurs"), ("form_token", token)], cookie: cookie
                )
            ),
            (
                409,
                try await client.post("/courses/\(priced)/enrollment", form: [("form_token", token)], cookie: cookie)
            ),
            (
                409,
                try await client.post("/courses/\(priced)/publication", form: [("form_token", token)], cookie: cookie)
            ),
            (415, try await client.send(plain)), (413, try await client.send(large)),
        ]
        for (index, (status, answer)) in answers.enumerated() {
            #expect(answer.status == status, "page \(index)")
            #expect(answer.text.contains("<html lang=\"de\""), "page \(index)")
            let found = words(answer.text).filter(Self.english.contains)
            #expect(found.isEmpty, "page \(index): \(found)")
        }
        // Programs read the same sentences everywhere.
        #expect(try await client.get("/api/nirgends").json("title") as? String == "There is nothing here.")
    }
}
