internal import ArgumentParser
internal import Foundation

/// The command `lyceum down`.
struct DownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop what `lyceum up` started, and nothing else.",
        discussion: """
            nginx answers what it has, then the workers, then the database. The data stays.

            Example:
              lyceum down
            """)

    @OptionGroup var site: Site

    func run() throws {
        let state = site.state
        let running = RunningInstallation(state: state)
        guard state.exists else {
            return tell("nothing runs: \(state.path) does not exist")
        }
        try state.make()
        var stopped = false
        if let up = running.up, up.id != getpid() {
            // It stops what it started itself, in the right order.
            stopped = up.send(SIGTERM)
            if !up.waitForEnd(seconds: 90) { up.send(SIGKILL) }
            _ = up.waitForEnd(seconds: 5)
        }
        let lock = try FileLock(state.run + "/up.lock")
        guard lock.tryExclusive() else {
            throw Failure("`lyceum up` starts this installation at this moment; try again")
        }
        guard running.isAnythingRunning || running.record != nil else {
            return tell(stopped ? "stopped" : "nothing runs")
        }
        try running.stop()
        tell("stopped")
    }
}
