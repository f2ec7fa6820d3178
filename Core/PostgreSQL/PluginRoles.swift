/// The two roles of a plugin in a database: one owns the schema, one works with its rows.
///
/// Neither can log in. The login role is a member of both but inherits nothing (`NOINHERIT`), so it has their rights only after
/// `SET ROLE`. The owner runs migrations; the app role may select, insert, update and delete, so it cannot disable a trigger,
/// truncate a table or see what another plugin has. This guards against mistakes, not malice: `RESET ROLE` leads back.
///
/// Roles belong to the whole cluster, so their names carry the database: `academy_courses_owner`, `academy_courses_app`.
public struct PluginRoles: Sendable, Equatable {
    /// The database.
    public let database: String
    /// The plugin's id.
    public let plugin: String
    /// The schema; the plugin's id, unless told otherwise.
    public let schema: String
    /// The role that owns the schema and what is in it.
    public let owner: String
    /// The role that works with the rows.
    public let app: String

    /// The names for a plugin in a database; nothing is made yet.
    public init(database: String, plugin: String, schema: String? = nil) {
        (self.database, self.plugin, self.schema) = (database, plugin, schema ?? plugin)
        owner = roleName(database, plugin, "owner")
        app = roleName(database, plugin, "app")
    }

    /// Makes the roles, the schema and the rights, in the connection's database; what exists already stays.
    ///
    /// The login role must be a superuser, or have CREATEROLE and may create schemas in the database.
    public func create(_ connection: Connection) throws(DatabaseError) {
        try checkDatabase(connection)
        connection.role = nil
        try forbidInheriting(connection)
        // Since 16 a membership itself says whether it inherits.
        let how = connection.serverVersion >= 160_000 ? " with inherit false, set true" : ""
        for (role, purpose) in [(owner, "owner"), (app, "app")] {
            try connection.script(
                """
                do $do$ begin
                    create role \(quoted(identifier: role)) nologin;
                    comment on role \(quoted(identifier: role)) is \(quoted(literal: mark(purpose)));
                exception when duplicate_object or unique_violation then null;
                end $do$;
                """)
            try checkMark(role, purpose, connection)
            try connection.script("grant \(quoted(identifier: role)) to \(quoted(identifier: connection.login))\(how)")
        }
        let (schema, owner, app) = (quoted(identifier: schema), quoted(identifier: owner), quoted(identifier: app))
        try connection.script(
            """
            create schema if not exists \(schema) authorization \(owner);
            do $do$ begin
                if (select nspowner::regrole <> \(quoted(literal: owner))::regrole from pg_namespace
                    where nspname = \(quoted(literal: self.schema))) then
                    raise exception 'the schema % exists and is not owned by %', \(quoted(literal: self.schema)),
                        \(quoted(literal: self.owner));
                end if;
            end $do$;
            set local role \(owner);
            grant usage on schema \(schema) to \(app);
            alter default privileges revoke execute on functions from public;
            alter default privileges in schema \(schema) grant select, insert, update, delete on tables to \(app);
            alter default privileges in schema \(schema) grant usage on sequences to \(app);
            grant select, insert, update, delete on all tables in schema \(schema) to \(app);
            grant usage on all sequences in schema \(schema) to \(app);
            set local role none;
            """)
    }

    /// Drops the roles and all they own in the connection's database: the schema with its tables too.
    ///
    /// - Parameter cascade: Whether what others built on it (foreign keys, views) goes too; otherwise that is an error.
    public func drop(_ connection: Connection, cascade: Bool = false) throws(DatabaseError) {
        try checkDatabase(connection)
        connection.role = nil
        // The owner first: what it granted to the app goes with what it owns.
        for (role, purpose) in [(owner, "owner"), (app, "app")] {
            guard try exists(role, connection) else { continue }
            try checkMark(role, purpose, connection)
            let name = quoted(identifier: role)
            // As the role itself: a login role that inherits nothing may not drop what others own.
            try connection.script(
                """
                set local role \(name);
                drop owned by \(name)\(cascade ? " cascade" : "");
                set local role none;
                drop role \(name);
                """)
        }
    }

    private func mark(_ purpose: String) -> String { "lyceum: \(purpose) of \(plugin) in \(database)" }

    private func exists(_ role: String, _ connection: Connection) throws(DatabaseError) -> Bool {
        try connection.query("select from pg_roles where rolname = \(role)").rowCount == 1
    }

    /// `a_b` + `c` and `a` + `b_c` make one name: the comment on a role says whose it is.
    private func checkMark(_ role: String, _ purpose: String, _ connection: Connection) throws(DatabaseError) {
        let result = try connection.query(
            "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = \(role)")
        guard var row = result.first else { throw DatabaseError(.other, "the role \(role) vanished while it was made") }
        let found: String? = try row.next()
        guard found == mark(purpose) else {
            throw DatabaseError(
                .misuse,
                """
                the role \(role), needed as the \(purpose) of \(plugin) in \(database), exists and is another's \
                (\(found ?? "it has no comment")); rename that role or this database
                """)
        }
    }

    private func checkDatabase(_ connection: Connection) throws(DatabaseError) {
        guard connection.database == database else {
            throw DatabaseError(.misuse, "the roles of \(database) are made there, not in \(connection.database)")
        }
    }

    private func forbidInheriting(_ connection: Connection) throws(DatabaseError) {
        var row = try connection.query(
            "select rolinherit and not rolsuper from pg_roles where rolname = session_user"
        ).row(0)
        guard try row.next(as: Bool.self), connection.serverVersion < 160_000 else { return }
        let login = quoted(identifier: connection.login)
        do { try connection.script("alter role \(login) noinherit") } catch {
            guard error.kind == .permission else { throw error }
            throw DatabaseError(
                .permission,
                "the login role \(login) must not inherit; an administrator runs: alter role \(login) noinherit",
                sqlState: error.sqlState)
        }
    }
}

/// A role's name; where it would be longer than PostgreSQL's 63 bytes, its middle gives way to a hash of the whole.
private func roleName(_ database: String, _ plugin: String, _ purpose: String) -> String {
    let whole = "\(database)_\(plugin)_\(purpose)"
    guard whole.utf8.count > 63 else { return whole }
    // FNV-1a, 64 bits: it keeps names apart, and the comment on a role notices if it ever did not.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in whole.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    let tail = "_" + String(repeating: "0", count: 16 - digits.count) + digits + "_\(purpose)"
    var head = ""
    for character in whole {
        if head.utf8.count + character.utf8.count + tail.utf8.count > 63 { break }
        head.append(character)
    }
    return head + tail
}
