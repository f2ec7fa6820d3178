internal import ArgumentParser
internal import Foundation
internal import Kernel

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
    @Flag(help: "Take up what changes in the configuration by itself, and show open pages anew; not for production.")
    var develop = false
    @OptionGroup var site: Site

    func run() throws {
        let state = site.state
        try state.make()
        let lock = try FileLock(state.run + "/serve.lock")
        try ServeCommand.claim(lock, state)
        defer {
            unlink(state.supervisorPid)
            unlink(state.acknowledged)
        }
        for file in [state.acknowledged, state.refused, state.rollback, state.phase, state.asked] { unlink(file) }

        let configuration = try Configuration(directory: site.config)
        Log.choose(configuration.installation.log)
        let log = Log.standardError.named("supervisor")
        let databases = try Databases(configuration, state)
        guard !develop || configuration.installation.development else { throw DevelopRefusal.failure(configuration) }
        let preparation = Preparation(site, try state.host(), develop: develop)
        var settings = SupervisorSettings(
            listener: .inheritedOr(path: try socket ?? state.socket(), group: try group()),
            log: { log.write(level: $1, $0) }, generation: { try preparation.run() })
        settings.stopDeadline = .seconds(configuration.installation.limits.drainSeconds + 10)
        settings.serving = { preparation.serving($0) }
        settings.settled = { preparation.settled($0) }
        settings.refused = { preparation.refused($0) }
        let watch = databases.watch { log.write(level: .warning, $0) }
        defer { watch?.end() }
        let own = getpid()
        let files = develop ? ConfigurationWatch(absolute(site.config), log: log) { kill(own, SIGHUP) } : nil
        files?.start()
        defer { files?.end() }
        let end: Supervisor.End
        do { end = try Supervisor(settings).run() } catch { throw Failure(error.description) }
        files?.end()
        preparation.end()
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

/// Developers' ways are for developers' installations.
enum DevelopRefusal {
    /// Why `--develop` is refused.
    static func failure(_ configuration: Configuration) -> Failure {
        Failure(
            "--develop is for a developer's installation: \(configuration.file.shown) says development: false, or nothing"
        )
    }
}
