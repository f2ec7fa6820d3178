internal import ArgumentParser

/// The executable `lyceum`.
struct LyceumCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lyceum",
        abstract: "A platform of plugins, served per region behind nginx.",
        discussion: """
            Exit codes: 0 done, 1 it ran and found or hit a problem, 64 wrong usage, 78 bad configuration.

            Example:
              lyceum up
            """,
        version: "lyceum 1.0.0",
        subcommands: [PrepareCommand.self],
        groupedSubcommands: [
            CommandGroup(name: "Installation", subcommands: [UpCommand.self, DownCommand.self]),
            CommandGroup(
                name: "Running",
                subcommands: [
                    ServeCommand.self, CheckCommand.self, PlanCommand.self, MigrateCommand.self, ReloadCommand.self,
                    RollbackCommand.self,
                ]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    RegionsCommand.self, PluginsCommand.self, RoutesCommand.self, GenerationsCommand.self,
                ]),
            CommandGroup(name: "Working off", subcommands: [DeliveriesCommand.self, JobsCommand.self]),
            CommandGroup(name: "Accounting for", subcommands: [AuditCommand.self]),
            CommandGroup(
                name: "Deciding",
                subcommands: [EnableCommand.self, DisableCommand.self, DemoCommand.self, UserCommand.self]),
        ])
}
