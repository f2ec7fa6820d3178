internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import Synchronization

/// The command `lyceum serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve all regions to nginx, and deliver events, until told to stop.",
        discussion: """
            Listens on the socket that systemd or spawn-fcgi hands over, else on a unix socket of its own, which only its user \
            and group may use. SIGTERM and ctrl-C stop it once every request is answered; SIGHUP takes up a changed \
            configuration without losing a request, once the databases have what it needs: the embedded ones are brought up \
            to date, others are the business of `lyceum migrate`. An embedded database that ends by itself is started again. \
            Logs go to standard error, a line each: text on a terminal, JSON elsewhere, unless the configuration says otherwise.

            Example:
              lyceum serve --socket /run/lyceum/lyceum.sock
            """)

    @Option(help: ArgumentHelp("The unix socket. (default: lyceum.sock in the run directory)", valueName: "path"))
    var socket: String?
    @Option(
        help: ArgumentHelp("The group whose members may use the socket. (default: the user's own)", valueName: "name"))
    var socketGroup: String?
    @OptionGroup var site: Site

    func run() throws {
        let state = site.state
        try state.make()
        let lock = try FileLock(state.run + "/serve.lock")
        try ServeCommand.claim(lock, state)
        defer { unlink(state.supervisorPid) }
        unlink(state.acknowledged)
        unlink(state.refused)

        let configuration = try Configuration(directory: site.config)
        Log.choose(configuration.installation.log)
        let log = Log.standardError.named("supervisor")
        let databases = try Databases(configuration, state)
        let preparation = Preparation(site)
        var settings = SupervisorSettings(
            listener: .inheritedOr(path: try socket ?? state.socket(), group: try group()),
            log: { log.write(level: $1, $0) }, generation: { try preparation.run() })
        settings.stopDeadline = .seconds(configuration.installation.limits.drainSeconds + 10)
        settings.serving = { _ in preparation.acknowledge(state) }
        settings.refused = { reason in
            preparation.abandon()
            try? write(reason + "\n", to: state.refused)
        }
        let watch = databases.watch { log.write(level: .warning, $0) }
        defer { watch?.end() }
        let end: Supervisor.End
        do { end = try Supervisor(settings).run() } catch { throw Failure(error.description) }
        watch?.end()
        withExtendedLifetime(databases) {}
        if case .failed(let reason) = end {
            if Log.chosen == .json { log.write(level: .error, reason) } else { say("lyceum: \(reason)") }
            throw ExitCode(preparation.code)
        }
    }

    /// Makes sure that one process serves an installation.
    private static func claim(_ lock: FileLock, _ state: StateDirectory) throws {
        let deadline = Date().addingTimeInterval(3)
        while !lock.tryExclusive() {
            if Date() > deadline {
                let who = KnownProcess(file: state.supervisorPid).map { " (process \($0.id))" } ?? ""
                throw Failure("this installation is served already\(who); stop that one, or name another with --state")
            }
            usleep(50_000)
        }
        if let own = KnownProcess.own { try write(own.record, to: state.supervisorPid) }
    }

    private func group() throws -> UInt32? {
        guard let socketGroup else { return nil }
        guard let entry = getgrnam(socketGroup) else {
            throw Failure(
                "there is no group \"\(socketGroup)\"; --socket-group names the group that nginx runs as, such as www-data"
            )
        }
        return entry.pointee.gr_gid
    }
}

/// Makes generations in a child, because the supervisor itself loads no plugin.
final class Preparation: Sendable {
    private let site: (arguments: [String], directory: String)
    /// The generation that was prepared last and not refused, and the exit code of a preparation that failed.
    private let now = Mutex<(revision: Int, code: Int32)>((0, 1))

    init(_ site: Site) {
        self.site = (site.arguments, Preparation.programs)
    }

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
        let outcome = try Child.run(
            site.directory + "/lyceum", ["prepare"] + site.arguments, limit: .seconds(600))
        guard outcome.status.success else {
            if case .exited(78) = outcome.status { now.withLock { $0.code = 78 } }
            throw Failure(outcome.complaint)
        }
        let log = Log.standardError.named("supervisor")
        for line in outcome.errors.split(separator: "\n") { log.write(level: .warning, String(line)) }
        let lines = outcome.output.split(separator: "\n")
        guard lines.count >= 2, let workers = Int(lines[1]),
            let revision = lines[0].split(separator: "/").last.flatMap({ Int($0) })
        else { throw Failure("`lyceum prepare` answered something else than a generation: \(outcome.output)") }
        now.withLock { $0.revision = revision }
        let worker = site.directory + "/lyceum-worker"
        let directory = String(lines[0])
        Log.choose(try GenerationFile.read(directory: directory).log)
        return GenerationSpec(
            web: ProcessSpec(worker, ["--generation", directory]), webProcesses: workers,
            delivery: ProcessSpec(worker, ["--generation", directory, "--delivery"]))
    }

    /// Writes down that all processes of the generation prepared last are ready.
    func acknowledge(_ state: StateDirectory) {
        let revision = now.withLock { $0.revision }
        do { try write("\(revision)\n", to: state.acknowledged) } catch {
            Log.standardError.named("supervisor").write(level: .error, "\(error)")
        }
    }

    /// Forgets the generation prepared last.
    func abandon() { now.withLock { $0.revision = 0 } }
}
