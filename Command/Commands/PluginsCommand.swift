internal import ArgumentParser
internal import Kernel
internal import Lyceum

/// The command `lyceum plugins`.
struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "List the plugins there are, where each is enabled, and its settings.",
        discussion: """
            With a plugin's id: everything that it declares, what it needs, and its settings with their defaults.

            Example:
              lyceum plugins courses
            """)

    @Argument(help: ArgumentHelp("One plugin, in full.", valueName: "id"))
    var plugin: String?
    @OptionGroup var site: Site
    @OptionGroup var choice: RegionChoice
    @OptionGroup var output: OutputChoice

    func run() throws {
        let resolution = try Resolution.looking(site, try Configuration(directory: site.config))
        if let plugin { return try show(plugin, resolution) }
        let plans = try resolution.plans(choice)
        var rows: [[String]] = []
        for id in resolution.registry.ids {
            guard let known = resolution.registry.plugins[id] else { continue }
            let regions = plans.filter { plan in plan.plugins.contains { $0.plugin.id == id } }.map { plan in
                plan.entry.plugins.contains { $0.id == id && $0.isDraining }
                    ? "\(plan.entry.id) (draining)" : plan.entry.id
            }
            if choice.region != nil, regions.isEmpty { continue }
            rows.append([
                id, known.manifest.version.description, known.origin.description,
                regions.isEmpty ? "nowhere" : regions.joined(separator: " "),
            ])
        }
        Table.show(["plugin", "version", "origin", "enabled in"], rows, json: output.json)
    }

    private func show(_ id: String, _ resolution: Resolution) throws {
        guard let known = resolution.registry.plugins[id] else {
            throw Resolution.unknownPlugin(id, resolution.registry)
        }
        let manifest = known.manifest
        var rows = [["version", manifest.version.description], ["origin", known.origin.description]]
        rows += manifest.requires.map { ["requires", $0.description] }
        rows += manifest.optional.map { ["uses", $0.description] }
        rows += known.declarations.map { ["declares", $0.summary] }
        rows += try SettingsTable.rows(known.type).map { ["setting", $0] }
        for plan in try resolution.plans(choice) {
            guard let enabled = plan.plugins.first(where: { $0.plugin.id == id }) else {
                if choice.region != nil { rows.append(["in \(plan.entry.id)", "not enabled"]) }
                continue
            }
            rows += enabled.contributions.map { ["in \(plan.entry.id)", $0.summary] }
        }
        Table.show([id, ""], rows, json: output.json)
    }
}

/// A plugin's settings, a line each.
enum SettingsTable {
    /// A line for each setting.
    ///
    /// Such as `coursesPerPage (default 12): How many courses a page of the catalogue shows.`
    static func rows(_ type: any Plugin.Type) throws -> [String] {
        func rows<P: Plugin>(_ type: P.Type) throws -> [String] {
            try Book().object(P.Settings.self).fields.map { field in
                let preset = field.required ? "required" : field.secret ? "secret" : "default \(field.preset ?? "none")"
                return "\(field.name) (\(preset))\(field.about.isEmpty ? "" : ": \(field.about)")"
            }
        }
        return try rows(type)
    }
}
