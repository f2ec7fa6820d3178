internal import JSON
internal import Lyceum
internal import PostgreSQL

/// How a region is: whether its database answers, and how each plugin stands in it.
struct RegionHealth: Sendable {
    enum Database: String, Sendable {
        case up
        /// It refuses, or what it says is of no use.
        case away
        /// It said nothing in time.
        case silent
    }

    let database: Database
    /// What the database knows of plugins; nil where it was not asked.
    let records: [PluginRecord]?
    /// The listeners that are given nothing, with their plugins' ids, because they kept ending their processes.
    var quarantined: [String] = []

    static let silent = RegionHealth(database: .silent, records: nil)

    /// Asks a region's database.
    static func ask(_ pool: Pool) -> RegionHealth {
        do {
            return try pool.withConnection { connection in
                let records = try PluginRecord.all(connection)
                guard !records.isEmpty else { return RegionHealth(database: .up, records: []) }
                let names = try connection.query(
                    "select name from lyceum.listener where quarantined_at is not null order by name")
                return RegionHealth(
                    database: .up, records: records, quarantined: try names.map { row in try row.next() })
            }
        } catch let error as DatabaseError where error.kind == .exhausted {
            // Who has the only connection has waited for an answer all the time.
            return .silent
        } catch {
            return RegionHealth(database: .away, records: nil)
        }
    }

    /// Why requests of the region cannot be answered, in a sentence; nil where they can.
    func reason(_ plan: RegionPlan) -> String? {
        switch database {
        case .away: return "the database cannot be reached"
        case .silent: return "the database does not answer"
        case .up:
            let missing = plan.plugins.map(\.plugin.id).filter { id in
                records?.first { $0.id == id }?.version == nil
            }
            if missing.isEmpty { return nil }
            return "not installed in the database: \(missing.joined(separator: ", ")); run `lyceum migrate`"
        }
    }
}

/// How a plugin stands in a region.
///
/// A state is a word: `enabled`; `missing`, where it serves and its schema is not there; `failed`, where it is enabled and could
/// not be loaded; otherwise what the region's database says was decided about it, such as `disabled`. What comes to be decided
/// there is shown as it is.
struct PluginStanding {
    let id: String
    let state: String
    /// The version of the schema in the database.
    let installed: String?
    /// The version of the code that serves here; nil where it does not.
    let wanted: String?
    /// Its listeners that are quarantined.
    var quarantined: [String] = []
    /// Why it failed; nil where it did not.
    var reason: String?

    /// Those that serve, in their order, those that failed, then the others that the database knows, by id.
    static func all(_ plan: RegionPlan, _ health: RegionHealth) -> [PluginStanding] {
        let records = health.records
        let serving = plan.plugins.map { enabled in
            let record = records?.first { $0.id == enabled.plugin.id }
            let isMissing = records != nil && record?.version == nil
            return PluginStanding(
                id: enabled.plugin.id, state: isMissing ? "missing" : record?.decision?.rawValue ?? "enabled",
                installed: record?.version, wanted: "\(enabled.plugin.manifest.version)",
                quarantined: health.quarantined.filter { $0.hasPrefix(enabled.plugin.id + ".") })
        }
        let failed = plan.entry.failed.map { plugin in
            PluginStanding(
                id: plugin.id, state: "failed", installed: records?.first { $0.id == plugin.id }?.version, wanted: nil,
                reason: plugin.reason)
        }
        let known = serving + failed
        let others = (records ?? []).filter { record in !known.contains { $0.id == record.id } }
        return known
            + others.map { record in
                // Not serving and nothing decided: the region's file does not list it.
                PluginStanding(
                    id: record.id, state: record.decision?.rawValue ?? "disabled", installed: record.version,
                    wanted: nil)
            }
    }
}
