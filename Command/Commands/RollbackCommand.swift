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
        let generations = Generations(state: state)
        let now = RunningSupervisor.revision(state)
        let serving = try GenerationFile.read(directory: generations.directory(now))
        let target = try target(generations, serving.restored ?? now, now)
        let changes = try Outline.read(directory: generations.directory(now))
            .changes(to: try Outline.read(directory: generations.directory(target)))
        for line in PlanLines.text(changes) { tell(line) }
        let name = try GenerationFile.read(directory: generations.directory(target)).restored ?? target
        try write("\(target)\(yes ? " --yes" : "")\n", to: state.rollback)
        do { try Rollout(state, [], own: own, patience).run(isRecorded: false) } catch {
            unlink(state.rollback)
            throw error
        }
        tell("it is generation \(name) again, until the next `lyceum reload`, `enable` or `disable`")
    }

    private func target(_ generations: Generations, _ present: Int, _ now: Int) throws -> Int {
        let served = generations.served.filter {
            FileManager.default.fileExists(atPath: generations.directory($0) + "/" + GenerationFile.name)
        }
        let list = served.filter { $0 != now }.map { "\($0)" }.joined(separator: ", ")
        if let to {
            guard served.contains(to), to != now else {
                throw Failure(
                    "generation \(to) is none to go back to; \(list.isEmpty ? "there is none" : "there are \(list)")")
            }
            return to
        }
        // What repeats another one stands where that one stood.
        let place = served.firstIndex(of: present) ?? served.firstIndex(of: now) ?? served.count
        guard place > 0 else {
            throw Failure(
                "no generation that served before is kept" + (list.isEmpty ? "" : "; for --to there are \(list)"))
        }
        return served[place - 1]
    }
}
