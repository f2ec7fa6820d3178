import Accounts
import LyceumTesting
import PostgreSQL
import Testing

extension Live {
    @Suite("A region without courses")
    struct AbsentPluginTests {
        @Test("none of their addresses exists there, whatever the method and whoever asks")
        func addresses() async throws {
            let school = try await LiveSchool()
            let teacher = try await school.person("grace", roles: ["instructor"])
            let course = try await school.course("swift", by: teacher)
            let studio = school.live.client(region: "studio")
            let registered = try await studio.post(
                "/accounts/register",
                form: [("name", "Ada"), ("email", "a@example.org"), ("password", "correct horse")])
            let cookie = "lyceum=" + (try #require(registered.cookie("lyceum")))
            let unheardOf = try await studio.get("/api/nothing")
            for path in [
                "/courses", "/courses/\(course)", "/courses/mine", "/courses/teaching", "/courses/categories",
                "/courses/enrollments", "/courses/\(course)/enrollment", "/courses/\(course)/publication",
            ] {
                for method in ["GET", "POST", "OPTIONS", "DELETE"] {
                    let api = try await studio.send(TestRequest(method, "/api" + path))
                    #expect(api.status == 404, "\(method) /api\(path)")
                    // It cannot be told from what nobody ever wrote.
                    #expect(api.json("title") as? String == unheardOf.json("title") as? String)
                    #expect(api.json("code") as? String == "not_found")
                    let page = try await studio.send(TestRequest(method, path, headers: [("Cookie", cookie)]))
                    #expect(page.status == 404, "\(method) \(path)")
                }
                #expect(try await school.client.send(TestRequest("BREW", "/api" + path)).status != 200)
            }
            #expect(try await school.client.get("/api/courses/\(course)").status == 200)
            let page = try await studio.get("/", cookie: cookie)
            #expect(page.status == 200 && page.text.contains("Ada") && !page.text.contains("/courses"))
        }

        @Test("its database is that of an installation to which the plugin was never linked")
        func database() async throws {
            let school = try await LiveSchool()
            let alone = try await TestInstallation(
                regions: ["studio"], plugins: [AccountsPlugin.self], copied: false)
            // The other region is busy, so that whatever the plugin does anywhere it has done.
            let teacher = try await school.person("grace", roles: ["instructor"])
            let course = try await school.course("swift", by: teacher)
            #expect(
                try await school.client.send("POST", "/api/courses/\(course)/enrollment", json: "", token: teacher)
                    .status
                    == 201)
            try await waitUntil("the listener has run") {
                try await school.client.get("/api/courses/\(course)").json("learners") as? Int == 1
            }
            try await live(in: school.live.client(region: "studio"))
            try await live(in: alone.client())
            let linked = try Self.catalogue(school.world, "studio")
            let never = try Self.catalogue(alone, "studio")
            #expect(linked.count > 100 && !linked.contains { $0.contains("course") })
            #expect(linked == never, "\(linked.difference(from: never))")
            // The comparison sees what it is to see.
            let academy = try Self.catalogue(school.world, "academy")
            for kind in ["schema courses ", "role _courses", "relation courses.enrollment ", "rows courses.course 1"] {
                #expect(academy.contains { $0.hasPrefix(kind) }, "\(kind)")
            }
        }

        /// The same visitors in each.
        private func live(in client: some TestClient) async throws {
            for name in ["ada", "bob"] {
                let registered = try await client.post(
                    "/accounts/register",
                    form: [("name", name), ("email", "\(name)@example.org"), ("password", "correct horse")])
                #expect(registered.status == 303)
            }
            let session = try await client.send(
                "POST", "/api/accounts/sessions", json: #"{"email": "ada@example.org", "password": "correct horse"}"#)
            #expect(session.status == 201)
            #expect(try await client.get("/api/courses").status == 404)
        }

        /// Everything that a database has, without its name, and how many rows each table has.
        private static func catalogue(_ world: TestInstallation, _ region: String) throws -> [String] {
            let database = try world.connection(region: region)
            let own = "relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
            let things = try database.texts(
                """
                select 'schema ' || nspname || ' of ' || nspowner::regrole || ' ' || coalesce(nspacl::text, '')
                from pg_namespace where nspname !~ '^pg_(toast|temp)'
                union all
                select 'relation ' || oid::regclass || ' ' || relkind::text || ' of ' || relowner::regrole || ' '
                    || coalesce(relacl::text, '')
                from pg_class where \(unescaped: own)
                union all
                select 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
                from pg_attribute join pg_class on pg_class.oid = attrelid where \(unescaped: own) and attnum > 0
                union all
                select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
                where connamespace::regnamespace::text !~ '^(pg_|information_schema)'
                union all
                select 'function ' || oid::regprocedure || ' of ' || proowner::regrole || ' ' || coalesce(proacl::text, '')
                from pg_proc where pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
                union all
                select 'trigger ' || tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal
                union all
                select 'event trigger ' || evtname from pg_event_trigger
                union all
                select 'role ' || rolname || ' in ' || coalesce((
                    select string_agg(roleid::regrole::text, ', ' order by roleid::regrole::text)
                    from pg_auth_members where member = pg_roles.oid), 'none')
                from pg_roles where starts_with(rolname, current_database() || '_')
                union all
                select 'rows ' || oid::regclass || ' ' || (xpath('/row/count/text()', query_to_xml(
                    'select count(*) from ' || oid::regclass, false, true, '')))[1]
                from pg_class where \(unescaped: own) and relkind in ('r', 'p')
                union all
                select 'plugin ' || id || ' ' || coalesce(state, '-') || ' ' || coalesce(version, '-') from lyceum.plugin
                union all
                select 'migration ' || plugin || ' ' || version || ' ' || checksum from lyceum.migration
                union all
                select 'cursor ' || listener from lyceum.cursor
                union all
                select 'event ' || topic || ' ' || major from lyceum.event
                """)
            // The names of roles begin with the database's.
            let name = try #require(try database.texts("select current_database()::text").first)
            return things.map { $0.replacing(name, with: "") }.sorted()
        }
    }
}
