internal import Lyceum
internal import PostgreSQL

/// The statements about what was recorded.
enum EntryStore {
    /// Which changes are wanted, whoever asks.
    struct Wanted {
        var entity: String?
        var key: String?
        var account: Actor.ID?
        var action: Action?
        var request: String?
        var trace: String?
        /// A moment, or with a zone the beginning of a day there.
        var from: Statement?
        var to: Statement?
        var before: Int64?
    }

    /// Changes, the newest first.
    static func list(_ wanted: Wanted, limit: Int, _ database: Database) async throws -> Listing<EntryView> {
        try await database.listing(
            EntryView.self, limit: limit, key: ["id"],
            """
            select id, at, entity, key, action, means, plugin, account::text as account, login, work, event, request, trace,
                lyceum.audit_shown(old, old_person, old_sealed)::json as old,
                lyceum.audit_shown(new, new_person, new_sealed)::json as new,
                lyceum.audit_open(author_person, author_sealed)::json as author
            from lyceum.audit_entry \(condition(wanted)) order by id desc limit \(limit + 1)
            """)
    }

    /// The newest changes as lines of JSON, the newest first.
    static func lines(_ wanted: Wanted, limit: Int, _ database: Database) async throws -> String {
        let rows = try await database.query(
            """
            select lyceum.audit_line(audit_entry) from lyceum.audit_entry \(condition(wanted))
            order by id desc limit \(limit)
            """)
        var text = ""
        for var row in rows { text += try row.next(as: String.self) + "\n" }
        return text
    }

    /// The tables of which anything is recorded; each is found in the index without reading its entries.
    static func entities(_ database: Database) async throws -> [String] {
        let rows = try await database.query(
            """
            with recursive one as (
                (select entity from lyceum.audit_entry order by entity limit 1)
                union all
                select (select entity from lyceum.audit_entry where entity > one.entity order by entity limit 1)
                from one where one.entity is not null)
            select entity from one where entity is not null
            """)
        return try rows.map { row in
            var row = row
            return try row.next()
        }
    }

    /// How old the oldest entry is that is not sealed, in seconds.
    static func unsealedAge(_ database: Database) async throws -> Double {
        var row = try await database.query("select coalesce(lyceum.audit_unsealed_age(), 0)").row(0)
        return try row.next()
    }

    /// Removes what was recorded so many days ago, a part at a time, and answers how many entries that were.
    static func forget(olderThan days: Int, _ run: borrowing JobRun) async throws -> Forgotten {
        var forgotten = Forgotten()
        while true {
            try run.checkCancellation()
            var row = try await run.database.query("select lyceum.audit_forget(\(days), 50)").row(0)
            let count: Int = try row.next()
            guard count > 0 else { return forgotten }
            forgotten.entries += count
        }
    }

    /// What the removal of old entries did.
    struct Forgotten: Encodable, Sendable {
        var entries = 0
    }

    /// Only what is asked for is part of the statement, so that an index serves it.
    private static func condition(_ wanted: Wanted) -> Statement {
        var condition: Statement = "where true"
        if let entity = wanted.entity {
            if entity.contains(".") {
                condition = "\(condition) and entity = \(entity)"
            } else {
                condition = "\(condition) and entity >= \(entity + ".") and entity < \(entity + "/")"
            }
        }
        if let key = wanted.key { condition = "\(condition) and key = \(key)" }
        if let account = wanted.account { condition = "\(condition) and account = \(account)" }
        if let action = wanted.action { condition = "\(condition) and action = \(action)" }
        if let request = wanted.request { condition = "\(condition) and request = \(request)" }
        if let trace = wanted.trace { condition = "\(condition) and trace = \(trace)" }
        if let from = wanted.from { condition = "\(condition) and at >= \(from)" }
        if let to = wanted.to { condition = "\(condition) and at < \(to)" }
        if let before = wanted.before { condition = "\(condition) and id < \(before)" }
        return condition
    }
}
