internal import ArgumentParser
internal import Foundation
internal import Kernel

/// The command `lyceum rollback`.
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Serve what served before: the libraries, settings and plugins of the previous generation.",
        discussion: """
            The generation's own copies are used, whatever Config/ and the databases say by now. Databases are not taken back: \
            a plugin works with the schema of its next version. A plugin that would go and still owes something to people is \
            named, and nothing is done without --yes. It is about this host alone, and lasts until the next \
            `lyceum reload`, `enable` or `disable`, also over restarts; so put right what was wrong before these.

            The step in which a plugin drains before it is disabled, and what was as now, are passed over. `lyceum generations` \
            lists what is kept, `lyceum plan --rollback` shows what would change.

            Example:
              lyceum rollback
            """)

    @Option(help: ArgumentHelp("Which one. (default: the one that served before)", valueName: "generation"))
    var to: Int?
    @Flag(help: "Also where a plugin goes that still owes something.")
    var yes = false
    @OptionGroup var patience: Patience
    @OptionGroup var site: Site

    func run() throws {
        let state = site.state
        try state.check()
        guard let own = try Rollout.servingHost(state) else {
            throw Failure("nothing serves \(state.path) on this host; `lyceum serve` and `lyceum up` do")
        }
        let back = try StepBack(state, to: to)
        for line in PlanLines.text(back.changes) { tell(line) }
        try write("\(back.number)\(yes ? " --yes" : "")\n", to: state.rollback)
        do { try Rollout(state, [], own: own, patience).run(isRecorded: false) } catch {
            unlink(state.rollback)
            throw error
        }
        tell("it is generation \(back.name) again, until the next `lyceum reload`, `enable` or `disable`")
    }
}
