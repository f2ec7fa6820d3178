internal import JSON
internal import Lyceum
internal import PostgreSQL

/// What a region holds about people, by what its plugins declare.
struct StoredPersonalRecords: PersonalRecords {
    private let region: String
    private let holders: [PersonalHolder]
    /// The plugins whose programs are here.
    private let known: Set<String>
    /// Whether the region keeps an audit, in which exports are noted.
    private let isAudited: Bool

    init(_ plan: RegionPlan) {
        region = plan.entry.id
        holders = PersonalHolder.all(plan)
        isAudited = plan.auditKeeper != nil
        known = Set(plan.plugins.map(\.plugin.id) + plan.dormant.map(\.id))
    }

    /// How many rows are fetched at a time.
    private static let batch = 100

    func holdings(of subject: DataSubject, _ transaction: borrowing Transaction) async throws -> [PersonalHolding] {
        let there = try await Self.tables(transaction)
        var holdings: [PersonalHolding] = []
        for holder in holders {
            for table in holder.data.tables where there.contains("\(holder.schema).\(table.name)") {
                if table.erasure == .impersonal { continue }
                var count: Int?
                if let condition = holder.condition(table, subject) {
                    count = try await acting(as: holder, transaction) {
                        try await $0.query("select count(*) from \(holder.name(table)) where \(condition)").row(0)
                            .only()
                    }
                }
                holdings.append(holder.holding(table, rows: count))
            }
        }
        return holdings + (try await unknown(transaction))
    }

    func export(
        of subject: DataSubject, _ transaction: borrowing Transaction, to write: (String) throws -> Void
    ) async throws {
        if isAudited {
            try await acting(as: nil, transaction) {
                _ = try await $0.query("select lyceum.audit_exported(\(subject.id))")
            }
        }
        let there = try await Self.tables(transaction)
        try write(
            """
            {"format":"lyceum.personal-data","version":1,"region":\(json(region)),"account":"\(subject.id)",\
            "at":\(json("\(transaction.now)")),"data":[
            """)
        var separator = ""
        for holder in holders {
            for table in holder.data.tables where there.contains("\(holder.schema).\(table.name)") {
                guard let condition = holder.condition(table, subject) else { continue }
                try write("\(separator)\n{\"plugin\":\(json(holder.plugin)),\"table\":\(json(table.name)),\"rows\":[")
                try await acting(as: holder, transaction) { transaction in
                    try await Self.rows(
                        """
                        select (to_jsonb(held) - \(table.secret)::text[])::text from \(holder.name(table)) as held
                        where \(condition)
                        """, transaction, write)
                }
                try write("]}")
                separator = ","
            }
        }
        try write("],\n\"files\":[")
        separator = ""
        for holder in holders where holder.isEnabled {
            guard let attachments = holder.data.attachments else { continue }
            let files = try await acting(as: holder, transaction) { try await attachments(subject, $0) }
            for file in files {
                try write(
                    """
                    \(separator)\n{"plugin":\(json(holder.plugin)),"name":\(json(file.name)),"type":\(json(file.type)),\
                    "size":\(file.size),"address":\(json(file.address))}
                    """)
                separator = ","
            }
        }
        try write("],\n\"kept\":[")
        separator = ""
        for holder in holders {
            for table in holder.data.tables where there.contains("\(holder.schema).\(table.name)") {
                guard let reason = table.reason else { continue }
                let columns = table.kept.map(json).joined(separator: ",")
                try write(
                    """
                    \(separator)\n{"plugin":\(json(holder.plugin)),"table":\(json(table.name)),"columns":[\(columns)],\
                    "because":\(json(reason))}
                    """)
                separator = ","
            }
        }
        let unknown = try await unknown(transaction).map { json($0.plugin) }.joined(separator: ",")
        try write("],\n\"unknown\":[\(unknown)]}\n")
    }

