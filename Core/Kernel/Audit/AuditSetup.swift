internal import Lyceum
internal import PostgreSQL

/// Has a region's database record what its plugins declare as audited, or stop recording.
///
///     nothing ──audit enabled, installed──▶ a trigger on each audited table ──audit disabled──▶ nothing; entries stay
///
/// What is recorded, the functions and the triggers' doings belong to whoever installs. A table's app role cannot switch a
/// trigger off; its owner, as which only migrations run, could, and `lyceum audit verify` notices.
struct AuditSetup {
    /// A table as its plugin declares it.
    struct Wanted {
        let plugin: String
        let schema: String
        let table: String
        let declared: Audited
        /// The role that owns it.
        let owner: String

        var entity: String { "\(schema).\(table)" }
    }

    /// The name of the triggers.
    static let trigger = "lyceum_audit"
    private static let emptied = "lyceum_audit_emptied"

    let connection: Connection
    let wanted: [Wanted]
    /// The role that shows the audit; nil where none is kept.
    let reader: String?

    init(_ plan: RegionPlan, _ connection: Connection, roles: (KnownPlugin) -> PluginRoles) {
        self.connection = connection
        let keeper = plan.auditKeeper
        reader = plan.plugins.first { $0.plugin.id == keeper }.map { roles($0.plugin).app }
        wanted =
            keeper == nil
            ? []
            : plan.plugins.flatMap { enabled in
                enabled.plugin.declarations.compactMap { $0 as? Audited }.flatMap { declared in
                    declared.tables.map {
                        Wanted(
                            plugin: enabled.plugin.id, schema: enabled.plugin.manifest.schema, table: $0,
                            declared: declared, owner: roles(enabled.plugin).owner)
                    }
                }
            }
    }

    /// The tables that are not recorded yet, or not as their plugins declare it; those that are not there are left out.
    func missing() throws -> [Wanted] {
        try wanted.filter { one in
            guard let arguments = try? self.arguments(one) else { return true }
            return try !isSet(one, arguments)
        }
    }

    /// Makes the database record what is wanted, and nothing else of these plugins.
    ///
    /// - Throws: ``AuditError`` for a table or a column that is not there.
    func settle() throws {
        connection.role = nil
        guard let reader else { return try remove() }
        try prepareCipher()
        try connection.script(KernelSchema.grantAuditing(to: quoted(identifier: reader)))
        for one in wanted {
            let arguments = try arguments(one)
            if try !isSet(one, arguments) { try set(one, arguments) }
        }
        // What a newer version does not declare any more.
        for plugin in Set(wanted.map(\.schema)) {
            try drop(where: "nspname = \(plugin) and nspname || '.' || relname <> all (\(wanted.map(\.entity)))")
        }
    }

    /// Stops recording; what was recorded stays.
    func remove() throws { try drop(where: "true") }

    // MARK: Triggers

    private func drop(where condition: Statement) throws {
        connection.role = nil
        let rows = try connection.query(
            """
            select distinct nspname, relname, relowner::regrole::text
            from pg_trigger join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
            where tgname in (\(Self.trigger), \(Self.emptied)) and \(condition) order by 1, 2
            """)
        for var row in rows {
            let (schema, table, owner): (String, String, String) = (try row.next(), try row.next(), try row.next())
            let name = "\(quoted(identifier: schema)).\(quoted(identifier: table))"
            try alter(
                """
                set local role \(owner);
                drop trigger if exists \(Self.trigger) on \(name);
                drop trigger if exists \(Self.emptied) on \(name);
                set local role none;
                """)
        }
    }

    private func set(_ one: Wanted, _ arguments: [String]) throws {
        let name = "\(quoted(identifier: one.schema)).\(quoted(identifier: one.table))"
        let owner = quoted(identifier: one.owner)
        let given = arguments.map { quoted(literal: $0) }.joined(separator: ", ")
        try connection.script(
            "grant usage on schema lyceum to \(owner); grant execute on function lyceum.audit_row() to \(owner)")
        try alter(
            """
            set local role \(owner);
            drop trigger if exists \(Self.trigger) on \(name);
            drop trigger if exists \(Self.emptied) on \(name);
            create trigger \(Self.trigger) after insert or update or delete on \(name)
                for each row execute function lyceum.audit_row(\(given));
            create trigger \(Self.emptied) after truncate on \(name)
                for each statement execute function lyceum.audit_row(\(given));
            set local role none;
            """)
    }

    /// Changes a table that is in use: rather than let everybody queue behind the wait for its lock, it is tried again.
    private func alter(_ script: String) throws {
        let retry = Retry(tries: 60, pause: .milliseconds(50), longest: .seconds(1))
        try retry.run {
            do {
                try connection.script("set local lock_timeout = '250ms';\n" + script)
            } catch let error as DatabaseError where error.sqlState == "55P03" {
                // Waiting for a lock is, here, what losing against another transaction is.
                var again = error
                again.kind = .deadlock
                throw again
            }
        }
    }

