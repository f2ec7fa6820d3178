import Foundation
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The pages and the API of the audit")
struct PageTests {
    @Test("a change is found by table, row, person, kind and day, and shows each field before and after")
    func search() async throws {
        let world = try await AuditWorld()
        let course = try await world.course("First title")
        try world.database.run("update courses.course set title = 'Second <b>title' where id = \(course)::uuid")
        func page(_ query: String) async throws -> TestResponse {
            try await world.client.get("/admin/audit" + query, cookie: world.admin.cookie)
        }
        let all = try await page("")
        #expect(all.status == 200, "\(all.text)")
        #expect(all.text.contains("mary-marker@example.org") && all.text.contains("secret, not recorded"))
        #expect(!all.text.contains("argon2"))
        let row = try await page("?entity=courses.course&key=\(course)&action=&from=&to=")
        #expect(row.text.contains("First title") && row.text.contains("Second &lt;b&gt;title"))
        #expect(row.text.contains("agent-marker/1.0") && row.text.contains("by the API"))
        #expect(row.text.contains("in the database itself"))
        #expect(!row.text.contains("accounts.account <"))
        let changed = try await page("?entity=courses.course&action=changed")
        #expect(!changed.text.contains("agent-marker/1.0") && changed.text.contains("Second"))
        let hers = try await page("?account=\(world.author.id)")
        #expect(hers.text.contains("First title") && !hers.text.contains("Second"))
        #expect(try await page("?from=2020-01-01&to=2020-01-02").text.contains("Nothing that was recorded fits."))
        #expect(try await page("?account=nobody").text.contains("An account is an id"))
        let more = try #require(
            try await page("?entity=accounts").text.firstMatch(of: /href="(\/admin\/audit\?request=[0-9a-f]+)"/))
        #expect(try await page(String(more.1.dropFirst("/admin/audit".count))).text.contains("Only one request"))
    }

    @Test("the list goes on where it ended")
    func paging() async throws {
        let world = try await AuditWorld()
        try world.database.run(
            """
            insert into courses.category (id, name, slug)
            select gen_random_uuid(), 'Name ' || n, 's-' || n from generate_series(1, 70) as n
            """)
        var address = "/admin/audit?entity=courses.category"
        var seen: [String] = []
        for _ in 0..<3 {
            let page = try await world.client.get(address, cookie: world.admin.cookie)
            seen += page.text.matches(of: /Name (\d+)/).map { String($0.1) }
            guard let next = page.text.firstMatch(of: /rel="next" href="([^"]+)"/) else { break }
            address = String(next.1).replacing("&amp;", with: "&")
        }
        #expect(seen == (1...70).reversed().map { "\($0)" })
        var items: [Int] = []
        var after = ""
        repeat {
            let answer = try await world.client.get(
                "/api/audit?entity=courses&limit=30" + after, token: world.admin.token)
            try #require(answer.status == 200, "\(answer.text)")
            items += try #require(answer.json("items") as? [[String: Any]]).compactMap { $0["id"] as? Int }
            after = (answer.json("next") as? String).map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        #expect(items.count == 70 && items == items.sorted(by: >))
    }

    @Test("only whoever may read it does, and only whoever may take it away does")
    func access() async throws {
        let world = try await AuditWorld()
        for path in ["/admin/audit", "/admin/audit/download"] {
            #expect(try await world.client.get(path).status == 303)
            #expect(try await world.client.get(path, cookie: world.author.cookie).status == 403)
            #expect(try await world.client.get(path, cookie: world.admin.cookie).status == 200)
        }
        #expect(try await world.client.get("/api/audit").status == 401)
        #expect(try await world.client.get("/api/audit", token: world.author.token).status == 403)
        let refused = try await world.client.get("/api/audit?account=x&from=y", token: world.admin.token)
        #expect((refused.json("errors") as? [Any])?.count == 2, "\(refused.text)")
        let home = try await world.client.get("/admin", cookie: world.admin.cookie)
        #expect(home.text.contains("/admin/audit"))
    }

    @Test("the download has a line of JSON for each change")
    func download() async throws {
        let world = try await AuditWorld()
        let course = try await world.course("Taken")
        let file = try await world.client.get(
            "/admin/audit/download?entity=courses.course", cookie: world.admin.cookie)
        #expect(file.header("Content-Type") == "application/x-ndjson")
        #expect(file.header("Content-Disposition") == "attachment; filename=\"audit-test.ndjson\"")
        let lines = file.text.split(separator: "\n")
        #expect(lines.count == 1)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(object["key"] as? String == course)
        #expect((object["new"] as? [String: Any])?["title"] as? String == "Taken")
        #expect((object["author"] as? [String: Any])?["name"] as? String == "mary-marker")
    }

    @Test("what was erased is shown as that")
    func erased() async throws {
        let world = try await AuditWorld()
        _ = try await world.course("Hers")
        try world.database.run("select lyceum.audit_erase(\(world.author.id))")
        let page = try await world.client.get("/admin/audit", cookie: world.admin.cookie)
        #expect(page.text.contains("<em>erased</em>") && !page.text.contains("mary-marker"))
        #expect(page.text.contains("(erased)") && page.text.contains("person erased"))
    }

    @Test("the pages speak German")
    func german() async throws {
        let world = try await AuditWorld(locale: "de")
        _ = try await world.course("Kurs")
        let page = try await world.client.get("/admin/audit", cookie: world.admin.cookie)
        #expect(page.text.contains("geheim, nicht aufgezeichnet") && page.text.contains("über die API"))
    }
}