    func erase(_ subject: DataSubject, _ transaction: borrowing Transaction) async throws -> [PersonalHolding] {
        let there = try await Self.tables(transaction)
        var done: [PersonalHolding] = []
        // Whoever refers to others goes first, plugins and tables alike.
        for holder in holders.reversed() {
            if holder.isEnabled, let before = holder.data.before {
                try await acting(as: holder, transaction) { try await before(subject, $0) }
            }
            for table in holder.data.tables.reversed() where there.contains("\(holder.schema).\(table.name)") {
                if table.erasure == .impersonal { continue }
                let count = try await acting(as: holder, transaction) {
                    try await Self.erase(table, of: holder, subject, $0)
                }
                done.append(holder.holding(table, rows: count))
            }
        }
        // Last: what the audit has recorded of all this is made unreadable with the rest.
        let audited = holders.flatMap { holder in holder.data.tables.map { "\(holder.schema).\($0.name)" } }
        try await acting(as: nil, transaction) {
            _ = try await $0.query("select lyceum.erase_person(\(subject.id), \(audited))")
        }
        return done.reversed() + (try await unknown(transaction))
    }

    /// Does what a table's declaration says, and answers how many rows that were; nil where none can be found.
    private static func erase(
        _ table: PersonalTable, of holder: PersonalHolder, _ subject: DataSubject, _ transaction: borrowing Transaction
    ) async throws -> Int? {
        if let statement = holder.erasing(table, subject) { return try await transaction.run(statement) }
        guard let condition = holder.condition(table, subject) else { return nil }
        return try await transaction.query("select count(*) from \(holder.name(table)) where \(condition)").row(0)
            .only()
    }

    /// Hands on the rows of a statement, each a JSON text, separated by commas; a few at a time are in memory.
    private static func rows(
        _ statement: Statement, _ transaction: borrowing Transaction, _ write: (String) throws -> Void
    ) async throws {
        try await transaction.run("declare lyceum_export no scroll cursor for \(statement)")
        var separator = "\n"
        while true {
            let rows = try await transaction.query("fetch \(unescaped: "\(batch)") from lyceum_export")
            for var row in rows {
                try write(separator + (try row.next(as: String.self)))
                separator = ",\n"
            }
            if rows.rowCount < batch { break }
        }
        try await transaction.run("close lyceum_export")
    }

    /// Runs something as the plugin whose tables it is about; nil: as the kernel.
    private func acting<Outcome>(
        as holder: PersonalHolder?, _ transaction: borrowing Transaction,
        _ body: (borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome {
        let database = transaction.scope.database
        let before = (database.plugin, database.actingRole)
        // Where roles are not used, as for the kernel, the login does it.
        database.act(as: holder?.plugin ?? OperatorPlugin.manifest.id, role: holder?.role)
        defer { database.act(as: before.0, role: before.1) }
        return try await body(transaction)
    }

    /// The tables that the database has, with their schemas: a disabled plugin may have left fewer than it declares now.
    private static func tables(_ transaction: borrowing Transaction) async throws -> Set<String> {
        let rows = try await transaction.query(
            """
            select nspname || '.' || relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            where relkind in ('r', 'p') and nspname !~ '^pg_'
            """)
        return Set(try rows.map { row in try row.only() as String })
    }

    /// Plugins that left data here, and whose programs nobody has told this process of.
    private func unknown(_ transaction: borrowing Transaction) async throws -> [PersonalHolding] {
        let rows = try await transaction.query("select id from lyceum.plugin where version is not null order by id")
        return try rows.map { row in try row.only() as String }.filter { !known.contains($0) }.map {
            PersonalHolding(plugin: $0, table: "", fate: .unknown, rows: nil, kept: [], reason: nil)
        }
    }
}

/// Text as JSON has it.
private func json(_ text: String) -> String {
    let out = JSONWriter(capacity: text.utf8.count + 16)
    out.string(text)
    return out.text
}
