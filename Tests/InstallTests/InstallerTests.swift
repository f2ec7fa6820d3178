import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("What a region's plugins declare is installed into its database")
struct InstallerTests {
    private func both() throws -> Registry { try Registry([ShopPlugin.self, NewsLetterPlugin.self]) }

    @Test("what is missing is told before it is done, done once, and then nothing is missing")
    func idempotent() throws {
        let database = try InstallDatabase(["news-letter", "shop"])
        let installer = try database.installer(try both())
        let connection = try database.connection()
        let missing = try installer.missing(connection)
        // The kernel's own come first, however many there are by now.
        let kernels = missing.prefix { $0.plugin == "lyceum" }
        #expect(kernels.first?.description == "lyceum: migration 1 (plugins and the event log)")
        #expect(
            missing.dropFirst(kernels.count).map(\.description) == [
                "shop: roles and schema", "shop: migration 1 (orders)", "shop: migration 2 (totals)",
                "shop: version 1.0.0",
                "news-letter: roles and schema", "news-letter: migration 1 (letters)",
                "news-letter: listener news-letter.thank begins from now", "news-letter: version 1.2.0",
            ])
        #expect(try installer.install(connection) == missing)
        let first = try database.catalogue()
        #expect(try installer.missing(connection).isEmpty)
        #expect(try installer.install(connection).isEmpty)
        #expect(try database.catalogue() == first)
    }

    @Test("planning changes nothing")
    func planning() throws {
        let database = try InstallDatabase(["shop"])
        let connection = try database.connection()
        _ = try database.installer(try both()).missing(connection)
        let schemas = try connection.query("select from pg_namespace where nspname in ('lyceum', 'shop')")
        #expect(schemas.rowCount == 0)
    }

    @Test("a later version adds its migrations and its number")
    func upgrade() throws {
        let database = try InstallDatabase(["shop"])
        let connection = try database.connection()
        try database.installer(try both()).install(connection)
        let later = try database.installer(try Registry([LaterShopPlugin.self]))
        #expect(
            try later.install(connection).map(\.description) == [
                "shop: migration 3 (notes)", "shop: version 1.0.0 becomes 1.1.0",
            ])
        #expect(try PluginRecord.all(connection) == [PluginRecord(id: "shop", decision: nil, version: "1.1.0")])
    }

    @Test("a plugin that was not enabled leaves no trace, even where the program knows it")
    func noTrace() throws {
        let known = try InstallDatabase(["shop"])
        try known.installer(try both()).install(try known.connection())
        let catalogue = try known.catalogue()
        #expect(!catalogue.contains { $0.contains("news") })
        // The same database, made by a program to which the other plugin was never linked.
        try TestCluster.shared().dropDatabase(known.entry.databaseName)
        let alone = try InstallDatabase(["shop"], name: known.entry.databaseName)
        try alone.installer(try Registry([ShopPlugin.self])).install(try alone.connection())
        let difference = try alone.catalogue().difference(from: catalogue)
        #expect(difference.isEmpty, "\(Array(difference))")
    }

    @Test("two installers of one database wait for each other, and one of them does the work")
    func atOnce() async throws {
        let database = try InstallDatabase(["shop", "news-letter"])
        let registry = try both()
        let missing = try database.installer(registry).missing(try database.connection()).count
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try database.installer(registry).install(try database.connection()).count }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(done.sorted() == [0, 0, 0, missing])
    }

    @Test("a plugin may publish and nothing else of the kernel's")
    func rights() throws {
        let database = try InstallDatabase(["shop"])
        let connection = try database.connection()
        try database.installer(try both()).install(connection)
        connection.role = PluginRoles(database: database.entry.databaseName, plugin: "shop").app
        try connection.run(
            """
            select lyceum.publish(\(["shop.order.placed", "shop.order.placed"]), \([1, 1]), \(["b", "a"]), \([1, 2] as [Int16]),
                \(["{\"order\":\"b\"}", "{\"order\":\"a\"}"]), null, null)
            """)
        for forbidden in [
            "select from lyceum.event", "select from lyceum.event_rest", "select last_value from lyceum.event_id",
            "delete from lyceum.cursor", "update lyceum.plugin set state = null",
        ] {
            #expect(throws: DatabaseError.self) { try connection.script(forbidden) }
        }
        connection.role = nil
        let events = try connection.query("select key from lyceum.event order by id")
        #expect(try (0..<events.rowCount).map { try events.text($0) } == ["b", "a"])
    }

    @Test("a listener keeps its place when it is installed again")
    func cursorStays() throws {
        let database = try InstallDatabase(["shop", "news-letter"])
        let connection = try database.connection()
        let installer = try database.installer(try both())
        try installer.install(connection)
        let before = try connection.query("select done::text from lyceum.cursor")
        try connection.script("create table public.moment (id integer)")
        try installer.install(connection)
        let after = try connection.query("select done::text from lyceum.cursor")
        #expect(before.rowCount == 1)
        #expect(try before.text(0) == after.text(0))
    }

    @Test("decisions win over the file, and taking them back lets the file decide again")
    func decisions() throws {
        let database = try InstallDatabase(["shop", "news-letter"])
        let connection = try database.connection()
        try database.installer(try both()).install(connection)
        func enabled(_ listed: [String]) throws -> [String] {
            PluginRecord.enabled(listed: listed, try PluginRecord.all(connection))
        }
        #expect(try enabled(["shop", "news-letter"]) == ["shop", "news-letter"])
        try PluginRecord.decide(.disabled, plugin: "news-letter", connection)
        #expect(try enabled(["shop", "news-letter"]) == ["shop"])
        try PluginRecord.decide(nil, plugin: "news-letter", connection)
        #expect(try enabled(["shop", "news-letter"]) == ["shop", "news-letter"])
        // Installed, but no longer listed: the file decides.
        #expect(try enabled(["shop"]) == ["shop"])
        try PluginRecord.decide(.enabled, plugin: "news-letter", connection)
        #expect(try enabled(["shop"]) == ["shop", "news-letter"])
    }
}

extension PostgreSQL.Result {
    /// The first column of a row.
    fileprivate func text(_ index: Int) throws -> String {
        var row = self.row(index)
        return try row.next()
    }
}
