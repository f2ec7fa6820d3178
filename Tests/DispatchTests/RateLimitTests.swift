import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Testing

/// A plugin with limits of both kinds.
private struct BusyPlugin: Plugin {
    static let manifest = Manifest(id: "busy", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "busy/free", .public, Self.answer)
        Route(.get, "busy/shared", .public, limited: [.perAddress("shared", 3, seconds: 3_600)], Self.answer)
        PageRoute(.get, "busy/shared", .public, limited: [.perAddress("shared", 3, seconds: 3_600)], Self.page)
        Route(.get, "busy/quick", .public, limited: [.perAddress("quick", 2, seconds: 8)], Self.answer)
        Route(
            .get, "busy/both", .public,
            limited: [.perUser("person", 5, seconds: 3_600), .perAddress("house", 2, seconds: 3_600)], Self.answer)
        Route(.get, "busy/many", .public, limited: [.perAddress("many", 1_000, seconds: 86_400)], Self.answer)
        Route(.get, "busy/members", .authenticated, limited: [.perUser("members", 2, seconds: 3_600)], Self.answer)
        Authenticator { credential, _ in
            guard case .bearer(let token) = credential, let id = RawID("018f0000-0000-7000-8000-00000000000" + token)
            else { return nil }
            return Principal(id: id, name: token, roles: [], formToken: nil)
        }
    }

    @Sendable static func answer(_ context: borrowing Context) async throws -> Greeting { Greeting(hello: "you") }
    @Sendable static func page(_ context: borrowing Context) async throws -> Page { .redirect(to: "/") }
}

@Suite("Rate limits")
struct RateLimitTests {
    private func world(_ api: APISettings = APISettings(), regions: [String] = ["test"]) async throws
        -> TestInstallation
    {
        try await TestInstallation(regions: regions, plugins: [BusyPlugin.self], limited: true, api: api)
    }

    private func ask(
        _ world: TestInstallation, _ path: String, from address: String = "192.0.2.1", region: String = "test",
        _ more: [(name: String, value: String)] = []
    ) async -> TestResponse {
        let parameters = [
            ("LYCEUM_REGION", region), ("REQUEST_METHOD", "GET"), ("REQUEST_URI", path), ("REMOTE_ADDR", address),
        ]
        let answer = await LocalLane(world.installation).answer(parameters.map { (name: $0.0, value: $0.1) } + more)
        return TestResponse(status: answer.status, headers: answer.headers, body: answer.body)
    }

    @Test("let so many through, say what is left, and then when to come again")
    func quota() async throws {
        let world = try await world()
        for left in [2, 1, 0] {
            let answer = await ask(world, "/api/busy/shared")
            #expect(answer.status == 200)
            #expect(answer.header("RateLimit-Policy") == "\"busy.shared\";q=3;w=3600")
            #expect(answer.header("RateLimit") == "\"busy.shared\";r=\(left);t=\(1_200 * (3 - left))")
        }
        let over = await ask(world, "/api/busy/shared")
        #expect(over.status == 429 && over.json("code") as? String == "rate_limited")
        #expect(over.header("Content-Type") == "application/problem+json")
        let wait = try #require(over.header("Retry-After").flatMap { Int($0) })
        #expect((1_190...1_200).contains(wait))
        #expect(over.header("RateLimit")?.hasPrefix("\"busy.shared\";r=0;t=") == true)
        // Its page counts as the same, and is refused as a page.
        let page = await ask(world, "/busy/shared")
        #expect(page.status == 429 && page.header("Content-Type") == "text/html; charset=utf-8")
        #expect(page.header("Retry-After") != nil)
        let free = await ask(world, "/api/busy/free")
        #expect(free.status == 200 && free.header("RateLimit") == nil && free.header("RateLimit-Policy") == nil)
    }

