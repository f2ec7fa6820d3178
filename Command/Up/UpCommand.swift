internal import ArgumentParser
internal import Foundation
internal import Kernel

/// The command `lyceum up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run the whole installation on this machine: database, workers and nginx.",
        discussion: """
            Makes a private PostgreSQL cluster, a database per region, example data on the first time, and an nginx on \
            127.0.0.1. Stops all of it on ctrl-C; with --detach it runs on until `lyceum down`. Where it runs already, a \
            database that ended is started again, and nothing else is done.

            The people of the example data have a password that everybody knows: --no-demo leaves them out where others can \
            reach the installation, and `lyceum user add --role admin` makes the first account.

            With --develop a change of a file of the configuration is taken up by itself, also of templates and words, and open \
            pages show themselves anew. What is wrong with it is said here, and what served goes on.

            Example:
              lyceum up --port 8081 --detach
              lyceum up --develop
            """)

    @Option(
        name: .customLong("port"),
        help: ArgumentHelp("The port of nginx on 127.0.0.1. (default: LYCEUM_PORT, else 8080)", valueName: "number"))
    var portOption: String?
    @Flag(help: "Return once it serves; `lyceum down` stops it.")
    var detach = false
    @Flag(help: "Leave the regions empty, without example data and its people.")
    var noDemo = false
    @Flag(help: "Take up what changes in the configuration by itself, and show open pages anew.")
    var develop = false
    @OptionGroup var site: Site

    func validate() throws { _ = try port() }

    private func port() throws -> Int {
        let (name, text) =
            portOption.map { ("--port", $0) } ?? ("LYCEUM_PORT", Site.environment("LYCEUM_PORT") ?? "8080")
        guard let port = Int(text), (1...65_535).contains(port) else {
            throw ValidationError("\(name) is a number from 1 to 65535, not \(text)")
        }
        return port
    }

    func run() async throws {
        let port = try port()
        Signals.catchAll()
        guard geteuid() != 0 else {
            throw Failure(
                "PostgreSQL refuses to run as root; start ./lyceum up, which changes to the user lyceum, or be another user"
            )
        }
        let state = site.state
        try state.make()
        let lock = try FileLock(state.run + "/up.lock")
        let running = RunningInstallation(state: state)
        guard lock.tryExclusive() else {
            if let address = running.address {
                try running.repair(site)
                return tell("Lyceum runs already at \(address) (ctrl-C there, or `lyceum down`, stops it)")
            }
            let who = running.up.map { " (process \($0.id))" } ?? ""
            throw Failure("another `lyceum up`\(who) is starting this installation; wait for it, or stop it")
        }
        if running.record?.detached == true, let address = running.address {
            try running.repair(site)
            return tell("Lyceum runs already at \(address) (`lyceum down` stops it)")
        }
        // Without the lock's holder, what still runs was left by one that was killed.
        if running.isAnythingRunning { try Progress.step("stopping what an earlier run left") { try running.stop() } }

        let configuration = try Configuration(directory: site.config)
        guard !develop || configuration.installation.development else { throw DevelopRefusal.failure(configuration) }
        _ = try Resolution(configuration, state, complete: true, mayFail: { _ in true })
        try Port.check(port)
        var attempt = UpAttempt(site: site, configuration: configuration, port: port, detach: detach, develop: develop)
        do {
            try await attempt.start(demo: !noDemo)
        } catch {
            let error = DiskSpace.explained(error, state)
            try? attempt.stop()
            if error is Interrupted { return tell("stopped before it was complete; the next `up` goes on from here") }
            throw error
        }
        attempt.announce(demo: !noDemo)
        if detach {
            return tell("`lyceum down` stops it.")
        }
        tell("ctrl-C stops it.")
        let end = attempt.waitForEnd()
        try attempt.stop()
        if let end { throw Failure(end) }
        tell("stopped")
    }
}
