public import Lyceum
public import PostgreSQL

/// Compares what a plugin declares about people with what else it declares, and with the tables that a database has of it.
public struct PersonalDataReview: Sendable {
    private let plugin: KnownPlugin
    private var data: PersonalData? { plugin.personalData }

    /// For a plugin.
    public init(_ plugin: KnownPlugin) { self.plugin = plugin }

    /// The kernel's own tables.
    public static var kernel: PersonalDataReview { PersonalDataReview(KnownPlugin(OperatorPlugin.self)) }

    /// What the kernel declares of them.
    public static var kernelDeclaration: PersonalData { OperatorPlugin.personalData }

    /// What is wrong with the declarations by themselves; nil where nothing is.
    func mistake() -> String? {
        let declarations = plugin.declarations
        let all = declarations.compactMap { $0 as? PersonalData }
        guard let data = all.first else {
            guard declarations.contains(where: { $0 is Migrations }) else { return nil }
            return """
                has tables, and does not say what they hold about people: declare PersonalData(…), or PersonalData.none
                """
        }
        guard all.count == 1 else {
            return "declares PersonalData twice, at \(all.map(\.place).joined(separator: ", "))"
        }
        for (place, table) in data.tables.enumerated() {
            let columns = table.personal + table.secret + table.kept + table.impersonal
            for (index, column) in columns.enumerated() where columns[..<index].contains(column) {
                return "declares the column \(table.name).\(column) twice (\(data.place))"
            }
            if !table.kept.isEmpty, table.reason?.isEmpty != false {
                return "keeps \(table.kept.joined(separator: ", ")) of \(table.name) for no reason (\(data.place))"
            }
            if table.erasure == .columns, !table.changes.contains(where: \.isPersonal) {
                return "replaces nothing of a person in \(table.name): declare it as kept (\(data.place))"
            }
            if case .parent(_, let parent) = table.key,
                !data.tables[..<place].contains(where: { $0.name == parent && $0.key != nil })
            {
                return "declares \(table.name) before its parent \(parent), or that has no person (\(data.place))"
            }
        }
        return audited(data, declarations.compactMap { $0 as? Audited })
    }

    /// A column that is erased, and that the audit would keep readable for ever.
    private func audited(_ data: PersonalData, _ all: [Audited]) -> String? {
        for audited in all {
            let hidden = Set(audited.personal + audited.secret + audited.ignored)
            for table in data.tables where audited.tables.contains(table.name) {
                guard let column = (table.personal + table.secret).first(where: { !hidden.contains($0) }) else {
                    continue
                }
                return """
                    erases the column \(table.name).\(column), but has its values recorded readably for ever: name it as \
                    personal, secret or ignored in Audited (\(audited.place))
                    """
            }
        }
        return nil
    }

    // MARK: In a database

    /// The tables and columns that are declared and not there, a sentence for each.
    public func misspelt(_ connection: Connection) throws -> [String] {
        guard let data else { return [] }
        let there = try Self.columns(of: plugin.manifest.schema, connection)
        return data.tables.flatMap { table -> [String] in
            guard let columns = there[table.name] else {
                return [
                    "\(data.place): \(plugin.id) declares what the table \"\(table.name)\" has about people, but there is "
                        + "none\(Self.hint(table.name, there.keys.sorted()))"
                ]
            }
            let names = columns.map(\.name)
            return table.columns.filter { !names.contains($0) }.map {
                "\(data.place): \(plugin.id) declares the column \"\($0)\" of \(table.name), but there is none"
                    + Self.hint($0, names)
            }
        }
    }

