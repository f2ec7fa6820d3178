internal import FastCGI
internal import Glibc
internal import Lyceum
internal import Synchronization

/// Looks at what the threads of this process are doing, a few times a second, on a thread of its own.
///
///     at work ──its time is up──▶ expired: its statement is cancelled, a second later its connection cut
///                                    │ limits.graceMilliseconds later
///                                    ▼
///                                 the process is ended, which is the only way to stop code that does not come back
final class Watchdog: Sendable {
    /// After so many microseconds a cancelled statement's connection is cut.
    private static let patience: UInt64 = 1_000_000

    private let board: ThreadBoard
    private let labels: [WorkLabel]
    /// Held, because the handlers of faults write there.
    private let fatal: FatalRequests?
    private let grace: UInt64
    private let pause: UInt32
    private let log: Log
    private let counters: RegionCounters?
    private let watches = Mutex<[ThreadWatch]>([])

    /// A watchdog over so many threads.
    ///
    /// - Parameters:
    ///   - descriptor: memory for the board that the supervisor can read, or nil.
    ///   - fatal: where requests that end the process are noted.
    ///   - counters: where it is counted what has no request that would count it.
    init(
        threads: Int, _ table: WorkTable, _ limits: Generation.Limits, descriptor: Int32?, fatal: FatalRequests?,
        log: Log, counters: RegionCounters? = nil
    ) throws {
        board = try ThreadBoard(records: threads, labels: table.labels, descriptor: descriptor, fatal: fatal)
        self.fatal = fatal
        labels = table.labels
        grace = UInt64(limits.graceMilliseconds) * 1_000
        let shortest = min(
            limits.requestMilliseconds, limits.hookMilliseconds, limits.listenerMilliseconds, limits.graceMilliseconds)
        pause = UInt32(min(max(shortest / 10, 5), 200) * 1_000)
        (self.log, self.counters) = (log, counters)
    }

    /// A watch for the calling thread.
    func watch() -> ThreadWatch {
        let watch = board.watch()
        watches.withLock { $0.append(watch) }
        return watch
    }

    /// Begins to look; the thread ends with the process.
    ///
    /// - Throws: when there is no thread to be had.
    func start() throws {
        let thread = Thread.start { [self] in
            while true {
                usleep(pause)
                look(ThreadWatch.clock())
            }
        }
        pthread_detach(try thread.get())
    }

    private func look(_ now: UInt64) {
        let all = watches.withLock { $0 }
        for watch in all {
            let (work, due, scope) = watch.present
            guard work != 0, due != 0, now > due else { continue }
            if now - due >= grace { end(watch, work, scope, late: now - due) }
            let isNew = watch.expire(scope: scope, now: now, patience: Watchdog.patience, Thread.detached)
            if isNew, let label = label(work), label.kind == .listener {
                counters?.reached(.listenerMilliseconds, in: label.region)
            }
        }
    }

    private func label(_ work: UInt64) -> WorkLabel? {
        work > 0 && work <= UInt64(labels.count) ? labels[Int(work) - 1] : nil
    }

    /// Ends the process over a piece of work, unless that comes to its end at the last moment.
    private func end(_ watch: ThreadWatch, _ work: UInt64, _ scope: UInt64, late: UInt64) {
        let request = board.request(of: watch)
        let present = watch.present
        guard present.scope == scope, present.work == work else { return board.forget() }
        let label = label(work)
        if let label { counters?.reached(.graceMilliseconds, in: label.region) }
        log.write(
            level: .error, region: label?.region, plugin: label?.plugin, request: request,
            """
            this process is ended, because a thread has not come back \(late / 1_000) ms after its time was up \
            (limits.graceMilliseconds): \(label?.sentence ?? "what it does is not known")
            """)
        board.end(watch)
    }
}
