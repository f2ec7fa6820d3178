internal import ArgumentParser
internal import Kernel

/// The command `lyceum migrate`.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the databases to what the enabled plugins declare.",
        discussion: """
            Makes the embedded cluster and its databases where they are missing; then roles, schemas, migrations and cursors. \
            It may be run again at any time, also while the installation serves. `lyceum plan` shows what it would do.

            Example:
              lyceum migrate --region academy
            """)

    @OptionGroup var site: Site
    @OptionGroup var choice: RegionChoice
    @OptionGroup var output: OutputChoice

    func run() throws {
        do { try migrate() } catch { throw DiskSpace.explained(error, site.state) }
    }

    private func migrate() throws {
        let configuration = try Configuration(directory: site.config)
        let databases = try Databases(configuration, site.state, making: true)
        let resolution = try Resolution(configuration, site.state, ask: Reach.ask)
        var rows: [[String]] = []
        for plan in try resolution.soundPlans(choice) {
            rows += try Migration.run(plan, databases).map { [plan.entry.id, $0.plugin, $0.what] }
        }
        if rows.isEmpty, !output.json { return tell("nothing to do") }
        Table.show(["region", "plugin", "step"], rows, json: output.json)
    }
}
