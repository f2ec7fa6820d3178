internal import ArgumentParser
internal import Kernel
internal import Lyceum

/// The command `lyceum plan`.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what `lyceum migrate` would do; change nothing.",
        discussion: """
            Example:
              lyceum plan --region academy
            """)

    @OptionGroup var site: Site
    @OptionGroup var choice: RegionChoice
    @OptionGroup var output: OutputChoice

    func run() throws {
        let configuration = try Configuration(directory: site.config)
        let databases = try Databases(configuration, site.state)
        let resolution = try Resolution(configuration, site.state, ask: Databases.records)
        var rows: [[String]] = []
        for plan in try resolution.plans(choice) {
            rows += try Migration.missing(plan, databases).map { [plan.entry.id, $0.plugin, $0.what] }
        }
        if rows.isEmpty, !output.json { return tell("nothing to do") }
        Table.show(["region", "plugin", "step"], rows, json: output.json)
    }
}

/// What `plan` shows and `migrate` does.
enum Migration {
    /// What is missing in a region's database, which may be missing itself.
    static func missing(_ plan: RegionPlan, _ databases: Databases) throws -> [Installer.Step] {
        guard let connection = try databases.administer(plan.entry) else {
            return [Installer.Step(plugin: "lyceum", what: "database \(plan.entry.databaseName)")]
                + plan.plugins.map {
                    Installer.Step(plugin: $0.plugin.id, what: "version \($0.plugin.manifest.version)")
                }
        }
        return try Installer(plan).missing(connection)
    }

    /// Does what is missing.
    static func run(_ plan: RegionPlan, _ databases: Databases) throws -> [Installer.Step] {
        var made: [Installer.Step] = []
        var connection = try databases.administer(plan.entry)
        if connection == nil {
            try databases.create(plan.entry)
            made.append(Installer.Step(plugin: "lyceum", what: "database \(plan.entry.databaseName)"))
            connection = try databases.administer(plan.entry)
        }
        guard let connection else { throw Failure("region \(plan.entry.id): its database vanished while it was made") }
        return made + (try Installer(plan, login: databases.login(plan.entry)).install(connection))
    }
}
