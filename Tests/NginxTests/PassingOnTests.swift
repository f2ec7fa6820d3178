import Foundation
import Testing

@Suite("What nginx passes on")
struct PassingOnTests {
    /// nginx before a program that answers with what it was told.
    private func world(faults: Int = 0) throws -> (Nginx, Echo) {
        let nginx = try Nginx()
        let echo = try Echo(nginx.workerSocket, faults: faults)
        try nginx.fillStandalone()
        try nginx.start()
        return (nginx, echo)
    }

    private func parameters(_ answer: HTTP) -> [String: String] {
        var result: [String: String] = [:]
        for line in answer.body.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        }
        return result
    }

    @Test("the region is the first label of the host, and nothing at localhost itself")
    func region() throws {
        let (nginx, echo) = try world()
        defer { echo.stop() }
        for (host, region) in [
            ("academy.localhost:\(nginx.port)", "academy"), ("youth-sports.localhost", "youth-sports"),
            ("ACADEMY.localhost", "academy"), ("localhost:\(nginx.port)", ""), ("127.0.0.1", ""),
            ("a.b.localhost", "a.b"), ("academy.localhost.example.org", ""), ("academy.localhost.", "academy"),
        ] {
            let told = parameters(try HTTP(port: nginx.port, path: "/x?y=1", host: host))
            #expect(told["LYCEUM_REGION"] == region, "\(host)")
            #expect(told["REQUEST_URI"] == "/x?y=1" && told["REQUEST_METHOD"] == "GET")
        }
    }

    @Test("headers cannot pass for what nginx says")
    func spoofing() throws {
        let (nginx, echo) = try world()
        defer { echo.stop() }
        let forged = [
            "LYCEUM_REGION: studio", "Lyceum-Region: studio", "Lyceum-Language: xx", "LYCEUM_LANGUAGE: xx",
            "Proxy: evil",
            "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Real-IP: 6.6.6.6",
            "Forwarded: for=6.6.6.6", "REMOTE_ADDR: 6.6.6.6", "HTTPS: on", "X-Http-Method-Override: DELETE",
            "Request-Id: mine", "X-Original-URL: /admin", "X-Rewrite-URL: /admin",
        ]
        let told = parameters(
            try HTTP(
                port: nginx.port, path: "/", host: "academy.localhost",
                headers: forged + ["X-Own: kept", "Cookie: a=b"]))
        #expect(told["LYCEUM_REGION"] == "academy")
        #expect(told["REMOTE_ADDR"] == "127.0.0.1")
        #expect(told["HTTP_X_OWN"] == "kept" && told["HTTP_COOKIE"] == "a=b", "other headers are passed on")
        for name in [
            "HTTPS", "LYCEUM_LANGUAGE", "HTTP_PROXY", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO",
            "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED",
            "HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_ORIGINAL_URL", "HTTP_X_REWRITE_URL",
        ] { #expect(told[name] == nil, "\(name) is \(told[name] ?? "")") }
        let id = try #require(told["REQUEST_ID"])
        #expect(id.count == 32 && id.allSatisfy(\.isHexDigit))
    }

    @Test("the host is passed with its port, and never one that nginx did not choose by")
    func host() throws {
        let (nginx, echo) = try world()
        defer { echo.stop() }
        func told(_ path: String, _ host: String) throws -> String? {
            parameters(try HTTP(port: nginx.port, path: path, host: host))["HTTP_HOST"]
        }
        #expect(try told("/", "academy.localhost:8080") == "academy.localhost:8080")
        #expect(try told("/", "academy.localhost") == "academy.localhost")
        #expect(try told("/", "Academy.Localhost:8080") == "academy.localhost:8080")
        #expect(try told("http://academy.localhost/", "evil.example.org:1") == "academy.localhost")
    }

    @Test("a body arrives, and one connection carries many requests")
    func keptConnections() throws {
        let (nginx, echo) = try world()
        defer { echo.stop() }
        for _ in 0..<40 {
            let answer = try HTTP(
                port: nginx.port, "POST", path: "/api/x", host: "academy.localhost",
                headers: ["Content-Type: application/json"], body: Array("{}".utf8))
            #expect(parameters(answer)["CONTENT_LENGTH"] == "2")
            #expect(parameters(answer)["CONTENT_TYPE"] == "application/json")
        }
        #expect(echo.requestCount == 40)
        #expect(echo.connectionCount <= 4, "two nginx workers, kept connections")
    }

    @Test("a GET whose worker dies is asked again, a POST is not")
    func retries() throws {
        let (nginx, echo) = try world(faults: 1)
        #expect(try HTTP(port: nginx.port, path: "/", host: "academy.localhost").status == 200)
        #expect(echo.requestCount == 2)
        echo.stop()

        let (second, failing) = try world(faults: 1)
        defer { failing.stop() }
        let answer = try HTTP(port: second.port, "POST", path: "/api/x", host: "academy.localhost", body: [1])
        #expect(answer.status == 503)
        #expect(failing.requestCount == 1)
        #expect(
            try HTTP(port: second.port, path: "/", host: "academy.localhost").status == 200, "and it is not set aside")
    }
}