    /// The tables in which nobody could be erased as it is declared, a sentence for each: the database is asked to plan the
    /// statements, as the role that would run them; nothing is changed.
    ///
    /// - Parameter role: the plugin's role in the database; nil: the login of the connection.
    public func unworkable(_ connection: Connection, role: String?) throws -> [String] {
        guard let data else { return [] }
        let there = try Self.columns(of: plugin.manifest.schema, connection)
        let holder = PersonalHolder(
            plugin: plugin.id, schema: plugin.manifest.schema, data: data, role: role, isEnabled: true)
        let nobody = DataSubject(id: RawID.make(), email: "nobody@example.org")
        connection.role = role
        defer { connection.role = nil }
        return data.tables.compactMap { table -> String? in
            func sentence(_ why: String) -> String {
                "\(data.place): \(plugin.id) declares the erasure of \(table.name), but \(why)"
            }
            // Without it, SQL would take the column of the table that asks.
            if case .parent(_, let parent) = table.key, there[parent]?.contains(where: { $0.name == "id" }) != true {
                return sentence("its parent \(parent) has no column \"id\"")
            }
            if let change = table.changes.first(where: { change in
                change.replacement == .null
                    && there[table.name]?.contains { $0.name == change.column && $0.isNeeded } == true
            }) {
                return sentence("the column \"\(change.column)\" cannot be null")
            }
            let count = holder.condition(table, nobody).map {
                "select count(*) from \(holder.name(table)) where \($0)" as Statement
            }
            for statement in [count, holder.erasing(table, nobody)].compactMap({ $0 }) {
                do { try connection.run("explain \(statement)") } catch { return sentence("it would fail: \(error)") }
            }
            return nil
        }
    }

    /// What is wrong where the plugin is installed: what ``misspelt(_:)`` and ``unworkable(_:role:)`` say, and columns that could tell of a person and stand
    /// in no list, by the database's own catalogue.
    ///
    /// Looked at are columns of text, JSON, bytes, XML, network addresses and dates of no time, and arrays of those.
    public func faults(_ connection: Connection) throws -> [String] {
        if let mistake = mistake() { return ["\(plugin.id) " + mistake] }
        guard data?.isNone != true else { return [] }
        let misspelt = try misspelt(connection)
        return try misspelt + (misspelt.isEmpty ? unworkable(connection, role: nil) : [])
            + undeclared(connection).map {
                """
                \(plugin.id): nobody says whether the column \($0) is about people; name it in PersonalData as personal, secret, \
                kept or impersonal
                """
            }
    }

    /// Columns that could tell of a person and stand in no list, `table.column`.
    public func undeclared(_ connection: Connection) throws -> [String] {
        guard data?.isNone != true else { return [] }
        let there = try Self.columns(of: plugin.manifest.schema, connection)
        var known: [String: Set<String>] = [:]
        for table in data?.tables ?? [] { known[table.name, default: []].formUnion(table.columns) }
        return there.keys.sorted().flatMap { table in
            (there[table] ?? []).filter { $0.tells && known[table]?.contains($0.name) != true }.map {
                "\(table).\($0.name)"
            }
        }
    }

    private struct Column {
        let name: String
        /// Whether it could tell of a person.
        let tells: Bool
        /// Whether it cannot be null.
        let isNeeded: Bool
    }

    private static func columns(of schema: String, _ connection: Connection) throws -> [String: [Column]] {
        connection.role = nil
        let rows = try connection.query(
            """
            select relname, attname, coalesce(nullif(typelem, 0)::regtype, pg_type.oid::regtype)::text in (
                'text', 'character varying', 'character', '"char"', 'name', 'bytea', 'json', 'jsonb', 'xml', 'inet', 'cidr',
                'macaddr', 'date', 'point', 'tsvector', 'hstore', 'citext') or typtype = 'd', attnotnull
            from pg_attribute join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace
            join pg_type on pg_type.oid = atttypid
            where nspname = \(schema) and relkind in ('r', 'p') and not relispartition and attnum > 0 and not attisdropped
            order by relname, attnum
            """)
        var all: [String: [Column]] = [:]
        for var row in rows {
            let table: String = try row.next()
            all[table, default: []].append(
                Column(name: try row.next(), tells: try row.next(), isNeeded: try row.next()))
        }
        return all
    }

    private static func hint(_ name: String, _ known: [String]) -> String {
        if let near = nearest(name, known) { return "; did you mean \"\(near)\"?" }
        return known.isEmpty ? "" : "; known are \(known.joined(separator: ", "))"
    }
}
