public import PostgreSQL

/// What a region's database says about a plugin.
///
/// States, in one region:
///
///     absent ──install──▶ installed(vN) ──install──▶ installed(vM)
///     as the file says ──enable──▶ enabled        (a plugin that the file does not list)
///     as the file says ──disable──▶ disabled ──enable──▶ as the file says
///     enabled, as the file says ──disable, of one that may owe something──▶ draining ──nothing is owed any more──▶ disabled
///                                                                             └──enable, or something is owed──▶ as before
public struct PluginRecord: Sendable, Equatable {
    /// What an operator decided, which wins over the region's file.
    public enum Decision: String, Sendable {
        /// It is enabled although the file does not list it.
        case enabled
        /// It is disabled although the file lists it; its data stays.
        case disabled
        /// It is enabled, makes no new promises, and is disabled once it owes nothing any more.
        case draining
    }

    /// The plugin's id.
    public let id: String
    /// What an operator decided; nil: as the file says.
    public let decision: Decision?
    /// The newest version that was installed; nil when none was.
    public let version: String?

    /// Describes a record.
    public init(id: String, decision: Decision?, version: String?) {
        (self.id, self.decision, self.version) = (id, decision, version)
    }

    /// All records of a database, by id; none where Lyceum was never installed.
    public static func all(_ connection: Connection) throws -> [PluginRecord] {
        connection.role = nil
        var known = try connection.query("select to_regclass('lyceum.plugin') is not null").row(0)
        guard try known.next(as: Bool.self) else { return [] }
        let rows = try connection.query("select id, state, version from lyceum.plugin order by id")
        return try (0..<rows.rowCount).map { index in
            var row = rows.row(index)
            let id: String = try row.next()
            let state: String? = try row.next()
            return PluginRecord(id: id, decision: state.flatMap { Decision(rawValue: $0) }, version: try row.next())
        }
    }

    /// Records what an operator decided, or with nil that the file decides again, and has every host take it up.
    ///
    /// - Parameter host: the host on which it was decided, where that one serves.
    /// - Returns: the number of the decision.
    @discardableResult
    public static func decide(
        _ decision: Decision?, plugin: String, by host: String? = nil, _ connection: Connection
    ) throws -> Int {
        connection.role = nil
        return try connection.transaction { connection in
            try connection.run(
                """
                insert into lyceum.plugin (id, state) values (\(plugin), \(decision?.rawValue))
                on conflict (id) do update set state = excluded.state, at = clock_timestamp()
                """)
            return try RegionDecisions.want(by: host, connection)
        }
    }

    /// Records what becomes of a plugin that drains, as ``decide(_:plugin:by:_:)`` does; nil, and nothing is recorded, where it
    /// does not drain any more, because somebody has called it back.
    public static func settle(
        _ decision: Decision?, plugin: String, by host: String? = nil, _ connection: Connection
    ) throws -> Int? {
        connection.role = nil
        return try connection.transaction { connection in
            let count = try connection.run(
                """
                update lyceum.plugin set state = \(decision?.rawValue), at = clock_timestamp()
                where id = \(plugin) and state = 'draining'
                """)
            return count == 0 ? nil : try RegionDecisions.want(by: host, connection)
        }
    }

    /// The plugins that are enabled: those that the file lists and those that were enabled, without those disabled.
    ///
    /// Listed plugins keep the file's order; the others follow, by id. One that drains is enabled.
    public static func enabled(listed: [String], _ records: [PluginRecord]) -> [String] {
        let disabled = Set(records.filter { $0.decision == .disabled }.map(\.id))
        let added = records.filter { record in
            (record.decision == .enabled || record.decision == .draining) && !listed.contains(record.id)
        }.map(\.id)
        return listed.filter { !disabled.contains($0) } + added
    }
}
