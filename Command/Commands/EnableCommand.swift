internal import ArgumentParser
internal import Kernel
internal import Lyceum
internal import PostgreSQL

/// The command `lyceum enable`.
struct EnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Enable a plugin in a region: its schema first, then the running processes.",
        discussion: """
            The plugin's schema is installed, what the region's file says about its settings holds, and every host that serves \
            the region takes it up before this command returns; none loses a request. A plugin that drains is called back.

            Example:
              lyceum enable courses --region academy
            """)

    @Argument(help: ArgumentHelp("The plugin.", valueName: "id"))
    var plugin: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name"))
    var region: String
    @OptionGroup var patience: Patience
    @OptionGroup var site: Site

    func run() throws {
        let decision = try Decision(plugin, region, site, patience)
        let listed = decision.file.plugins.contains { $0.id == plugin }
        // One that the file lists since the last change does not serve yet.
        if decision.isEnabled, !decision.isDraining, !decision.isAbsent {
            return tell("\(plugin) is enabled in \(region) already")
        }
        // The region with the plugin is resolved before anything is changed: what is missing is said now.
        let plan = decision.isEnabled ? decision.plan : try decision.candidate()
        for step in try Migration.run(plan, decision.databases) { tell("\(step)") }
        try decision.rollOut(listed ? nil : .enabled) {
            tell("\(plugin) is enabled in \(region)\(decision.isDraining ? " as before" : "")")
        }
    }
}
