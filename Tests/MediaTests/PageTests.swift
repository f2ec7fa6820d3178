import Accounts
import Foundation
import Kernel
import LyceumTesting
import Media
import PostgreSQL
import Testing

@Suite("The page of one's files")
struct PageTests {
    private struct Visitor {
        let media: MediaWorld
        let cookie: String

        init(locale: String = "en") async throws {
            let world = try await TestInstallation(plugins: [AccountsPlugin.self, MediaPlugin.self], locale: locale)
            media = MediaWorld(world, world.client())
            let answer = try await media.client.post(
                "/accounts/register",
                form: [("name", "Ada"), ("email", "a@example.org"), ("password", "correct horse")])
            cookie = "lyceum=" + (try #require(answer.cookie("lyceum")))
        }

        func page(_ path: String = "/media/files") async throws -> TestResponse {
            try await media.client.get(path, cookie: cookie)
        }

        /// Sends a form as a browser does that runs no script.
        func send(_ bytes: [UInt8], name: String, token: String) async throws -> TestResponse {
            let body =
                Array("--xyz\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n\(token)\r\n".utf8)
                + Array("--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n".utf8)
                + Array("Content-Type: text/html\r\n\r\n".utf8) + bytes + Array("\r\n--xyz--\r\n".utf8)
            return try await media.client.send(
                TestRequest(
                    "POST", "/media/files",
                    headers: [("Content-Type", "multipart/form-data; boundary=xyz"), ("Cookie", cookie)], body: body))
        }
    }

    @Test("takes a file without a script, shows it, sends it and removes it", arguments: ["en", "de"])
    func withoutScript(locale: String) async throws {
        let visitor = try await Visitor(locale: locale)
        let empty = try await visitor.page()
        #expect(empty.status == 200 && empty.text.contains("multipart/form-data"))
        let token = try #require(empty.hiddenField("form_token"))
        let sent = try await visitor.send(pdf, name: "a;b.pdf", token: token)
        #expect(sent.status == 303, "\(sent.text)")
        let list = try await visitor.page()
        #expect(list.text.contains("a;b.pdf") && list.text.contains("application/pdf"))
        let file = try #require(list.text.firstMatch(of: /\/media\/files\/([0-9a-f-]{36})"/)).1
        let download = try await visitor.page("/media/files/\(file)")
        let link = try #require(download.header("Location"))
        #expect(download.status == 303 && link.hasPrefix("/api/media/files/\(file)/content?until="))
        #expect(try await visitor.media.client.get(link).header("X-Accel-Redirect") != nil)
        let removed = try await visitor.media.client.post(
            "/media/files/\(file)/removal", form: [("form_token", token)], cookie: visitor.cookie)
        #expect(removed.status == 303)
        #expect(try await !visitor.page().text.contains("a;b.pdf"))
    }

    @Test("refuses a file that another site's form sends, and says what is wrong with one")
    func refusals() async throws {
        let visitor = try await Visitor()
        #expect(try await visitor.send(pdf, name: "a.pdf", token: "guessed").status == 403)
        let token = try #require(try await visitor.page().hiddenField("form_token"))
        let html = try await visitor.send(Array("<html><script>alert(1)</script>".utf8), name: "a.pdf", token: token)
        #expect(html.status == 415 && html.text.contains("text/html"))
        let none = try await visitor.send([], name: "", token: token)
        #expect(none.status == 422 && none.text.contains("Choose a file first."))
        let broken = try await visitor.media.client.send(
            TestRequest(
                "POST", "/media/files",
                headers: [("Content-Type", "multipart/form-data; boundary=xyz"), ("Cookie", visitor.cookie)],
                body: Array("--xy".utf8)))
        #expect(broken.status == 400)
    }

    @Test("lets its script go on in the API with a ticket, which is good for that upload alone")
    func script() async throws {
        let visitor = try await Visitor()
        let token = try #require(try await visitor.page().hiddenField("form_token"))
        func begin() async throws -> (address: String, ticket: String) {
            let begun = try await visitor.media.client.post(
                "/media/uploads", form: [("name", "a.pdf"), ("size", "\(pdf.count)"), ("form_token", token)],
                cookie: visitor.cookie)
            let found = try #require(
                begun.text.firstMatch(of: /data-address="([^"]+)" data-ticket="([^"]+)"/), "\(begun.text)")
            return (String(found.1), String(found.2))
        }
        let (one, other) = (try await begin(), try await begin())
        let wrong = try await visitor.media.patch(
            one.address, nil, at: 0, pdf, [("Upload-Ticket", other.ticket)])
        #expect(wrong.status == 401)
        let head = try await visitor.media.tus("HEAD", at: one.address, nil, [("Upload-Ticket", one.ticket)])
        #expect(head.status == 200 && head.header("Upload-Offset") == "0")
        let done = try await visitor.media.patch(one.address, nil, at: 0, pdf, [("Upload-Ticket", one.ticket)])
        #expect(done.status == 204)
        #expect(try await visitor.page().text.contains("a.pdf"))
        #expect(
            try await visitor.media.client.get("/api/media/files", cookie: visitor.cookie).status == 401,
            "the API knows no cookie")
    }

    @Test("for those who run the place says who takes how much room")
    func usage() async throws {
        let visitor = try await Visitor()
        #expect(try await visitor.page("/media/usage").status == 403)
        let token = try #require(try await visitor.page().hiddenField("form_token"))
        #expect(try await visitor.send(pdf, name: "a.pdf", token: token).status == 303)
        try visitor.media.world.connection().run(
            "insert into accounts.role_grant select id, 'admin', now() from accounts.account")
        let page = try await visitor.page("/media/usage")
        #expect(page.status == 200 && page.text.contains("Ada") && page.text.contains("\(pdf.count) B"), "\(page.text)")
        #expect(try await visitor.page("/admin").text.contains("/media/usage"))
    }
}
