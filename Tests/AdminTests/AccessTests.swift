import Accounts
import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("The administration is for those who may")
struct AccessTests {
    /// Every address of the kernel's own, as it stands in the list of routes.
    private func addresses(_ world: AdminWorld) -> [(method: String, path: String)] {
        world.plan.addresses.filter { $0.plugin == "lyceum" }.map { address in
            let path = address.path.replacing("{listener}", with: "recorder.write-down")
                .replacing("{topic}", with: "recorder.number.sent").replacing("{major}", with: "1")
                .replacing("{run}", with: "01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11")
                .replacing("{job}", with: "jobber.steps").replacing("{event}", with: "1")
            return (address.method, path)
        }
    }

    @Test("a guest is sent to sign in, a learner is refused, at every page and route there is")
    func denials() async throws {
        let world = try await AdminWorld()
        let addresses = addresses(world)
        #expect(addresses.count > 30)
        #expect(!addresses.contains { $0.path.contains("{") })
        for (method, path) in addresses {
            let isAPI = path.hasPrefix("/api/")
            func ask(cookie: String?, token: String?) async throws -> TestResponse {
                guard method == "POST" else { return try await world.client.get(path, token: token, cookie: cookie) }
                return isAPI
                    ? try await world.client.send("POST", path, json: "{}", token: token)
                    : try await world.client.post(path, form: [], cookie: cookie)
            }
            let guest = try await ask(cookie: nil, token: nil)
            #expect(guest.status == (isAPI ? 401 : 303), "\(method) \(path)")
            if !isAPI { #expect(guest.header("Location")?.hasPrefix("/accounts/sign-in") == true, "\(method) \(path)") }
            let learner = try await ask(cookie: world.learner, token: world.learnerToken)
            #expect(learner.status == 403, "\(method) \(path)")
            #expect(!learner.text.contains("write-down"), "\(method) \(path)")
            let admin = try await ask(cookie: world.admin, token: world.adminToken)
            // A form without its page's token is refused to everybody.
            if isAPI || method == "GET" { #expect(![401, 403].contains(admin.status), "\(method) \(path)") }
        }
        #expect(try world.number("select count(*) from lyceum.intervention where means = 'page'") == 0)
    }

    @Test("the navigation leads those who may to a home of all there is, and nobody else")
    func navigation() async throws {
        let world = try await AdminWorld()
        let link = #"<a href="/admin""#
        #expect(try await world.client.get("/courses").text.contains(link) == false)
        #expect(try await world.client.get("/courses", cookie: world.learner).text.contains(link) == false)
        #expect(try await world.get("/courses").text.contains(#"<a href="/admin">Administration</a>"#))
        let home = try await world.get("/admin")
        #expect(home.status == 200)
        #expect(home.text.contains(#"<a href="/admin" aria-current="page">Administration</a>"#))
        for path in ["/admin/deliveries", "/admin/events", "/admin/jobs"] {
            #expect(home.text.contains("href=\"\(path)\""))
            let page = try await world.get(path)
            #expect(page.text.contains("<a href=\"\(path)\" aria-current=\"page\">"))
        }
    }

    @Test("a plugin's own administration stands beside the kernel's, for those who may use it")
    func plugins() async throws {
        let world = try await TestInstallation(plugins: [AccountsPlugin.self, LibraryPlugin.self])
        let person = #"{"name": "Lib", "email": "lib@example.org", "password": "correct horse"}"#
        let made = try await world.client().send("POST", "/api/accounts/registrations", json: person)
        let id = try #require(made.json("id") as? String)
        try world.connection().run("insert into accounts.role_grant values (\(id)::uuid, 'librarian', now())")
        let signed = try await world.client().post(
            "/accounts/sign-in", form: [("email", "lib@example.org"), ("password", "correct horse")])
        let cookie = "lyceum=" + (try #require(signed.cookie("lyceum")))
        let home = try await world.client().get("/admin", cookie: cookie)
        #expect(home.status == 200)
        #expect(home.text.contains(#"href="/library/shelves""#) && home.words.contains("Where each book stands."))
        #expect(!home.text.contains("/admin/deliveries"))
        #expect(try await world.client().get("/admin/deliveries", cookie: cookie).status == 403)
    }

    @Test("a region without accounts has no administration")
    func withoutAccounts() async throws {
        let world = try await TestInstallation(plugins: [RecorderPlugin.self])
        for path in ["/admin", "/admin/deliveries", "/api/lyceum/deliveries"] {
            #expect(try await world.client().get(path).status == 404)
        }
    }

    @Test("a plugin cannot be called admin, nor have pages there")
    func names() throws {
        let refused = #expect(throws: RegistryError.self) { try Registry([AdminPlugin.self]) }
        #expect(refused?.description.contains("admin, api, assets and lyceum are taken by the platform") == true)
        var entry = Generation.RegionEntry()
        entry.id = "r"
        entry.plugins = [Generation.PluginEntry(id: "intruder", settings: "{}")]
        let error = #expect(throws: RegionPlanError.self) {
            try RegionPlan(entry, try Registry([IntruderPlugin.self]))
        }
        #expect(
            error?.description.contains("its path must begin with \"intruder\", or with \"admin/intruder\"") == true)
    }
}

private struct LibraryPlugin: Plugin {
    static let manifest = Manifest(id: "library", version: "1.0.0")
    static let arrange = Permission("library.shelf.arrange", "Arrange shelves.", roles: ["librarian"])
    static var declarations: [any Declaration] { arrange }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Navigation.administration(
            "Shelves", about: "Where each book stands.", path: "/library/shelves", order: 10, Self.arrange)
    }
}

private struct AdminPlugin: Plugin {
    static let manifest = Manifest(id: "admin", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {}
}

private struct IntruderPlugin: Plugin {
    static let manifest = Manifest(id: "intruder", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        PageRoute(.get, "admin/jobs", .public) { _ in .redirect(to: "/") }
    }
}