    @Test("fill up again evenly")
    func refill() async throws {
        let world = try await world()
        for _ in 0..<2 { #expect(await ask(world, "/api/busy/quick").status == 200) }
        let wait = await ask(world, "/api/busy/quick").header("Retry-After").flatMap { Int($0) }
        #expect(wait.map { (1...4).contains($0) } == true)
        try await waitUntil("there is room for one again") { await ask(world, "/api/busy/quick").status == 200 }
    }

    @Test("count addresses: each of IPv4, each network of IPv6, whatever a client says of itself")
    func addresses() async throws {
        let world = try await world()
        func use(_ address: String, _ more: [(name: String, value: String)] = []) async -> Int {
            await ask(world, "/api/busy/shared", from: address, more).status
        }
        for address in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::7", "2001:db8:1:2:3:4:5:6"] {
            #expect(await use(address) == 200)
        }
        #expect(await use("2001:db8:1:2::9") == 429, "the same network")
        #expect(await use("2001:db8:1:3::1") == 200, "another network")
        for address in ["192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7"] { #expect(await use(address) == 200) }
        #expect(await use("::ffff:192.0.2.7") == 429)
        #expect(await use("192.0.2.8") == 200)
        let spoofed = [
            (name: "HTTP_X_FORWARDED_FOR", value: "198.51.100.1"), (name: "HTTP_X_REAL_IP", value: "198.51.100.1"),
            (name: "HTTP_FORWARDED", value: "for=198.51.100.1"), (name: "HTTP_REMOTE_ADDR", value: "198.51.100.1"),
        ]
        #expect(await use("192.0.2.7", spoofed) == 429)
    }

    @Test("count people wherever they are, guests by address, and only who may use it at all")
    func people() async throws {
        let world = try await world()
        func member(_ token: String?, _ address: String) async -> Int {
            await ask(
                world, "/api/busy/members", from: address,
                token.map { [(name: "HTTP_AUTHORIZATION", value: "Bearer \($0)")] } ?? []
            ).status
        }
        for _ in 0..<5 { #expect(await member(nil, "192.0.2.1") == 401) }
        #expect(await member("1", "192.0.2.1") == 200)
        #expect(await member("1", "192.0.2.2") == 200)
        #expect(await member("1", "192.0.2.3") == 429)
        #expect(await member("2", "192.0.2.1") == 200)
        // Several limits are all told, and the first that is reached refuses.
        let both = await ask(world, "/api/busy/both", from: "192.0.2.9")
        #expect(both.header("RateLimit-Policy") == "\"busy.person\";q=5;w=3600, \"busy.house\";q=2;w=3600")
        #expect(await ask(world, "/api/busy/both", from: "192.0.2.9").status == 200)
        let over = await ask(world, "/api/busy/both", from: "192.0.2.9")
        #expect(over.status == 429 && over.header("RateLimit")?.contains("\"busy.house\";r=0") == true)
    }

    @Test("are a region's own, which may set other numbers and lift them")
    func regions() async throws {
        let both = try await world(regions: ["one", "two"])
        for _ in 0..<3 { _ = await ask(both, "/api/busy/shared", region: "one") }
        #expect(await ask(both, "/api/busy/shared", region: "one").status == 429)
        #expect(await ask(both, "/api/busy/shared", region: "two").status == 200)
        var api = APISettings()
        api.limits = [APISettings.Quota("busy.shared", requests: 1), APISettings.Quota("*", requests: 0)]
        let own = try await world(api)
        let answer = await ask(own, "/api/busy/shared")
        #expect(answer.header("RateLimit-Policy") == "\"busy.shared\";q=1;w=60")
        #expect(await ask(own, "/api/busy/shared").status == 429)
        for _ in 0..<4 { #expect(await ask(own, "/api/busy/quick").header("RateLimit") == nil) }
        api.limits = [APISettings.Quota("busy.share", requests: 1)]
        await #expect { try await world(api) } throws: { "\($0)".contains("did you mean \"busy.shared\"?") }
    }

    @Test("let exactly so many through of many at once")
    func atOnce() async throws {
        let world = try await world()
        let passed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var passed = 0
                    for _ in 0..<200 { if await ask(world, "/api/busy/many").status == 200 { passed += 1 } }
                    return passed
                }
            }
            return await group.reduce(0, +)
        }
        // One more comes back every 86 seconds.
        #expect((1_000...1_001).contains(passed))
    }

    @Test("must have a name, and one meaning")
    func mistakes() async throws {
        await #expect { try await TestInstallation(plugins: [MuddledPlugin.self]) } throws: { error in
            let said = "\(error)"
            return said.contains("\"Not so\" is none") && said.contains("twice has other numbers elsewhere")
                && said.contains("the rate limit none must let")
        }
    }
}

private struct MuddledPlugin: Plugin {
    static let manifest = Manifest(id: "muddled", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "muddled/a", .public, limited: [.perAddress("Not so")], Self.answer)
        Route(.get, "muddled/b", .public, limited: [.perUser("twice", 1), .perUser("none", 0)], Self.answer)
        Route(.get, "muddled/c", .public, limited: [.perUser("twice", 2)], Self.answer)
    }
    @Sendable static func answer(_ context: borrowing Context) async throws -> Greeting { Greeting(hello: "you") }
}
