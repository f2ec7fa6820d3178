internal import JSON
internal import Lyceum
internal import PostgreSQL

/// A plugin of the region, as the API answers it.
struct PluginView: View, Documented {
    var id: String
    var state: String
    var reason: String?
    var version: String?
    var installed: String?
    var origin: String?
    var quarantined: [String]
    var settings: [SettingView]

    /// Whether somebody has to do something about it.
    var isAtFault: Bool { ["missing", "failed"].contains(state) }

    static let about = [
        "state": """
        `enabled`, `disabled`, `draining`, `missing` where its schema is not in the database, or `failed` where it is \
        enabled and could not be loaded.
        """,
        "reason": "Why it could not be loaded; null where it was not tried, or could.",
        "version": "The version that serves; null where it does not.",
        "installed": "The version of the schema in the database.",
        "origin": "`built in`, or the file it was loaded from.",
        "quarantined": "Its listeners that are given nothing.", "settings": "What the region may set, and what it did.",
    ]
}

/// A setting of a plugin in the region, as the API answers it.
struct SettingView: View, Documented {
    var name: String
    var about: String
    var isSecret: Bool
    var isSet: Bool
    var value: String?

    static let about = [
        "isSet": "Whether the region's file says it; otherwise it is the default.",
        "value": "The value that counts, as JSON text; null where there is none, and of a secret always.",
    ]
}

/// What is known of a region's plugins: the plan says what serves, the database what was decided.
struct RegionBooks: Sendable {
    let plan: RegionPlan
    /// The settings of each plugin that serves, by id.
    private let settings: [String: [SettingView]]

    init(_ plan: RegionPlan) {
        self.plan = plan
        var settings: [String: [SettingView]] = [:]
        for enabled in plan.plugins {
            let given = plan.entry.plugins.first { $0.id == enabled.plugin.id }?.settings ?? "{}"
            // What cannot be described has been refused with the plan.
            settings[enabled.plugin.id] = (try? enabled.plugin.type.shown(settings: given, Book())) ?? []
        }
        self.settings = settings
    }

    /// What the database knows of plugins.
    static let records: Statement = "select id, state, version from lyceum.plugin order by id"
    /// The listeners that are given nothing.
    static let quarantined: Statement =
        "select name from lyceum.listener where quarantined_at is not null order by name"

    /// The plugins, of the answers to ``records`` and ``quarantined``.
    func plugins(_ records: Result, _ quarantined: Result) throws -> [PluginView] {
        let known = try records.map { row in
            let (id, state): (String, String?) = (try row.next(), try row.next())
            return PluginRecord(
                id: id, decision: state.flatMap { PluginRecord.Decision(rawValue: $0) }, version: try row.next())
        }
        let health = RegionHealth(
            database: .up, records: known, quarantined: try quarantined.map { row in try row.next() })
        return PluginStanding.all(plan, health).map { one in
            let origin = plan.plugins.first { $0.plugin.id == one.id }?.plugin.origin
            return PluginView(
                id: one.id, state: one.state, reason: one.reason, version: one.wanted, installed: one.installed,
                origin: origin.map { Self.words($0) }, quarantined: one.quarantined, settings: settings[one.id] ?? [])
        }
    }

    /// Of a file only its name: the copy that is loaded lies in the generation's directory, which is nobody's business.
    private static func words(_ origin: KnownPlugin.Origin) -> String {
        switch origin {
        case .linked: "built in"
        case .library(let path): String(path.split(separator: "/").last ?? "")
        }
    }

    /// Where the region's settings are written, below the directory of the configuration.
    var file: String { "regions/\(plan.entry.id).yaml" }
}

extension Plugin {
    /// Settings as people may see them: of secrets, and of what has secrets within it, only whether they are set.
    static func shown(settings: String, _ book: Book) throws -> [SettingView] {
        let document = try Document(settings)
        return try document.withRoot { root in
            try book.object(Settings.self).fields.map { field in
                let isSecret = field.secret || field.schema.hasSecret
                let given = root.member(named: field.name)
                let value = given.map { node in
                    let out = JSONWriter()
                    out.node(node)
                    return out.text
                }
                return SettingView(
                    name: field.name, about: field.about, isSecret: isSecret, isSet: given != nil,
                    value: isSecret ? nil : value ?? field.preset)
            }
        }
    }
}
