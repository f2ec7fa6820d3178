import Accounts
import Audit
import Courses
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Where and when an audit is kept")
struct SetupTests {
    private struct Misspelt: Plugin {
        static let manifest = Manifest(id: "misspelt", version: "1.0.0")
        static var declarations: [any Declaration] {
            PersonalData.none
            Migrations([Migration(1, "things", "create table misspelt.thing (id int primary key, email text)")])
            Audited("thing", personal: ["emial"], of: "id")
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private static func triggers(_ connection: Connection) throws -> Int {
        var row = try connection.query("select count(*)::int from pg_trigger where tgname like 'lyceum_audit%'").row(0)
        return try row.next()
    }

    private static func plan(_ world: TestInstallation, _ plugins: [String]) throws -> RegionPlan {
        var entry = world.generation.regions[0]
        entry.plugins = plugins.map { Generation.PluginEntry(id: $0) }
        return try RegionPlan(entry, try Registry(AuditWorld.plugins))
    }

    @Test("a misspelt column is refused with its place, its plugin and its table")
    func misspelt() async throws {
        let error = await #expect(throws: AuditError.self) {
            _ = try await TestInstallation(plugins: [AuditPlugin.self, Misspelt.self], copied: false)
        }
        let sentence = error?.description ?? ""
        #expect(sentence.contains("AuditTests/SetupTests.swift:"))
        #expect(sentence.contains("misspelt declares Audited(\"thing\")"))
        #expect(sentence.contains("misspelt.thing has no column \"emial\"; did you mean \"email\"? It has id, email"))
    }

    @Test("without the plugin there is no trigger; enabling adds them, disabling takes them away and keeps the entries")
    func enabling() async throws {
        let world = try await TestInstallation(
            plugins: AuditWorld.plugins, enabling: ["test": ["accounts", "courses"]], copied: false)
        let connection = try world.connection()
        #expect(try Self.triggers(connection) == 0)
        let with = Installer(try Self.plan(world, ["accounts", "audit", "courses"]))
        let missing = try with.missing(connection).map(\.description)
        #expect(missing.contains("courses: audit of enrollment"))
        try with.install(connection)
        #expect(try with.missing(connection).isEmpty)
        #expect(try Self.triggers(connection) == 14)
        try connection.run("insert into courses.category (id, name, slug) values (gen_random_uuid(), 'A', 'a')")
        let without = Installer(try Self.plan(world, ["accounts", "courses"]))
        #expect(try without.missing(connection).isEmpty)
        try without.install(connection)
        #expect(try Self.triggers(connection) == 0)
        try connection.run("insert into courses.category (id, name, slug) values (gen_random_uuid(), 'B', 'b')")
        var row = try connection.query("select count(*)::int from lyceum.audit_entry").row(0)
        #expect(try row.next() as Int == 1)
    }

    @Test("triggers come although the table is in use for a while")
    func busy() async throws {
        let world = try await TestInstallation(
            plugins: AuditWorld.plugins, enabling: ["test": ["accounts", "courses"]], copied: false)
        let busy = try world.connection()
        try busy.begin()
        try busy.run("insert into courses.category (id, name, slug) values (gen_random_uuid(), 'A', 'a')")
        let with = Installer(try Self.plan(world, ["accounts", "audit", "courses"]))
        async let installed = Task { try with.install(try world.connection()) }.value
        try await Task.sleep(for: .seconds(1))
        // Nobody queues behind the installer meanwhile.
        try world.connection().run("insert into courses.category (id, name, slug) values (gen_random_uuid(), 'B', 'b')")
        try busy.commit()
        _ = try await installed
        #expect(try Self.triggers(busy) == 14)
    }
}
