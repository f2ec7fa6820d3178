import Accounts
import Audit
import Courses
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("What the audit records")
struct RecordingTests {
    @Test("a change of a row is recorded with its columns, who made it, and by which way")
    func change() async throws {
        let world = try await AuditWorld()
        let course = try await world.course("Audits")
        var row = try #require(
            try world.database.query(
                """
                select action, new ->> 'title', old::text, account::text, means, plugin, request is not null,
                    lyceum.audit_open(author_person, author_sealed)
                from lyceum.audit_entry where entity = 'courses.course' and key = \(course)
                """
            ).first)
        #expect(try row.next() as String == "created")
        #expect(try row.next() as String == "Audits")
        #expect(try row.next() as String? == nil)
        #expect(try row.next() as String == world.author.id)
        #expect(try row.next() as String == "api")
        #expect(try row.next() as String == "courses")
        #expect(try row.next() as Bool)
        let who = try row.next() as String
        #expect(who.contains("mary-marker") && who.contains("agent-marker/1.0") && who.contains("127.0.0.1"))

        let published = try await world.client.send(
            "POST", "/api/courses/\(course)/publication", json: "", token: world.author.token)
        #expect(published.status < 300, "\(published.text)")
        let names = try world.text(
            """
            select string_agg(key, ' ' order by key) from json_object_keys((
                select new from lyceum.audit_entry where entity = 'courses.course' and action = 'changed')) as key
            """)
        #expect(names == "published_at status version")
        let kept = try world.text(
            "select old ->> 'status' from lyceum.audit_entry where entity = 'courses.course' and action = 'changed'")
        #expect(kept == "draft")
    }

    @Test("secret values are nowhere, personal ones only encrypted")
    func personal() async throws {
        let world = try await AuditWorld()
        _ = try await world.course("Markers")
        for marker in ["mary-marker", "mary-marker@example.org", "agent-marker", "argon2", "127.0.0.1"] {
            #expect(try world.readable(marker) == [], "\(marker) can be read")
        }
        var row = try #require(
            try world.database.query(
                """
                select new -> 'email' ->> '$', new -> 'password_hash' ->> '$', lyceum.audit_open(new_person, new_sealed)
                from lyceum.audit_entry where entity = 'accounts.account' and key = \(world.author.id)
                """
            ).first)
        #expect(try row.next() as String == "personal")
        #expect(try row.next() as String == "secret")
        let opened = try row.next() as String
        #expect(opened.contains("mary-marker@example.org") && !opened.contains("argon2"))
    }

    @Test("a change of secret columns alone is recorded; a change of nothing is not")
    func secretOnly() async throws {
        let world = try await AuditWorld()
        func entries() throws -> Int {
            try world.number(
                "select count(*)::int from lyceum.audit_entry where entity = 'accounts.account' and action = 'changed'")
        }
        try world.database.run("update accounts.account set name = name")
        #expect(try entries() == 0)
        try world.database.run("update accounts.account set password_hash = 'another'")
        #expect(try entries() == 2)
        let shown = try world.text("select new::text from lyceum.audit_entry where action = 'changed' limit 1")
        #expect(shown == #"{"password_hash": {"$": "secret"}}"#)
    }

    @Test("whoever changes rows by hand is recorded as the login and the role that it took")
    func direct() async throws {
        let world = try await AuditWorld()
        world.database.role = world.plan.role(of: "accounts")
        try world.database.run("delete from accounts.role_grant")
        world.database.role = nil
        let login = try world.text(
            "select login from lyceum.audit_entry where action = 'removed' and means = 'direct' limit 1")
        #expect(login?.hasSuffix("_accounts_app") == true, "\(login ?? "-")")
        #expect(
            try world.number(
                """
                select count(*)::int from lyceum.audit_entry
                where action = 'removed' and account is null and key = \(world.admin.id + ",admin")
                """) == 1)
    }

    @Test("a plugin's role can neither switch the triggers off, nor write, read or empty what is recorded")
    func roles() async throws {
        let world = try await AuditWorld()
        for role in [world.plan.role(of: "courses"), world.plan.role(of: "audit")] {
            for script in [
                "alter table courses.course disable trigger lyceum_audit",
                "drop trigger lyceum_audit on courses.course",
                "truncate courses.course cascade", "delete from lyceum.audit_entry",
                "update lyceum.audit_entry set account = null", "select * from lyceum.audit_key",
                "insert into lyceum.audit_entry (entity, key, action, means) values ('a', 'b', 'created', 'page')",
                "set session_replication_role = replica",
                "select lyceum.audit_write('a', 'b', 'created', null, null, null, null, null, null)",
            ] {
                world.database.role = role
                #expect(throws: DatabaseError.self, "\(role) may \(script)") { try world.database.script(script) }
                world.database.role = nil
            }
        }
        world.database.role = world.plan.role(of: "courses")
        #expect(throws: DatabaseError.self) { try world.database.query("select id from lyceum.audit_entry") }
        world.database.role = nil
    }

    @Test("emptying a table is recorded")
    func emptied() async throws {
        let world = try await AuditWorld()
        try world.database.script("truncate accounts.session")
        #expect(
            try world.text("select entity || key from lyceum.audit_entry where action = 'emptied'")
                == "accounts.session*")
    }

    @Test("an erased person's values are gone, what comes later has none, and the audit says that it was erased")
    func erasure() async throws {
        let world = try await AuditWorld()
        #expect(try world.text("select lyceum.audit_erase(\(world.author.id))::text") == "true")
        #expect(try world.text("select lyceum.audit_erase(\(world.author.id))::text") == "false")
        #expect(
            try world.number(
                """
                select count(*)::int from lyceum.audit_entry where new_person = \(world.author.id)
                    and lyceum.audit_open(new_person, new_sealed) is not null
                """) == 0)
        #expect(try world.text("select key from lyceum.audit_entry where action = 'erased'") == world.author.id)
        try world.database.run("update accounts.account set name = 'late-marker' where id = \(world.author.id)::uuid")
        #expect(try world.readable("late-marker") == [])
        let sealed = try world.text(
            "select (new_sealed is null)::text from lyceum.audit_entry where action = 'changed' order by id desc limit 1"
        )
        #expect(sealed == "true")
    }
}

extension RegionPlan {
    /// The role as which a plugin works.
    func role(of plugin: String) -> String { PluginRoles(database: entry.databaseName, plugin: plugin).app }
}
