internal import Foundation
internal import Kernel

/// What runs of an installation that `up` made: found by the process ids that each part writes, and checked to be it.
struct RunningInstallation {
    /// What `up` writes down about itself.
    struct Record: Codable {
        /// The process of `up`; it ends by itself when detached.
        var up: KnownProcess
        /// nginx's port.
        var port: Int
        /// Whether everything is to run on without `up`.
        var detached: Bool
    }

    let state: StateDirectory

    /// What `up` wrote down last.
    var record: Record? {
        guard let data = FileManager.default.contents(atPath: state.running) else { return nil }
        return try? JSONDecoder().decode(Record.self, from: data)
    }

    /// The process of `up`, while it runs.
    var up: KnownProcess? { record.map(\.up).flatMap { $0.isRunning ? $0 : nil } }

    /// The supervisor.
    var serve: KnownProcess? { KnownProcess(file: state.supervisorPid) }

    /// nginx's master process: its command line names our configuration, so a recycled number is no nginx of ours.
    var nginx: KnownProcess? {
        guard let process = KnownProcess(file: state.nginx + "/nginx.pid"),
            let words = FileManager.default.contents(atPath: "/proc/\(process.id)/cmdline"),
            String(decoding: words, as: UTF8.self).contains(state.nginx)
        else { return nil }
        return process
    }

    /// Workers of an nginx of ours that was killed: they go on without it, and hold the port.
    ///
    /// Their command lines name nothing; but they write to our log.
    private var orphans: [KnownProcess] {
        let files = FileManager.default
        return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let id = Int32(name), let words = files.contents(atPath: "/proc/\(id)/cmdline"),
                words.starts(with: Data("nginx: worker".utf8)),
                let open = try? files.contentsOfDirectory(atPath: "/proc/\(id)/fd")
            else { return nil }
            let isOurs = open.contains { descriptor in
                let target = try? files.destinationOfSymbolicLink(atPath: "/proc/\(id)/fd/\(descriptor)")
                return target?.hasPrefix(state.nginx + "/") == true
            }
            return isOurs ? KnownProcess(id) : nil
        }
    }

    /// Whether anything of it runs.
    var isAnythingRunning: Bool {
        if nginx != nil || serve != nil || !orphans.isEmpty { return true }
        let cluster = try? state.cluster()
        return cluster?.serverProcess != nil
    }

    /// The address, when all of it runs and answers.
    var address: String? {
        guard let record, nginx != nil, serve != nil,
            let status = Port.status(record.port, host: "localhost", path: "/health/live"), status < 500
        else { return nil }
        return "http://localhost:\(record.port)/"
    }

    /// Starts the database of what runs where it has ended, and makes sure that every region has its own.
    ///
    /// - Throws: ``Failure`` that says whose database is away.
    func repair(_ site: Site) throws {
        // A configuration that has a mistake by now is no fault of what runs.
        guard let record, let configuration = try? Configuration(directory: site.config) else { return }
        if Databases.areEmbedded(configuration), let cluster = try? state.cluster(), cluster.isMade,
            cluster.serverProcess == nil
        {
            try Progress.step("the database had ended; starting it again") {
                _ = try Databases(configuration, state, lasting: true)
            }
        }
        let deadline = Date().addingTimeInterval(10)
        while true {
            let answer = Port.answer(record.port, host: "localhost", path: "/health/ready")
            // A region that is served without a plugin is no fault of the database's.
            if answer?.status == 200, answer?.text.contains(#""status":"unavailable""#) == false { return }
            guard Date() < deadline else {
                let said = answer.map { "\($0.status): \($0.text.trimmingCharacters(in: .newlines))" } ?? "nothing"
                throw Failure(
                    """
                    Lyceum runs at http://localhost:\(record.port)/, but /health/ready answers \(said); look at the \
                    database, or start all of it again with `lyceum down` and `lyceum up`
                    """)
            }
            usleep(100_000)
        }
    }

    /// Stops what runs, in the order in which no request is lost: nginx, then the supervisor, then the database.
    func stop() throws {
        if let nginx {
            nginx.send(SIGQUIT)
            if !nginx.waitForEnd(seconds: 10) {
                nginx.send(SIGTERM)
                if !nginx.waitForEnd(seconds: 5) { nginx.send(SIGKILL) }
            }
        }
        for orphan in orphans {
            orphan.send(SIGTERM)
            if !orphan.waitForEnd(seconds: 5) { orphan.send(SIGKILL) }
        }
        if let serve {
            serve.send(SIGTERM)
            if !serve.waitForEnd(seconds: 60) {
                serve.send(SIGKILL)
                _ = serve.waitForEnd(seconds: 5)
            }
        }
        let cluster = try state.cluster()
        if cluster.isMade { _ = try cluster.stop() }
        try? FileManager.default.removeItem(atPath: state.running)
    }
}
