internal import ArgumentParser
internal import Kernel
internal import Lyceum

/// The command `lyceum disable`.
///
///     enabled ──nothing is owed──▶ disabled
///        ├──something is owed──▶ refused with the list
///        └──something is owed, --drain──▶ draining ──until nothing is──▶ disabled
struct DisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Disable a plugin in a region; its data stays.",
        discussion: """
            Its routes and pages are gone there, its listeners wait where they are, and other regions notice nothing. It is \
            refused while another enabled plugin requires it, and while it owes something to people, such as bookings that \
            are yet to come.

            With --drain such a plugin goes on as ever, but makes no new promises, and is disabled once it owes nothing any \
            more. The command waits for that; it may be interrupted, and called again. `lyceum enable` calls the plugin back.

            Example:
              lyceum disable courses --region academy
            """)

    @Argument(help: ArgumentHelp("The plugin.", valueName: "id"))
    var plugin: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name"))
    var region: String
    @Flag(help: "Let the plugin keep what it promised, and disable it then.")
    var drain = false
    @OptionGroup var patience: Patience
    @OptionGroup var site: Site

    func run() async throws {
        let decision = try Decision(plugin, region, site, patience, isKnown: false)
        if decision.isOrphan {
            return try decision.rollOut(nil) {
                tell("\(plugin), which does not exist any more, is not enabled in \(region) now; its data stays")
            }
        }
        guard decision.isEnabled else { return tell("\(plugin) is not enabled in \(region)") }
        try checkNeeds(decision)
        if try await !owed(decision).isEmpty { try await settle(decision) }
        let listed = decision.file.plugins.contains { $0.id == plugin }
        try decision.rollOut(listed ? .disabled : nil) { tell("\(plugin) is disabled in \(region); its data stays") }
    }

    private func checkNeeds(_ decision: Decision) throws {
        let needing = decision.plan.plugins.filter { enabled in
            enabled.plugin.manifest.requires.contains { $0.id == plugin }
        }.map(\.plugin.id)
        guard needing.isEmpty else {
            throw Failure(
                """
                \(plugin) cannot be disabled in \(region): \(needing.joined(separator: " and ")) \
                \(needing.count == 1 ? "requires" : "require") it; disable \(needing.joined(separator: " and ")) first
                """)
        }
    }

    /// What the plugin still owes; of a region that was never installed, nothing.
    private func owed(_ decision: Decision) async throws -> [RegionWork.Obligation] {
        guard decision.plan.owesAnything(plugin) else { return [] }
        _ = try decision.connection()
        let work = try RegionWork(decision.plan, decision.databases.configuration.installation.limits)
        return try await work.obligations(of: plugin)
    }

    /// Waits until the plugin owes nothing, or refuses.
    private func settle(_ first: Decision) async throws {
        let command = "lyceum disable \(plugin) --region \(region) --drain"
        var owed = try await owed(first)
        guard drain else {
            let list = owed.map { "  " + $0.sentence }.joined(separator: "\n")
            throw Failure(
                """
                \(plugin) cannot be disabled in \(region), because it still owes:
                \(list)
                settle these first, or let it keep its promises and make no new ones until none is left: \(command)
                """)
        }
        if !first.isDraining {
            try first.rollOut(.draining) { tell("\(plugin) drains in \(region): it makes no new promises") }
        }
        say(
            "this waits until nothing is owed. It may be interrupted: `\(command)` goes on, "
                + "`lyceum enable \(plugin) --region \(region)` calls the plugin back")
        var said: [RegionWork.Obligation] = []
        while true {
            guard try first.isStillDraining() else {
                throw Failure("\(plugin) was called back in \(region) meanwhile, and stays enabled")
            }
            owed = try await self.owed(first)
            if owed.isEmpty { break }
            if owed != said { for one in owed { tell("still owed: \(one.sentence)") } }
            said = owed
            try await Task.sleep(for: .seconds(1))
        }
    }
}
