import Foundation
import LyceumTesting
import Testing

@Suite("A region whose language is Arabic")
struct ArabicTests {
    /// Latin letters on a page that are no words: what people entered, names of fields and methods, addresses.
    private static let names: Set<String> = [
        "lyceum", "ada", "grace", "school", "kurs", "intro", "usd", "eur", "level", "after", "search", "beginner",
        "intermediate",
        "advanced", "get", "head", "options", "post", "zzz", "example", "org", "test",
    ]

    /// What of a page people read that is written in Latin letters.
    private func latin(_ page: String) -> [String] {
        let start = page.range(of: "<body>")?.upperBound ?? page.startIndex
        return page[start...].replacing(/<p class="ly-name.*?<\/p>/, with: " ").replacing(/<[^>]*>/, with: " ")
            .lowercased()
            .split { !($0.isASCII && $0.isLetter) }.map(String.init).filter { $0.count > 1 }
    }

    @Test("has no word of another language on its pages, is read from right to left, and counts as Arabic does")
    func pages() async throws {
        let school = try await School(locale: "ar")
        let teacher = try await school.person("grace", roles: ["instructor"])
        let course = try await school.course("kurs", by: teacher)
        let cookie = try await school.visitor("ada", roles: ["instructor"])
        let client = school.client
        let shown = try await client.get("/courses/\(course)")
        #expect(shown.text.contains("لا متعلمين"))
        let wrong = [("name", ""), ("email", "a@b"), ("password", "kurz")]
        let answers: [(Int, TestResponse)] = [
            (200, shown), (200, try await client.get("/accounts/sign-in")),
            (200, try await client.get("/accounts/register")),
            (200, try await client.get("/courses?search=none")),
            (200, try await client.get("/courses/mine", cookie: cookie)),
            (200, try await client.get("/courses/teaching", cookie: cookie)), (404, try await client.get("/nowhere")),
            (405, try await client.post("/courses", form: [])), (422, try await client.get("/courses?after=x&level=y")),
            (422, try await client.post("/accounts/register", form: wrong)),
            (403, try await client.post("/accounts/sign-out", form: [], cookie: cookie)),
        ]
        for (index, (status, answer)) in answers.enumerated() {
            #expect(answer.status == status, "page \(index)")
            #expect(answer.text.contains("<html lang=\"ar\" dir=\"rtl\""), "page \(index)")
            let found = latin(answer.text).filter { !Self.names.contains($0) }
            #expect(found.isEmpty, "page \(index): \(found)")
        }
    }
}
