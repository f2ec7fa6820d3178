internal import ArgumentParser
internal import Kernel

/// The command `lyceum regions`.
struct RegionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regions",
        abstract: "List the regions, their plugins and whether their databases answer.",
        discussion: """
            Example:
              lyceum regions --json
            """)

    @OptionGroup var site: Site
    @OptionGroup var output: OutputChoice

    func run() throws {
        let resolution = try Resolution(try Configuration(directory: site.config), site.state, ask: Databases.records)
        let rows = resolution.plans.map { plan in
            [
                plan.entry.id, plan.entry.title, plan.entry.databaseName,
                resolution.records[plan.entry.id] == nil ? "away" : "answers",
                plan.plugins.map(\.plugin.id).joined(separator: " "),
            ]
        }
        Table.show(["region", "title", "database", "state", "plugins"], rows, json: output.json)
    }
}