    private func isSet(_ one: Wanted, _ arguments: [String]) throws -> Bool {
        connection.role = nil
        let rows = try connection.query(
            """
            select encode(tgargs, 'hex'), tgenabled from pg_trigger
            where tgrelid = \(Self.table(one)) and tgname in (\(Self.trigger), \(Self.emptied))
            """)
        let expected = arguments.map { $0.utf8.map { Self.hex($0) }.joined() + "00" }.joined()
        guard rows.rowCount == 2 else { return false }
        return try rows.allSatisfy { row in
            var row = row
            let (found, enabled): (String, String) = (try row.next(), try row.next())
            return found == expected && enabled == "O"
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    // MARK: What is declared

    /// What the trigger is told of a table, checked against the database's catalogue.
    private func arguments(_ one: Wanted) throws -> [String] {
        let table = Self.table(one)
        let results = try connection.pipeline([
            """
            select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            where nspname = \(one.schema) and relkind in ('r', 'p') order by 1
            """,
            """
            select attname from pg_attribute where attrelid = \(table) and attnum > 0 and not attisdropped
            order by attnum
            """,
            """
            select attname from pg_index
            cross join lateral unnest(indkey) with ordinality as one(number, place)
            join pg_attribute on attrelid = indrelid and attnum = one.number
            where indrelid = \(table) and indisprimary order by place
            """,
        ])
        let (tables, columns, keys) = (
            try Self.names(results[0]), try Self.names(results[1]), try Self.names(results[2])
        )
        let declared = one.declared
        guard tables.contains(one.table) else {
            throw AuditError(one, "there is no table \"\(one.table)\" in the schema \(one.schema)", one.table, tables)
        }
        for column in declared.secret + declared.personal + declared.ignored + [declared.person].compactMap({ $0 })
        where !columns.contains(column) {
            throw AuditError(one, "\(one.entity) has no column \"\(column)\"", column, columns)
        }
        guard !keys.isEmpty else {
            throw AuditError(one, "\(one.entity) has no primary key, by which its rows could be found in the audit")
        }
        for key in keys where declared.personal.contains(key) || declared.ignored.contains(key) {
            throw AuditError(
                one, "\(key) is part of the primary key of \(one.entity), so it is neither personal nor ignored")
        }
        guard declared.secret.allSatisfy({ !keys.contains($0) }) || keys.count == 1 else {
            throw AuditError(one, "a secret column is a primary key only by itself")
        }
        return [
            one.entity, Self.array(keys), Self.array(declared.secret), Self.array(declared.personal),
            Self.array(declared.ignored), declared.person ?? "",
        ]
    }

    /// The table's number; `to_regclass` would ask for rights that whoever serves has not.
    private static func table(_ one: Wanted) -> Statement {
        """
        (select pg_class.oid from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = \(one.schema) and relname = \(one.table))
        """
    }

    private static func names(_ rows: Result) throws -> [String] {
        try (0..<rows.rowCount).map { try rows.row($0).only() }
    }

    /// Names as PostgreSQL writes an array of them.
    private static func array(_ names: [String]) -> String {
        "{" + names.map { quoted(identifier: $0).replacingQuotes }.joined(separator: ",") + "}"
    }

    // MARK: Encryption

    /// Makes the functions that encrypt and decrypt, of PostgreSQL's own extension pgcrypto.
    private func prepareCipher() throws {
        do { try connection.script("create extension if not exists pgcrypto with schema lyceum") } catch {
            throw RegistryError(
                """
                the audit needs PostgreSQL's extension pgcrypto in \(connection.database), which cannot be made: \(error); \
                it comes with the server's contrib package, and an administrator makes it: create extension pgcrypto
                """)
        }
        let found: String = try connection.query(
            """
            select quote_ident(nspname) from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
            where extname = 'pgcrypto'
            """
        ).row(0).only()
        try connection.script(
            """
            create or replace function lyceum.audit_encrypt(plain bytea, key bytea, iv bytea) returns bytea
                language sql immutable return \(found).encrypt_iv(plain, key, iv, 'aes-cbc/pad:pkcs');
            create or replace function lyceum.audit_decrypt(sealed bytea, key bytea, iv bytea) returns bytea
                language sql immutable return \(found).decrypt_iv(sealed, key, iv, 'aes-cbc/pad:pkcs');
            revoke all on function lyceum.audit_encrypt(bytea, bytea, bytea) from public;
            revoke all on function lyceum.audit_decrypt(bytea, bytea, bytea) from public;
            """)
    }
}

extension String {
    /// An identifier in double quotes as an array's element: a doubled quote is one with a backslash there.
    fileprivate var replacingQuotes: String {
        var text = "\""
        for scalar in unicodeScalars.dropFirst().dropLast() {
            if scalar == "\"" || scalar == "\\" { text += "\\" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }
}

extension RegionPlan {
    /// The plugin for which the region keeps an audit; nil where it keeps none.
    public var auditKeeper: String? { all(AuditTrail.self).first?.plugin }
}

/// What is declared as audited, and is not there.
public struct AuditError: Error, CustomStringConvertible {
    /// What is wrong, where it is declared, and what would be accepted.
    public let description: String

    init(_ one: AuditSetup.Wanted, _ sentence: String, _ word: String = "", _ known: [String] = []) {
        var text = "\(one.declared.place): \(one.plugin) declares Audited(\"\(one.table)\"), but \(sentence)"
        if !known.isEmpty {
            let hint = nearest(word, known).map { "did you mean \"\($0)\"? " } ?? ""
            text += "; \(hint)It has \(known.joined(separator: ", "))"
        }
        description = text
    }
}
