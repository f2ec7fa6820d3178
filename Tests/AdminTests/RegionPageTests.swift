import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

/// A plugin with settings of every kind.
private struct VaultPlugin: Plugin {
    struct Settings: Input {
        @Field("How the door is called.") var door = "front"
        @Field("Who may enter.") var people = ["ada", "grace"]
        @Field("The key of the door.", .length(4...100)) var key: Secret<String>?
        @Field("The key of the cellar.", .length(4...100)) var cellar: Secret<String>?
        @Field("Where it is.") var place: Place?
    }
    struct Place: Input {
        @Field("The street.") var street = ""
        @Field("The code of the gate.") var code: Secret<String>?
    }

    static let manifest = Manifest(id: "vault", version: "2.1.0")
    static var declarations: [any Declaration] {}
    init() {}
    func contributions(_ settings: Settings) -> [any Contribution] {}
}

@Suite("An operator's pages of the region: health, plugins and settings")
struct RegionPageTests {
    private func world(_ settings: String = "{}") async throws -> AdminWorld {
        try await AdminWorld(more: [VaultPlugin.self], settings: ["vault": settings])
    }

    private static let secret =
        #"{"door": "back <door>", "key": "hunter2-hunter2", "place": {"street": "High", "code": "swordfish"}}"#

    @Test("settings are shown with their values or as defaults, and never a secret")
    func settings() async throws {
        let world = try await world(Self.secret)
        let page = try await world.get("/admin/settings")
        #expect(page.status == 200)
        let words = page.words
        #expect(words.contains("regions/test.yaml, below plugins: vault:"))
        #expect(words.contains("door How the door is called. back <door> set"), "\(words)")
        #expect(words.contains(#"people Who may enter. [ "ada", "grace" ] default"#), "\(words)")
        #expect(words.contains("key The key of the door. secret, not shown set"))
        #expect(words.contains("cellar The key of the cellar. secret, not shown not set"))
        #expect(words.contains("place Where it is. secret, not shown set"))
        #expect(words.contains("coursesPerPage How many courses a page of the catalogue shows. 12 default"))
        let answer = try await world.client.get("/api/lyceum/plugins", token: world.adminToken)
        let plugins = try #require(answer.json() as? [[String: Any]])
        let vault = try #require(plugins.first { $0["id"] as? String == "vault" })
        #expect(vault["version"] as? String == "2.1.0" && vault["state"] as? String == "enabled")
        let settings = try #require(vault["settings"] as? [[String: Any]])
        #expect(settings.map { $0["isSecret"] as? Bool } == [false, false, true, true, true])
        #expect(settings.map { $0["isSet"] as? Bool } == [true, false, true, false, true])
        #expect(settings[0]["value"] as? String == #""back <door>""#)
        for target in ["/admin", "/admin/plugins", "/admin/settings"] {
            let text = try await world.get(target).text
            #expect(!text.contains("hunter2") && !text.contains("swordfish"), "\(target)")
        }
        #expect(!answer.text.contains("hunter2") && !answer.text.contains("swordfish"))
        #expect(!answer.text.contains("High"), "what has a secret within it is not shown at all")
    }

