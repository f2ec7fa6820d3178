import PostgreSQL
import Testing

@Suite("The roles of a plugin")
struct PluginRolesTests {
    private let database: TestDatabase
    private let connection: Connection
    private let courses: PluginRoles
    private let billing: PluginRoles

    init() throws {
        database = try TestDatabase(alone: "")
        connection = try database.connect()
        courses = PluginRoles(database: database.name, plugin: "courses")
        billing = PluginRoles(database: database.name, plugin: "billing")
        for roles in [courses, billing] {
            try roles.create(connection)
            try roles.create(connection)
            try Migrator(
                plugin: roles.plugin, schema: roles.schema, owner: roles.owner,
                [
                    Migration(
                        1, "things",
                        """
                        create table thing (id bigint generated always as identity, serial serial, note text);
                        create function seen() returns trigger language plpgsql as $$ begin return new; end $$;
                        create trigger thing_seen before insert on thing for each row execute function seen();
                        create function secret() returns int language sql as 'select 7';
                        create function open() returns int language sql as 'select 8';
                        grant execute on function open() to \(roles.app);
                        """)
                ]
            ).apply(connection)
        }
    }

    private func end() throws { for roles in [courses, billing] { try roles.drop(connection) } }

    private func refusal(_ statement: Statement) -> DatabaseError.Kind {
        databaseError { try connection.run(statement) }.kind
    }

    @Test("let the app work with its own rows, and with nothing else")
    func app() throws {
        defer { #expect(throws: Never.self) { try end() } }
        connection.role = courses.app
        #expect(try connection.run("insert into courses.thing (note) values ('x')") == 1)
        #expect(try connection.run("update courses.thing set note = 'y'") == 1)
        #expect(try connection.query("select * from courses.thing").rowCount == 1)
        #expect(try connection.run("delete from courses.thing") == 1)
        #expect(try connection.value("select courses.open()") == 8)
        for statement: Statement in [
            "select * from billing.thing", "insert into billing.thing (note) values ('x')", "select billing.open()",
            "select courses.secret()", "create table courses.own ()", "create table public.own ()",
            "truncate courses.thing",
            "alter table courses.thing disable trigger all", "alter table courses.thing disable trigger thing_seen",
            "drop table courses.thing", "drop trigger thing_seen on courses.thing", "create role thief",
            "select * from lyceum.migration", "insert into lyceum.migration values ('x', 1, 'x', 'x')",
            "set session_replication_role = replica", "create schema own",
        ] {
            #expect(refusal(statement) == .permission, "\(statement.text)")
        }
    }

    @Test("let the owner change its own schema, and no other")
    func owner() throws {
        defer { #expect(throws: Never.self) { try end() } }
        connection.role = courses.owner
        try connection.run("alter table courses.thing add more text")
        for statement: Statement in [
            "select * from billing.thing", "alter table billing.thing add more text", "create schema own",
            "delete from lyceum.migration",
        ] {
            #expect(refusal(statement) == .permission, "\(statement.text)")
        }
    }

    @Test("cannot log in")
    func login() throws {
        defer { #expect(throws: Never.self) { try end() } }
        #expect(
            try connection.value(
                "select count(*) from pg_roles where rolname = any(\([courses.owner, courses.app])) and not rolcanlogin"
            ) == 2)
    }

    @Test("inherit nothing to an ordinary login role, which can still take them on")
    func noInherit() throws {
        defer { #expect(throws: Never.self) { try end() } }
        let login = "\(database.name)_login"
        try connection.script(
            """
            create role \(login) login createrole;
            grant create on database \(database.name) to \(login);
            """)
        defer { try? connection.script("drop owned by \(login); drop role \(login)") }
        let ordinary = try Connection(
            database.conninfo.replacing("user=lyceum", with: "user=\(login)"))
        let events = PluginRoles(database: database.name, plugin: "events")
        try events.create(ordinary)
        ordinary.role = events.owner
        try ordinary.script("create table events.thing (id int)")
        ordinary.role = nil
        #expect(databaseError { try ordinary.run("select * from events.thing") }.kind == .permission)
        ordinary.role = events.app
        #expect(try ordinary.query("select * from events.thing").rowCount == 0)
        try events.drop(ordinary)
        #expect(try connection.query("select from pg_roles where rolname = \(events.owner)").rowCount == 0)
    }

    @Test("are gone with their schema when dropped, and dropping twice does no harm")
    func drop() throws {
        try end()
        try end()
        #expect(try connection.value("select count(*) from pg_namespace where nspname in ('courses', 'billing')") == 0)
        #expect(try connection.value("select count(*) from pg_roles where rolname like \(database.name + "%")") == 0)
        #expect(try connection.value("select count(*) from pg_default_acl") == 0)
    }

    @Test("are not dropped from under another plugin's foreign key unless told so")
    func inbound() throws {
        try connection.script(
            """
            alter table courses.thing add primary key (id);
            alter table billing.thing add course bigint references courses.thing;
            """)
        #expect(databaseError { try courses.drop(connection) }.sqlState == "2BP01")
        #expect(try connection.query("select * from courses.thing").rowCount == 0)
        try courses.drop(connection, cascade: true)
        #expect(try connection.query("select course from billing.thing").rowCount == 0)
        try billing.drop(connection)
    }

    @Test("have names of at most 63 bytes that stay apart")
    func names() throws {
        defer { #expect(throws: Never.self) { try end() } }
        #expect(courses.owner == "\(database.name)_courses_owner")
        let long = String(repeating: "ö", count: 40)
        let one = PluginRoles(database: long, plugin: "one"), two = PluginRoles(database: long, plugin: "two")
        let names = [one.owner, one.app, two.owner, two.app]
        #expect(Set(names).count == 4)
        #expect(names.allSatisfy { $0.utf8.count <= 63 && $0.hasPrefix("öö") })
        #expect(one.owner.hasSuffix("_owner"))
    }

    @Test("that are somebody else's are left alone")
    func foreign() throws {
        defer { #expect(throws: Never.self) { try end() } }
        let other = PluginRoles(database: database.name, plugin: "other")
        try connection.script("create role \(other.owner)")
        defer { try? connection.script("drop role \(other.owner)") }
        let error = databaseError { try other.create(connection) }
        #expect(error.kind == .misuse)
        #expect(
            error.message.contains("the role \(other.owner), needed as the owner of other in \(database.name), exists"))
        #expect(databaseError { try other.drop(connection) }.kind == .misuse)
    }
}
