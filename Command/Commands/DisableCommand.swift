internal import ArgumentParser
internal import Kernel
internal import Lyceum

/// The command `lyceum disable`.
///
///     enabled ──it never owes anything──▶ disabled
///        └──▶ draining ──nothing is owed──▶ disabled
///                ├──something is owed──▶ as before, refused with the list
///                └──something is owed, --drain──▶ draining ──until nothing is──▶ disabled
///
/// What could be owed is asked for once no process makes promises any more: an answer from before would say nothing about those
/// that were made since.
struct DisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Disable a plugin in a region; its data stays.",
        discussion: """
            Its routes and pages are gone there, its listeners wait where they are, and other regions notice nothing. It is \
            refused while another enabled plugin requires it, and while it owes something to people, such as bookings that \
            are yet to come; so one that may owe something makes no more promises while that is found out.

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
        guard decision.isEnabled || (decision.isTakenBack && decision.serves) else {
            return tell("\(plugin) is not enabled in \(region)")
        }
        try checkNeeds(decision)
        let listed = decision.file.plugins.contains { $0.id == plugin }
        let end = { tell("\(plugin) is disabled in \(region); its data stays") }
        guard try decision.whole().owesAnything(plugin) else {
            try decision.rollOut(listed ? .disabled : nil, said: end)
            return try endAudit(decision)
        }
        if drain { try await settle(decision) } else { try await stopPromising(decision, listed) }
        guard try decision.rollOutDrained(listed ? .disabled : nil, said: end) else { throw calledBack }
        try endAudit(decision)
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

    /// Takes away the triggers of an audit, last: until then somebody serves who says who acts.
    private func endAudit(_ decision: Decision) throws {
        let plan = try decision.whole()
        guard plan.auditKeeper == plugin else { return }
        try Installer(plan).endAudit(try decision.connection())
    }

    private var calledBack: Failure {
        Failure("\(plugin) was called back in \(region) meanwhile, and stays enabled")
    }

    /// What the plugin still owes.
    private func owed(_ decision: Decision) async throws -> [RegionWork.Obligation] {
        _ = try decision.connection()
        let work = try RegionWork(decision.whole(), decision.databases.configuration.installation.limits)
        return try await work.obligations(of: plugin)
    }

    private var drainingCommand: String { "lyceum disable \(plugin) --region \(region) --drain" }

    private func check(_ owed: [RegionWork.Obligation]) throws {
        guard !owed.isEmpty else { return }
        let list = owed.map { "  " + $0.sentence }.joined(separator: "\n")
        throw Failure(
            """
            \(plugin) cannot be disabled in \(region), because it still owes:
            \(list)
            settle these first, or let it keep its promises and make no new ones until none is left: \(drainingCommand)
            """)
    }

    /// Has the plugin make no new promises, and everything be as before if it owes anything then.
    private func stopPromising(_ decision: Decision, _ listed: Bool) async throws {
        // Mostly the answer is known before anything is changed.
        try check(await owed(decision))
        if decision.isDraining { return }
        do {
            try decision.rollOut(.draining) { tell("\(plugin) makes no new promises in \(region) from now on") }
            try check(await owed(decision))
        } catch let reason {
            // Unless somebody has called it back already.
            do {
                _ = try decision.rollOutDrained(listed ? nil : .enabled) {
                    tell("\(plugin) is enabled in \(region) as before")
                }
            } catch { throw Failure("\(reason)\n\(error)") }
            throw reason
        }
    }

    /// Waits until the plugin makes no new promises and owes nothing.
    private func settle(_ decision: Decision) async throws {
        if !decision.isDraining {
            try decision.rollOut(.draining) { tell("\(plugin) drains in \(region): it makes no new promises") }
        }
        var said: [RegionWork.Obligation] = []
        while true {
            guard try decision.isStillDraining() else { throw calledBack }
            let owed = try await owed(decision)
            if owed.isEmpty { break }
            if said.isEmpty {
                say(
                    "this waits until nothing is owed. It may be interrupted: `\(drainingCommand)` goes on, "
                        + "`lyceum enable \(plugin) --region \(region)` calls the plugin back")
            }
            if owed != said { for one in owed { tell("still owed: \(one.sentence)") } }
            said = owed
            try await Task.sleep(for: .seconds(1))
        }
    }
}