    @Test("plugins are shown with what serves, what is in the database, and how each stands")
    func plugins() async throws {
        let world = try await world()
        #expect(try await world.get("/admin/plugins").words.contains("vault 2.1.0 2.1.0 built in enabled"))
        try world.database.run("update lyceum.plugin set state = 'draining' where id = 'jobber'")
        try world.database.run("update lyceum.plugin set version = null where id = 'vault'")
        try world.database.run("insert into lyceum.plugin (id, state, version) values ('gone', 'disabled', '0.9.0')")
        try world.database.run(
            """
            insert into lyceum.listener (name, quarantined_at) values ('recorder.write-down', now())
            on conflict (name) do update set quarantined_at = now()
            """
        )
        let words = try await world.get("/admin/plugins").words
        #expect(words.contains("vault 2.1.0 – built in not installed"), "\(words)")
        #expect(words.contains("jobber 1.0.0 1.0.0 built in being disabled"))
        #expect(words.contains("gone – 0.9.0 – disabled"))
        #expect(words.contains("built in enabled quarantined: recorder.write-down"))
        try world.database.run("delete from lyceum.cursor where listener = 'recorder.write-down'")
        let page = try await world.get("/admin")
        #expect(
            !page.text.contains("/admin/deliveries/recorder.write-down"), "it has been given nothing, so it has no page"
        )
        let home = page.words
        #expect(home.contains("vault is not installed in the database; run lyceum migrate"))
        #expect(home.contains("The listener recorder.write-down is quarantined"))
    }

    @Test("a plugin that could not be loaded is named with the reason, and what it hears is kept for it")
    func failed() async throws {
        let world = try await AdminWorld(failed: [
            Generation.FailedPlugin(id: "lending", reason: "lending.so is no library")
        ])
        try world.database.run("insert into lyceum.plugin (id, state, version) values ('lending', 'enabled', '1.0.0')")
        for name in ["lending.write-down", "lender.write-down"] {
            try world.database.run(
                """
                insert into lyceum.cursor select (jsonb_populate_record(
                    cursor, jsonb_build_object('listener', \(name)::text))).*
                from lyceum.cursor where listener = 'recorder.write-down'
                """)
        }
        let home = try await world.get("/admin").words
        #expect(
            home.contains("lending is enabled and could not be loaded") && !home.contains("Everything is well."),
            "\(home)")
        let plugins = try await world.get("/admin/plugins")
        #expect(plugins.words.contains("lending – 1.0.0 – could not be loaded lending.so is no library"))
        #expect(plugins.text.contains(#"text-bg-danger">could not be loaded"#))
        let api = try await world.client.get("/api/lyceum/plugins", token: world.adminToken)
        #expect(
            api.text.contains(#""id":"lending","state":"failed","reason":"lending.so is no library""#), "\(api.text)")

        let path = "/admin/deliveries/lending.write-down"
        #expect(try await world.get("/admin/deliveries").words.contains("0 0 its plugin failed"))
        let page = try await world.get(path)
        #expect(page.words.contains("It waits where it is, until the plugin is put right.") && page.status == 200)
        #expect(!page.text.contains("no enabled plugin") && !page.text.contains("/forget"), "\(page.words)")
        let other = "/admin/deliveries/lender.write-down"
        #expect(try await world.get(other).text.contains("\(other)/forget"))
        let kept = try await world.post(path + "/forget", from: path + "/forget", [("confirmed", "on")])
        #expect(kept.status == 409 && kept.words.contains("lending.write-down waits for it"), "\(kept.words)")
        let list = try await world.client.get("/api/lyceum/deliveries", token: world.adminToken)
        #expect(
            list.text.contains(
                #""listener":"lending.write-down","topic":"recorder.number.sent","major":1,"state":"failed""#))
        let asked = try await world.client.send(
            "POST", "/api/lyceum/deliveries/lending.write-down/forget", json: #"{"confirmed": true}"#,
            token: world.adminToken)
        #expect(asked.status == 409)

        // Of one that another host is without, nobody knows what it has.
        try world.database.run(
            """
            insert into lyceum.host (id, name, revision, plugins, digest, seen_at)
            values ('other', 'castor', 1, 'accounts 1.1.0, lender failed', '', now())
            """)
        let elsewhere = try await world.post(other + "/forget", from: other + "/forget", [("confirmed", "on")])
        #expect(elsewhere.status == 409 && elsewhere.words.contains("castor serves lender failed"))
        #expect(try world.number("select count(*) from lyceum.cursor where listener like 'lend%'") == 2)
    }

    @Test("the home says that all is well, or what is not, and leads there")
    func home() async throws {
        let world = try await world()
        let well = try await world.get("/admin").words
        #expect(
            well.contains("Everything is well.") && well.contains("Database up Plugins 5 Jobs running 0"), "\(well)")
        try await world.send("k", [1, 2])
        for event in 1...3 { try world.fail(Int64(event)) }
        _ = try world.run("jobber.steps", state: "dead")
        _ = try world.run("jobber.steps", state: "failed")
        let home = try await world.get("/admin")
        #expect(home.words.contains("3 events were given up 1 run of a job was given up"))
        #expect(home.words.contains("Events given up 3 Jobs tried again 1"))
        #expect(home.words.contains("Events behind 2"))
        #expect(
            home.text.contains(#"href="/admin/deliveries""#)
                && home.text.contains(#"href="/admin/jobs/runs?state=dead""#))
    }

    @Test("whoever may not see the region sees none of it")
    func denied() async throws {
        let world = try await world(Self.secret)
        for target in ["/admin/plugins", "/admin/settings"] {
            #expect(try await world.client.get(target, cookie: world.learner).status == 403)
            #expect(try await world.client.get(target).status == 303)
        }
        #expect(try await world.client.get("/api/lyceum/plugins", token: world.learnerToken).status == 403)
        #expect(try await world.client.get("/api/lyceum/plugins").status == 401)
    }

    @Test("the pages speak the region's language")
    func german() async throws {
        let world = try await AdminWorld(locale: "de")
        #expect(try await world.get("/admin").words.contains("Alles ist in Ordnung."))
        #expect(try await world.get("/admin/settings").words.contains("Vorgabe"))
        #expect(try await world.get("/admin/plugins").words.contains("eingeschaltet"))
    }
}
