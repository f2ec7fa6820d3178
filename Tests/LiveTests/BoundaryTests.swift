import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Live {
    @Suite("What clients, networks and databases do to it")
    struct BoundaryTests {
        @Test("while a region's database is away it is 503, other regions serve, and it comes back by itself")
        func databaseAway() async throws {
            let school = try await LiveSchool()
            let studio = school.live.client(region: "studio")
            #expect(try await school.client.get("/api/courses").status == 200)
            let workers = Set(school.live.processes)
            let name = try school.world.databaseName()
            let server = try Connection(try TestCluster.shared().conninfo())
            try server.script("alter database \(name) allow_connections false")
            try server.script("select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(name)'")
            // More often than a process has connections: each finds out that its own is gone.
            for _ in 0..<20 {
                let answer = try await school.client.get("/api/courses")
                #expect(answer.status == 503)
                #expect(answer.header("Content-Type") == "application/problem+json")
                #expect(answer.json("code") as? String == "database_unavailable")
                #expect(answer.header("Retry-After") == "1")
                #expect((answer.json("detail") as? String)?.hasPrefix("Nothing was changed.") == true)
            }
            let write = try await school.client.send(
                "POST", "/api/accounts/registrations",
                json: #"{"name": "Ada", "email": "ada@example.org", "password": "correct horse"}"#)
            #expect(write.status == 503)
            let page = try await school.client.get("/courses")
            #expect(page.status == 503)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.header("Retry-After") == "1")
            #expect(
                try await studio.send(
                    "POST", "/api/accounts/sessions", json: #"{"email": "a@b.org", "password": "no"}"#
                )
                .status == 401)
            #expect(try await school.live.indexClient().get("/health/live").status == 200)

            try server.script("alter database \(name) allow_connections true")
            try await waitUntil("the region answers again") {
                try await school.client.get("/api/courses").status == 200
            }
            // What was refused was not done, and works now; no process was replaced for it.
            _ = try await school.person("ada")
            #expect(Set(school.live.processes) == workers)
        }

        @Test("a body that nobody reads is passed over, and the connection it came on serves on")
        func unreadBodies() async throws {
            let school = try await LiveSchool()
            let teacher = try await school.person("grace", roles: ["instructor"])
            let course = try await school.course("swift", by: teacher)
            let large = String(repeating: " ", count: 1_000_000)
            for _ in 0..<20 {
                for (path, token, status) in [
                    ("/api/nothing", nil, 404), ("/api/courses", nil, 401), ("/api/accounts/me", teacher, 405),
                ] {
                    #expect(try await school.client.send("POST", path, json: large, token: token).status == status)
                }
                #expect(try await school.client.get("/api/courses").status == 200)
            }
            let enrolled = try await school.client.send(
                "POST", "/api/courses/\(course)/enrollment", json: large, token: teacher)
            #expect(enrolled.status == 201)
            #expect(school.live.errors == "")
        }

        @Test(
            "a connection that is lost while something is written is told without a promise, and the next request is served"
        )
        func databaseLost() async throws {
            let school = try await LiveSchool()
            let database = try school.world.connection()
            let teacher = try await school.person("grace", roles: ["instructor"])
            let course = try await school.course("swift", by: teacher)
            try database.script(
                """
                create function courses.doze() returns trigger language plpgsql as
                    $$ begin perform pg_sleep(60); return new; end $$;
                create constraint trigger doze after insert on courses.enrollment
                    deferrable initially deferred for each row execute function courses.doze()
                """)
            let client = school.client
            async let lost = client.send("POST", "/api/courses/\(course)/enrollment", json: "", token: teacher)
            try await waitUntil("the commit is under way") {
                try database.number(
                    """
                    select count(pg_terminate_backend(pid)) from pg_stat_activity
                    where datname = current_database() and wait_event = 'PgSleep'
                    """) == 1
            }
            let answer = try await lost
            #expect(answer.status == 503 && answer.json("code") as? String == "database_unavailable")
            #expect(answer.header("Retry-After") == "1")
            #expect((answer.json("detail") as? String)?.contains("Nothing was changed") == false)
            try database.script("drop trigger doze on courses.enrollment")
            let again = try await client.send("POST", "/api/courses/\(course)/enrollment", json: "", token: teacher)
            #expect(again.status == 201)
        }

        @Test("headers cannot pass for what nginx says")
        func spoofing() async throws {
            let school = try await LiveSchool()
            let token = try await school.person("ada")
            func answer(_ region: String, _ path: String, _ headers: [(String, String)]) async throws -> TestResponse {
                try await school.live.client(region: region).send(
                    TestRequest("GET", path, headers: headers.map { (name: $0.0, value: $0.1) }))
            }
            for name in [
                "LYCEUM_REGION", "Lyceum-Region", "HTTP_LYCEUM_REGION", "HTTP-Lyceum-Region", "X-Lyceum-Region",
            ] {
                #expect(try await answer("studio", "/api/courses", [(name, "academy")]).status == 404, "\(name)")
                #expect(try await answer("academy", "/api/courses", [(name, "studio")]).status == 200, "\(name)")
            }
            // A second host beside the real one, in all its spellings.
            for name in ["X-Forwarded-Host", "Forwarded", "X-Host", "HTTP_HOST"] {
                #expect(
                    try await answer("studio", "/api/courses", [(name, "academy.localhost")]).status == 404, "\(name)")
            }
            for (name, value) in [
                ("REQUEST_METHOD", "DELETE"), ("X-HTTP-Method-Override", "DELETE"), ("REQUEST_URI", "/api/nothing"),
                ("X-Original-URL", "/api/nothing"), ("X-Rewrite-URL", "/api/nothing"), ("CONTENT_LENGTH", "99999999"),
                ("REQUEST_ID", "mine"), ("HTTP_AUTHORIZATION", "Bearer forged"),
                ("HTTP-Authorization", "Bearer forged"),
            ] {
                #expect(try await answer("academy", "/api/courses", [(name, value)]).status == 200, "\(name)")
            }
            #expect(
                try await answer("academy", "/api/accounts/me", [("Authorization", "Bearer \(token)")]).status == 200)
            for name in ["HTTP_AUTHORIZATION", "HTTP-Authorization", "HTTP_HTTP_AUTHORIZATION", "Cookie"] {
                #expect(
                    try await answer("academy", "/api/accounts/me", [(name, "Bearer \(token)")]).status == 401,
                    "\(name)")
            }
            // Another region's token is nobody's.
            #expect(
                try await answer("studio", "/api/accounts/me", [("Authorization", "Bearer \(token)")]).status == 401)
        }

        @Test("a request that breaks off anywhere leaves the server answering")
        func brokenOff() async throws {
            let school = try await LiveSchool()
            let client = school.client
            _ = try await school.person("ada")
            let body = #"{"email": "ada@example.org", "password": "correct horse"}"#
            let head = [
                "POST /api/accounts/sessions HTTP/1.1", "Host: academy.localhost", "Connection: close",
                "Content-Type: application/json", "Content-Length: \(body.utf8.count)", "", "",
            ].joined(separator: "\r\n")
            let request = Array((head + body).utf8)
            let whole = try client.raw(request)
            try #require(whole.hasPrefix("HTTP/1.1 201 Created\r\n"), "\(whole)")
            let processes = Set(school.live.processes)
            for length in stride(from: 1, through: request.count, by: 9) {
                for rudely in [false, true] {
                    try client.hangUp(after: Array(request.prefix(length)), rudely: rudely)
                }
            }
            // The whole of it, and gone before the answer: the work of as many as there are threads, and more.
            for _ in 0..<40 { try client.hangUp(after: request, rudely: true) }
            try FastCGIBreaker.breakOff(school.live.socket)
            // Those who are gone have left their passwords to be compared, and only so many may wait for that: until it is
            // done, others are told to come again.
            for _ in 0..<40 {
                try await waitUntil("an answer") {
                    let answer = try client.raw(request)
                    if answer.hasPrefix("HTTP/1.1 201 Created\r\n") { return true }
                    #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("Retry-After: 1\r\n"), "\(answer)")
                    return false
                }
            }
            #expect(Set(school.live.processes) == processes, "no process died of it")
            let errors = school.live.errors.split(separator: "\n").filter { !$0.contains("limits.regionThreads") }
            #expect(errors == [])
        }
    }
}

/// Speaks half a sentence of FastCGI to the workers' socket and hangs up, as an nginx does that is killed.
enum FastCGIBreaker {
    static func breakOff(_ path: String) throws {
        func field(_ name: String, _ value: String) -> [UInt8] {
            [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        let fields =
            field("REQUEST_METHOD", "POST") + field("REQUEST_URI", "/api/accounts/sessions")
            + field("LYCEUM_REGION", "academy") + field("CONTENT_TYPE", "application/json")
            + field("CONTENT_LENGTH", "1000")
        func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
            [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0] + content
        }
        let request =
            record(1, [0, 1, 1, 0, 0, 0, 0, 0]) + record(4, fields) + record(4, [])
            + record(5, Array(repeating: UInt8(ascii: " "), count: 500))
        for length in stride(from: 1, through: request.count, by: 23) {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(connected == 0)
            try #require(send(descriptor, Array(request.prefix(length)), length, Int32(MSG_NOSIGNAL)) == length)
        }
    }
}
