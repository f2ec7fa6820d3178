import Accounts
import Courses
import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The page about a region's API")
struct APIReferenceTests {
    private func world(locale: String = "en") async throws -> TestInstallation {
        try await TestInstallation(plugins: [AccountsPlugin.self, CoursesPlugin.self], locale: locale)
    }

    @Test("has every operation of the document, what it takes and answers, and every type that is linked")
    func complete() async throws {
        let client = try await world().client()
        let page = try await client.get("/api")
        #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
        let paths = try #require(try await client.get("/api/openapi.json").json("paths") as? [String: [String: Any]])
        #expect(paths.count > 8)
        for (path, operations) in paths {
            #expect(page.text.contains("<code class=\"ly-break\">\(path)</code>"), "\(path)")
            for operation in operations.values {
                let id = try #require((operation as? [String: Any])?["operationId"] as? String)
                #expect(page.text.components(separatedBy: "id=\"\(id)\"").count == 2, "\(id)")
            }
        }
        let ids = page.text.matches(of: /id="([^"]+)"/).map { String($0.1) }
        #expect(Set(ids).count == ids.count, "no id is there twice")
        for link in page.text.matches(of: /href="#([^"]+)"/) { #expect(ids.contains(String(link.1)), "\(link.1)") }
        for words in [
            "Needs the permission courses.course.edit.", "For everybody who is signed in.", "If-Match: &quot;7&quot;",
            "precondition_failed", "rate_limited", "Authorization: Bearer $TOKEN", "If-None-Match",
        ] { #expect(page.text.contains(words), "\(words)") }
        #expect(!page.text.contains("<script") && !page.text.contains("https://cdn"))
        #expect(try await client.send(TestRequest("OPTIONS", "/api")).header("Allow") == "GET, HEAD, OPTIONS")
        #expect(try await client.send(TestRequest("POST", "/api")).status == 405)
    }

    @Test("speaks the region's language, and knows who looks at it", arguments: ["de", "fr", "es", "ar"])
    func languages(_ locale: String) async throws {
        let page = try await world(locale: locale).client().get("/api")
        #expect(page.status == 200)
        for english in ["What programs can do here.", "For everybody.", "Refusals", "· required"] {
            #expect(!page.text.contains(english), "\(english)")
        }
    }

    @Test("an example of the document is accepted as it stands, and the answer has the members of its example")
    func examples() async throws {
        let world = try await world()
        let client = world.client()
        let person = #"{"name": "Grace", "email": "grace@example.org", "password": "correct horse"}"#
        #expect(try await client.send("POST", "/api/accounts/registrations", json: person).status == 201)
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "grace@example.org", "password": "correct horse"}"#)
        let token = try #require(session.json("token") as? String)
        try world.connection().run(
            "insert into accounts.role_grant select id, 'admin', now() from accounts.account")
        let document = try await client.get("/api/openapi.json")
        let paths = try #require(document.json("paths") as? [String: [String: [String: Any]]])
        var done = 0
        for (path, operations) in paths.sorted(by: { $0.key < $1.key }) {
            for (method, operation) in operations where path != "/api/accounts/sessions/current" {
                func example(_ value: Any?) -> Any? {
                    let content = (value as? [String: Any])?["content"] as? [String: [String: Any]]
                    return content?["application/json"]?["example"]
                }
                var target = path
                for parameter in operation["parameters"] as? [[String: Any]] ?? [] {
                    guard let name = parameter["name"] as? String, parameter["in"] as? String == "path" else {
                        continue
                    }
                    target = target.replacing("{\(name)}", with: "\(parameter["example"] ?? "")")
                }
                var headers: [(name: String, value: String)] = [
                    ("Authorization", "Bearer \(token)"), ("If-Match", "*"),
                ]
                var body: [UInt8] = []
                if let sent = example(operation["requestBody"]) {
                    headers.append(("Content-Type", "application/json"))
                    body = Array(try JSONSerialization.data(withJSONObject: sent))
                }
                let answer = try await client.send(
                    TestRequest(method.uppercased(), target, headers: headers, body: body))
                #expect(![400, 405, 415, 428, 500].contains(answer.status), "\(method) \(target): \(answer.text)")
                // What a type says of itself is in its words only.
                let errors = answer.json("errors") as? [[String: Any]] ?? []
                let codes = errors.compactMap { $0["code"] as? String }
                #expect(codes.allSatisfy { $0.contains(".") || $0 == "invalid" }, "\(method) \(target): \(answer.text)")
                let responses = try #require(operation["responses"] as? [String: Any])
                guard let told = example(responses["\(answer.status)"]) as? [String: Any] else { continue }
                #expect(Set(told.keys) == Set((answer.json() as? [String: Any] ?? [:]).keys), "\(method) \(path)")
                done += 1
            }
        }
        #expect(done >= 6, "\(done) operations answered as their examples do")
    }
}
