import Foundation
import Testing

@Suite("What nginx answers itself")
struct OwnAnswersTests {
    private func world() throws -> Nginx {
        let nginx = try Nginx()
        try nginx.fillStandalone()
        try nginx.start()
        return nginx
    }

    private func problem(_ answer: HTTP) throws -> [String: String] {
        #expect(answer.headers["content-type"] == "application/problem+json")
        let json = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        return try #require(json).mapValues { "\($0)" }
    }

    @Test("while no worker listens, 503: a problem for programs, a page for people")
    func noWorker() throws {
        let nginx = try world()
        let api = try HTTP(port: nginx.port, path: "/api/courses.json", host: "academy.localhost")
        let problem = try problem(api)
        #expect(api.status == 503 && problem["status"] == "503" && problem["code"] == "unavailable")
        #expect(api.headers["retry-after"] == "5" && api.headers["cache-control"] == "no-store")
        #expect(problem["requestId"]?.count == 32)

        let page = try HTTP(port: nginx.port, path: "/courses", host: "academy.localhost")
        #expect(page.status == 503 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.body.contains("<h1>Back in a moment</h1>"))
        #expect(page.headers["server"] == "nginx", "without a version")
    }

    @Test("a body of more than 1 MiB is 413, the same two ways")
    func tooLarge() throws {
        let nginx = try world()
        let body = [UInt8](repeating: 0x78, count: 1_048_577)
        let api = try HTTP(port: nginx.port, "POST", path: "/api/x", host: "academy.localhost", body: body)
        let problem = try problem(api)
        #expect(api.status == 413 && problem["status"] == "413" && problem["code"] == "body_too_large")
        let page = try HTTP(port: nginx.port, "POST", path: "/x", host: "academy.localhost", body: body)
        #expect(page.status == 413 && page.body.contains("<h1>Too large</h1>"))
    }

    @Test(
        "whatever nginx refuses by itself is a problem below /api/ and a page elsewhere, and 405 says what is allowed")
    func refusals() throws {
        let nginx = try world()
        let long = String(repeating: "x", count: 40_000)
        let methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        let refused: [(String, Int, String, (String) throws -> HTTP)] = [
            (
                "TRACE", 405, "method_not_allowed",
                { try HTTP(port: nginx.port, "TRACE", path: $0, host: "academy.localhost") }
            ),
            (
                "a long address", 414, "address_too_long",
                {
                    try HTTP(port: nginx.port, path: $0 + "?" + long, host: "academy.localhost")
                }
            ),
            (
                "a zero byte", 400, "malformed",
                { try HTTP(port: nginx.port, path: $0 + "%00", host: "academy.localhost") }
            ),
            (
                "a broken escape", 400, "malformed",
                { try HTTP(port: nginx.port, path: $0 + "%zz", host: "academy.localhost") }
            ),
            ("no host", 400, "malformed", { try HTTP(port: nginx.port, path: $0, host: "") }),
            (
                "two hosts", 400, "malformed",
                {
                    try HTTP(port: nginx.port, path: $0, host: "academy.localhost", headers: ["Host: studio.localhost"])
                }
            ),
            (
                "a large cookie", 431, "headers_too_large",
                {
                    try HTTP(port: nginx.port, path: $0, host: "academy.localhost", headers: ["Cookie: a=" + long])
                }
            ),
        ]
        for (what, status, code, send) in refused {
            let api = try send("/api/courses")
            let problem = try problem(api)
            #expect(api.status == status && problem["status"] == "\(status)" && problem["code"] == code, "\(what)")
            #expect(problem["requestId"]?.count == 32 && api.headers["cache-control"] == "no-store", "\(what)")
            let page = try send("/courses")
            #expect(page.status == status && page.headers["content-type"] == "text/html; charset=utf-8", "\(what)")
            #expect(page.body.contains("class=\"ly-plain\""), "\(what)")
            #expect(api.headers["allow"] == (status == 405 ? methods : nil), "\(what)")
        }
        let asset = try HTTP(port: nginx.port, "POST", path: "/assets/lyceum/lyceum.css", host: "localhost")
        #expect(asset.status == 405 && asset.headers["allow"] == "GET, HEAD")
        // Nobody can ask for these pages.
        let own = try HTTP(port: nginx.port, path: "/lyceum-error/api/503", host: "academy.localhost")
        #expect(own.status == 404)
    }

    @Test("assets come from their directory, versioned ones for a year, and nothing beside it")
    func assets() throws {
        let nginx = try world()
        for host in ["localhost", "academy.localhost"] {
            let versioned = try HTTP(port: nginx.port, path: "/assets/lyceum/lyceum.css?v=1", host: host)
            #expect(versioned.status == 200 && versioned.body == "body { color: red }")
            #expect(versioned.headers["content-type"] == "text/css")
            #expect(versioned.headers["cache-control"] == "max-age=31536000")
            #expect(versioned.headers["x-content-type-options"] == "nosniff")
        }
        let plain = try HTTP(port: nginx.port, path: "/assets/lyceum/lyceum.css", host: "localhost")
        #expect(plain.headers["cache-control"] == "max-age=3600")
        #expect(try HTTP(port: nginx.port, path: "/assets/gone.css", host: "localhost").status == 404)
        for path in [
            "/assets/../nginx.conf", "/assets/%2e%2e/nginx.conf", "/assets../nginx.conf",
            "/assets/lyceum/../../nginx.conf",
        ] {
            let answer = try HTTP(port: nginx.port, path: path, host: "localhost")
            #expect(answer.status >= 400 && !answer.body.contains("worker_processes"), "\(path)")
        }
    }
}
