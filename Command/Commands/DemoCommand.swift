internal import ArgumentParser
internal import Kernel

/// The command `lyceum demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Fill the regions with example data.",
        discussion: """
            Every plugin brings its own. A region that has the data already stays as it is. Not for an installation with real \
            people: the example accounts have well-known passwords.

            Example:
              lyceum demo --region academy
            """)

    @OptionGroup var site: Site
    @OptionGroup var choice: RegionChoice
    @OptionGroup var output: OutputChoice

    func run() async throws {
        let configuration = try Configuration(directory: site.config)
        try site.state.check()
        let databases = try Databases(configuration, site.state)
        let resolution = try Resolution(configuration, site.state, ask: Reach.ask)
        var rows: [[String]] = []
        for plan in try resolution.soundPlans(choice) {
            guard try Migration.missing(plan, databases).isEmpty else {
                throw Failure("region \(plan.entry.id): its database is not up to date; run `lyceum migrate` first")
            }
            let filled = try await RegionWork(plan, configuration.installation.limits).fillDemo()
            if filled.isEmpty { rows.append([plan.entry.id, "", "no plugin has example data"]) }
            rows += filled.map { [plan.entry.id, $0.plugin, $0.isNew ? "filled" : "has it already"] }
        }
        Table.show(["region", "plugin", "example data"], rows, json: output.json)
    }
}
