internal import ArgumentParser
internal import Kernel

/// The command `lyceum routes`.
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "List every address of a region, who may use it, and the plugin that answers.",
        discussion: """
            Example:
              lyceum routes --region academy
            """)

    @OptionGroup var site: Site
    @OptionGroup var choice: RegionChoice
    @OptionGroup var output: OutputChoice

    func run() throws {
        let resolution = try Resolution.looking(site, try Configuration(directory: site.config))
        let rows = try resolution.plans(choice).flatMap { plan in
            plan.addresses.sorted { ($0.path, $0.method) < ($1.path, $1.method) }
                .map { [plan.entry.id, $0.method, $0.path, $0.access, $0.plugin] }
        }
        Table.show(["region", "method", "path", "access", "plugin"], rows, json: output.json)
    }
}
