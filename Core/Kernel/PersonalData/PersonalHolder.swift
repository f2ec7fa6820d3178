internal import Lyceum
internal import PostgreSQL

/// A plugin that may hold something about people in a region.
struct PersonalHolder: Sendable {
    let plugin: String
    let schema: String
    let data: PersonalData
    /// The role that works with its rows; nil: the login of the process.
    let role: String?
    /// Whether it takes part in the region; one that is disabled keeps what it has.
    let isEnabled: Bool

    /// Everybody of a region that declares anything, in the order of the plugins, the kernel last.
    static func all(_ plan: RegionPlan) -> [PersonalHolder] {
        let installer = Installer(plan)
        func holder(_ plugin: KnownPlugin, isEnabled: Bool) -> PersonalHolder? {
            plugin.personalData.map {
                PersonalHolder(
                    plugin: plugin.id, schema: plugin.manifest.schema, data: $0, role: installer.roles(plugin).app,
                    isEnabled: isEnabled)
            }
        }
        let kernel = OperatorPlugin.manifest
        return plan.plugins.compactMap { holder($0.plugin, isEnabled: true) }
            + plan.dormant.compactMap { holder($0, isEnabled: false) } + [
                PersonalHolder(
                    plugin: kernel.id, schema: kernel.schema, data: OperatorPlugin.personalData, role: nil,
                    isEnabled: true)
            ]
    }

    /// The table as SQL names it.
    func name(_ table: PersonalTable) -> Statement { "\(identifier: schema).\(identifier: table.name)" }

    /// What is true of a person's rows; nil where the table has none that could be found.
    func condition(_ table: PersonalTable, _ subject: DataSubject) -> Statement? {
        switch table.key {
        case .account(let column): return "\(identifier: column) = \(subject.id)"
        case .email(let column):
            guard let email = subject.email else { return nil }
            return "lower(\(identifier: column)) = lower(\(email))"
        case .parent(let column, let parent):
            guard let parent = data.tables.first(where: { $0.name == parent }),
                let condition = condition(parent, subject)
            else { return nil }
            return "\(identifier: column) in (select id from \(name(parent)) where \(condition))"
        case nil: return nil
        }
    }

    /// What erases a person in a table; nil where nothing is done there by a statement, or no row can be found.
    func erasing(_ table: PersonalTable, _ subject: DataSubject) -> Statement? {
        guard let condition = condition(table, subject) else { return nil }
        switch table.erasure {
        case .rows: return "delete from \(name(table)) where \(condition)"
        case .columns:
            let changes = table.changes.map { "\(identifier: $0.column) = \($0.replacement.sql)" as Statement }
            let missing = table.changes.filter(\.isPersonal).map { $0.replacement.isMissing(in: $0.column) }
            let statement: Statement = "update \(name(table)) set \(Self.list(changes, ", ")) where \(condition)"
            // Erasing again is to change nothing, and to leave nothing in the audit.
            guard missing.allSatisfy({ $0 != nil }) else { return statement }
            return "\(statement) and (\(Self.list(missing.compactMap { $0 }, " or ")))"
        case .kept, .function, .impersonal: return nil
        }
    }

    private static func list(_ parts: [Statement], _ separator: StaticString) -> Statement {
        guard var all = parts.first else { return "" }
        for part in parts.dropFirst() { all = "\(all)\(unescaped: "\(separator)")\(part)" }
        return all
    }

    /// What a table has about a person, with so many rows.
    func holding(_ table: PersonalTable, rows: Int?) -> PersonalHolding {
        let fate: PersonalHolding.Fate =
            switch table.erasure {
            case .rows: .removed
            case .columns, .function: .anonymised
            case .kept, .impersonal: .kept
            }
        return PersonalHolding(
            plugin: plugin, table: table.name, fate: fate, rows: rows, kept: table.kept, reason: table.reason)
    }
}

extension KnownPlugin {
    /// What it declares about people; nil where it says nothing.
    var personalData: PersonalData? { declarations.lazy.compactMap { $0 as? PersonalData }.first }
}

extension Replacement {
    /// As SQL, for the column's type.
    var sql: Statement {
        switch self {
        case .null: "null"
        case .value(let text): "\(unescaped: quoted(literal: text))"
        case .random: "gen_random_uuid()::text"
        case .now: "now()"
        }
    }

    /// That a column is not replaced yet; nil where that cannot be seen.
    func isMissing(in column: String) -> Statement? {
        switch self {
        case .null: "\(identifier: column) is not null"
        case .value(let text): "\(identifier: column)::text is distinct from \(unescaped: quoted(literal: text))"
        case .random, .now: nil
        }
    }
}
