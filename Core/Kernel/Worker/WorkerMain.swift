internal import FastCGI
internal import Glibc
public import Lyceum

/// What `lyceum-worker` does: answer requests, or deliver events, for one generation.
///
/// The supervisor gives it fixed descriptors: 0 the listening socket, 3 and 4 the hand-over pair, 5 the pipe to which it
/// says `ready`, 6 the pipe by which web processes wake the delivery process, 7 the memory in which it notes what its threads
/// do, 8 what the supervisor counts, 9 the memory in which all processes count. Started by hand, 3 to 9 may be closed.
///
///     lyceum-worker --generation DIR --slot N
///     lyceum-worker --generation DIR --delivery
public struct WorkerMain {
    private static let handOverReceive: Int32 = 3
    private static let handOverSend: Int32 = 4
    private static let readiness: Int32 = 5
    static let board: Int32 = 7

    private enum Work {
        case serve(slot: Int)
        case deliver
    }

    /// Runs until the process is told to end.
    ///
    /// - Parameters:
    ///   - arguments: the command line, without the program's name.
    ///   - linked: the platform's own plugins.
    ///   - schedule: when failed events are tried again.
    /// - Returns: the exit code: 0 done, 64 wrong usage, 78 the generation cannot be served.
    public static func run(
        _ arguments: [String], linked: [any Plugin.Type], schedule: RetrySchedule = RetrySchedule()
    ) -> Int32 {
        run(arguments, linked: linked) { try DeliveryProcess($0, schedule: schedule) }
    }

    /// The same with a delivery of one's own.
    @_spi(Mutants) public static func run(
        _ arguments: [String], linked: [any Plugin.Type], delivery: (Installation) throws -> DeliveryProcess
    ) -> Int32 {
        guard let (directory, work) = parse(arguments) else {
            Log.standardError.write("usage: lyceum-worker --generation DIR (--slot N | --delivery)")
            return 64
        }
        do {
            let generation = try GenerationFile.read(directory: directory)
            Log.choose(generation.log)
            let registry = try Registry(linked, libraries: generation.libraries)
            switch work {
            case .serve(let slot):
                let installation = try Installation(
                    generation, registry, counting: .inherited(), slot: slot, tellsDelivery: PublishedSignal.isThere,
                    log: Log.standardError.named("web \(slot)"))
                return try serve(installation, fatal: FatalRequests(file: directory + "/fatal"))
            case .deliver:
                let installation = try Installation(
                    generation, registry, directory: directory, counting: .inherited(), slot: Installation.deliverySlot,
                    log: Log.standardError.named("delivery"))
                let limits = installation.generation.limits
                let watchdog = try watchdog(
                    installation, threads: installation.services.count * (limits.deliveries + limits.jobs))
                try delivery(installation).run(lifeline: lifeline, watchdog: watchdog, ready: sayReady)
                return 0
            }
        } catch {
            sayWhyNot("\(error)")
            return 78
        }
    }

    private static func parse(_ arguments: [String]) -> (directory: String, work: Work)? {
        guard arguments.count >= 3, arguments[0] == "--generation" else { return nil }
        switch (arguments[2], arguments.count) {
        case ("--delivery", 3): return (arguments[1], .deliver)
        case ("--slot", 4): return Int(arguments[3]).map { (arguments[1], .serve(slot: $0)) }
        default: return nil
        }
    }

    private static func serve(_ installation: Installation, fatal: FatalRequests) throws -> Int32 {
        var settings = ServerSettings()
        let limits = installation.generation.limits
        settings.threads = limits.threads
        settings.bodyLimit = limits.bodyBytes
        settings.drainDeadline = .seconds(limits.drainSeconds)
        if fcntl(handOverReceive, F_GETFD) >= 0, fcntl(handOverSend, F_GETFD) >= 0 {
            settings.handOver = .init(receive: handOverReceive, send: handOverSend)
        }
        settings.lifeline = lifeline
        settings.isInherited = getenv(ProcessSpec.inheritedListener) != nil
        settings.log = { installation.log.write(level: .warning, $0) }
        settings.ready = sayReady
        let watchdog = try watchdog(installation, threads: limits.threads, fatal: fatal)
        switch try Server(settings).run(makeLane: { RequestLane(installation, watchdog.watch(), fatal) }) {
        case .drained, .stopped: return 0
        case .deadline:
            installation.log.write(
                level: .warning, "limits.drainSeconds (\(limits.drainSeconds) s) is over: what is in flight is cut off")
            return 1
        case .failed(let sentence):
            installation.log.write(level: .error, sentence)
            return 1
        }
    }

    /// Watches over the process's threads, in the memory that the supervisor gave it if it did.
    private static func watchdog(
        _ installation: Installation, threads: Int, fatal: FatalRequests? = nil
    ) throws -> Watchdog {
        var status = stat()
        let isThere = fstat(board, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        let watchdog = try Watchdog(
            threads: threads, installation.work, installation.generation.limits, descriptor: isThere ? board : nil,
            fatal: fatal, log: installation.log, counters: installation.counters)
        try watchdog.start()
        return watchdog
    }

    private static var lifeline: Int32? { fcntl(readiness, F_GETFD) >= 0 ? readiness : nil }

    /// The supervisor shows the sentence as the reason why the generation is refused; started by hand, it goes to the log.
    private static func sayWhyNot(_ sentence: String) {
        guard fcntl(readiness, F_GETFD) >= 0 else {
            return Log.standardError.write(level: .error, "cannot serve: \(sentence)")
        }
        let line = String(sentence.map { $0.isNewline ? " " : $0 }) + "\n"
        _ = line.withCString { write(readiness, $0, strlen($0)) }
    }

    /// The pipe stays open: its end tells each side when the other is gone.
    private static func sayReady() {
        guard fcntl(readiness, F_GETFD) >= 0 else { return }
        _ = write(readiness, "ready\n", 6)
    }
}
