import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Exports are noted, and nothing is erased by halves")
struct DutyTests {
    private static func world(limited: Bool = false) async throws -> MarkerWorld {
        try await MarkerWorld(filling: [MarkerWorld.fill, DiaryPlugin.fill], limited: limited)
    }

    @Test("the audit has every export: whose, by whom, by which way")
    func noted() async throws {
        let world = try await Self.world(limited: true)
        let (cookie, own) = try await world.signIn()
        let (_, token) = try await world.signIn("radia@example.org")
        #expect(try await world.client.get("/api/accounts/people/\(world.account)/export", token: token).status == 200)
        #expect(try await world.client.get("/api/accounts/me/export", token: own).status == 200)
        #expect(try await world.client.get("/accounts/data/export", cookie: cookie).status == 200)
        _ = try await world.export()
        let rows = try world.connection.query(
            """
            select key || ' ' || means || ' ' || coalesce((
                select email from accounts.account where account.id = audit_entry.account), (login is not null)::text)
            from lyceum.audit_entry where entity = 'audit.person' and action = 'exported' order by id
            """)
        #expect(
            try rows.map { row -> String in
                var row = row
                return try row.next()
            } == [
                "\(world.account) api radia@example.org", "\(world.account) api \(MarkerWorld.email)",
                "\(world.account) page \(MarkerWorld.email)", "\(world.account) command true",
            ])
        let (admin, _) = try await world.signIn("radia@example.org")
        let page = try await world.client.get("/admin/audit?action=exported", cookie: admin)
        #expect(page.text.contains("data taken away"))
    }

    @Test("looking at what is held, and exporting it, locks nobody out")
    func unlocked() async throws {
        let world = try await Self.world()
        let (cookie, token) = try await world.signIn()
        // A row that was never locked since it was written has no xmax.
        try world.connection.run("update accounts.account set name = name")
        #expect(try await world.client.get("/accounts/data", cookie: cookie).status == 200)
        #expect(try await world.client.get("/api/accounts/me/export", token: token).status == 200)
        #expect(try world.count("select count(*)::int from accounts.account where xmax <> '0'::xid") == 0)
    }

    @Test("nobody is erased on a page while a plugin's program is away, or its rows could never be found")
    func away() async throws {
        let world = try await Self.world()
        try world.connection.run("insert into lyceum.plugin (id, version) values ('lost', '1.0.0')")
        let (cookie, token) = try await world.signIn()
        let (_, admin) = try await world.signIn("radia@example.org")
        let answer = try await world.client.send(
            "POST", "/api/accounts/me/erasure", json: #"{"password": "\#(MarkerWorld.password)"}"#, token: token)
        #expect(answer.status == 409)
        #expect(answer.json("code") as? String == "accounts.unknown_data")
        let other = try await world.client.send(
            "POST", "/api/accounts/people/\(world.account)/erasure", json: #"{"email": "\#(MarkerWorld.email)"}"#,
            token: admin)
        #expect(other.status == 409)
        let form = try #require(try await world.client.get("/accounts/data", cookie: cookie).hiddenField("form_token"))
        let page = try await world.client.post(
            "/accounts/data/erasure", form: [("password", MarkerWorld.password), ("form_token", form)], cookie: cookie)
        #expect(page.status == 409)
        #expect(page.text.contains("There is data of programs that are not running here."))
        #expect(try world.count("select count(*)::int from diary.entry") == 1)
        // Whoever types a command is shown what stays, and asked.
        #expect(try await world.erase().contains { $0.plugin == "lost" && $0.fate == .unknown })
        #expect(try world.count("select count(*)::int from diary.entry") == 0)
    }

    @Test("the audit keeps no address of an invitation that is gone before its person is")
    func invited() async throws {
        let world = try await Self.world()
        try world.connection.run("delete from accounts.invitation")
        _ = try await world.erase()
        var lines = ""
        let books = AuditBooks(world.plan, world.connection)
        try books.seal()
        _ = try books.export(since: nil) { lines += $0 }
        #expect(lines.contains("accounts.invitation"))
        #expect(!lines.contains(MarkerWorld.email))
    }

    @Test("a disabled plugin's rows are found by a login that never served it")
    func login() async throws {
        // Roles are granted where they were made.
        let world = try await MarkerWorld(filling: [DiaryPlugin.fill], copied: false)
        var entry = world.world.generation.regions[0]
        entry.plugins.removeAll { $0.id == "diary" }
        let name = try world.world.databaseName()
        let login = "serving_\(name)"
        try world.connection.script("create role \"\(login)\" login")
        let installer = Installer(try RegionPlan(entry, try Registry(world.plugins)), login: login)
        try installer.install(world.connection)
        entry.database = try TestCluster.shared().conninfo(database: name) + " user='\(login)'"
        let other = world.with(try RegionPlan(entry, try Registry(world.plugins)))
        #expect(try await other.export().contains("192.0.2.1"))
        #expect(try await other.erase().contains { $0.plugin == "diary" && $0.table == "entry" && $0.rows == 1 })
    }

    @Test("an administrator works off more than a dozen in an hour")
    func many() async throws {
        let world = try await Self.world(limited: true)
        let (_, token) = try await world.signIn("radia@example.org")
        for _ in 0..<14 {
            let path = "/api/accounts/people/\(world.account)"
            #expect(try await world.client.get(path + "/export", token: token).status == 200)
            let other = try await world.client.send("POST", path + "/erasure", json: #"{"email": "x"}"#, token: token)
            #expect(other.status == 409)
        }
    }
}
