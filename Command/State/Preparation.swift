internal import Foundation
internal import Kernel
internal import Synchronization

/// Makes generations for a supervisor, in a child because the supervisor itself loads no plugin, and writes down what becomes
/// of them: for commands on this host in the state directory, for other hosts in the databases.
final class Preparation: Sendable {
    private struct Now {
        /// The generation that was prepared last.
        var prepared: Generation?
        /// The one that has taken over, by the supervisor's own number.
        var serving: (number: Int, generation: Generation)?
        /// The exit code of a preparation that failed.
        var code: Int32 = 1
        var hasBegun = false
        /// What the supervisor does on SIGHUP.
        var watch: HostWatch?
        /// Whether another host's decision was heard of since the last preparation.
        var hasHeard = false
    }

    private let state: StateDirectory
    private let arguments: [String]
    /// Where the programs were at the start: new ones may be put in their place, and the directory of the old ones renamed.
    private let programs = Preparation.programs
    private let now = Mutex(Now())

    /// - Parameter develop: whether open pages are to show themselves anew.
    init(_ site: Site, _ host: HostWatch.Host, develop: Bool = false) {
        (state, arguments) = (site.state, site.arguments + (develop ? ["--develop"] : []))
        let own = getpid()
        let watch = HostWatch(host, log: Preparation.log) { [weak self] in
            self?.now.withLock { $0.hasHeard = true }
            kill(own, SIGHUP)
        }
        now.withLock { $0.watch = watch }
    }

    /// The supervisor's lines, in the form that was chosen last.
    private static var log: Log { Log.standardError.named("supervisor") }

    /// Where `lyceum` and `lyceum-worker` lie side by side.
    static var programs: String {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return String(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex))
    }

    /// The exit code for a start that failed.
    var code: Int32 { now.withLock { $0.code } }

    /// Prepares a generation and tells which processes it has.
    func run() throws -> GenerationSpec {
        now.withLock { $0.watch }?.prepares()
        show("its plugins are loaded and checked")
        let directory = try prepare()
        let generation = try GenerationFile.read(directory: directory)
        now.withLock { $0.prepared = generation }
        Log.choose(generation.log)
        show("its processes start")
        let worker = programs + "/lyceum-worker"
        return GenerationSpec(
            web: ProcessSpec(worker, ["--generation", directory]), webProcesses: generation.workers,
            delivery: ProcessSpec(worker, ["--generation", directory, "--delivery"]),
            name: "\(generation.revision)" + (generation.restored.map { ", which is \($0) again," } ?? ""))
    }

    /// The directory of a new generation: of the configuration, or of one that is to be repeated.
    private func prepare() throws -> String {
        let isFirst = now.withLock { now in
            defer { now.hasBegun = true }
            return !now.hasBegun
        }
        let cause = cause(isFirst: isFirst)
        if let wanted = try? String(contentsOfFile: state.rollback, encoding: .utf8) {
            unlink(state.rollback)
            // The number, and `--yes` where what is owed is known.
            return try child(["--again"] + wanted.split(whereSeparator: \.isWhitespace).map(String.init), cause)
        }
        // After a rollback a restart of the machine must not bring back what was taken back.
        let generations = Generations(state: state)
        if isFirst, let last = generations.served.last,
            let restored = try? GenerationFile.read(directory: generations.directory(last)).restored
        {
            do {
                let directory = try child(["--again", "\(last)"], cause)
                Preparation.log.write("generation \(restored) is served again, as before; `lyceum reload` ends that")
                return directory
            } catch {
                Preparation.log.write(level: .warning, "generation \(restored) cannot be served again: \(error)")
            }
        }
        return try child([], cause)
    }

    /// What asked for the generation that is made now: the commands that said so, or a signal.
    private func cause(isFirst: Bool) -> String {
        let said = (try? String(contentsOfFile: state.asked, encoding: .utf8)) ?? ""
        unlink(state.asked)
        let hasHeard = now.withLock { now in
            defer { now.hasHeard = false }
            return now.hasHeard
        }
        if isFirst { return "start" }
        if !said.isEmpty { return said.split(separator: "\n").joined(separator: "; ") }
        return hasHeard ? "a decision in a region's database" : "SIGHUP"
    }

    private func child(_ more: [String], _ cause: String) throws -> String {
        // A plugin that crashes here takes nobody else with it, and is named by the child.
        let outcome = try Child.run(
            programs + "/lyceum", ["prepare", "--cause", cause] + arguments + more, limit: .seconds(600))
        guard outcome.status.success else {
            if case .exited(78) = outcome.status { now.withLock { $0.code = 78 } }
            // What it was at is nobody's any more: one that was killed could not take it back itself.
            Generations(state: state).abandonAll()
            guard case .signalled = outcome.status else {
                let said = outcome.complaint
                throw Failure(said.hasPrefix("lyceum: ") ? String(said.dropFirst(8)) : said)
            }
            let said = outcome.complaint.isEmpty ? "" : ": " + outcome.complaint
            throw Failure("`lyceum prepare`, which loads and asks the plugins, \(outcome.status)\(said)")
        }
        for line in outcome.errors.split(separator: "\n") { Preparation.relay(line) }
        guard let line = outcome.output.split(separator: "\n").last, line.hasPrefix("/") else {
            throw Failure("`lyceum prepare` answered something else than a generation: \(outcome.output)")
        }
        return String(line)
    }

    /// Logs what the child said; a line that begins with a level is of that one, any other a warning.
    private static func relay(_ line: Substring) {
        for level in [Log.Level.info, .error] where line.hasPrefix("\(level.rawValue): ") {
            return log.write(level: level, String(line.dropFirst(level.rawValue.count + 2)))
        }
        log.write(level: .warning, String(line))
    }

    /// The generation prepared last has taken over; it is the supervisor's `number`.
    func serving(_ number: Int) {
        let (watch, generation) = now.withLock { now in
            if let prepared = now.prepared { now.serving = (number, prepared) }
            return (now.watch, now.prepared)
        }
        guard let generation else { return }
        watch?.takes(generation)
        show("those of the one before finish their requests")
    }

    /// Writes down that nothing but the generation of this number answers and delivers any more.
    func settled(_ number: Int) {
        let (watch, serving) = now.withLock { ($0.watch, $0.serving) }
        guard let serving, serving.number == number else { return }
        let generations = Generations(state: state)
        let revision = serving.generation.revision
        watch?.serves(serving.generation, try? Outline.read(directory: generations.directory(revision)))
        do {
            try generations.serves(revision)
            unlink(state.phase)
            try write("\(revision)\n", to: state.acknowledged)
        } catch { Preparation.log.write(level: .error, "\(error)") }
    }

    /// Writes down why there is no new generation.
    func refused(_ reason: String) {
        now.withLock { $0.watch }?.refused(reason)
        unlink(state.phase)
        try? write(reason + "\n", to: state.refused)
    }

    /// Takes this host off the lists.
    func end() { now.withLock { $0.watch }?.stop() }

    /// For commands that wait.
    private func show(_ phase: String) { try? write(phase + "\n", to: state.phase) }
}
