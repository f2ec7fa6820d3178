internal import FastCGI
internal import Glibc
internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// Looks after the jobs of one region in one process, on a thread of its own that no job can hold up.
///
/// It queues what schedules want, claims as many runs as threads are idle, extends the leases of those that run, ends those that
/// were cancelled or take too long, takes runs from processes that are gone, and forgets what has been over for long. Where no
/// plugin has jobs (any more) there is one all the same, for the sake of what is left of them.
///
///     working ──drain──▶ draining (claims nothing) ──all ended──▶ over
///                            └──after `drain`──▶ cancelling ──all ended, or after `grace` given back──▶ over
final class JobKeeper: Sendable {
    private struct State {
        var idle: [CheckedContinuation<LocalRun?, Never>] = []
        var runs: [Job.ID: LocalRun] = [:]
        /// When each lease was last known to be held.
        var held: [Job.ID: UInt64] = [:]
        var isDraining = false
        var isAtEnd = false
    }

    private let jobs: [DeclaredJob]
    private let runtime: Runtime
    private let settings: JobSettings
    private let holder: String
    private let log: Log
    private let bell: SignalPipe
    private let state = Mutex(State())

    init(_ jobs: [DeclaredJob], _ runtime: Runtime, _ settings: JobSettings, holder: String, log: Log) throws {
        (self.jobs, self.runtime, self.settings, self.holder, self.log) = (jobs, runtime, settings, holder, log)
        bell = try SignalPipe()
    }

    /// Whether the process is about to end whatever still runs.
    var isAtEnd: Bool { state.withLock { $0.isAtEnd } }

    /// Stops claiming; ``run()`` returns once nothing runs any more, or time is up.
    func drain() {
        state.withLock { $0.isDraining = true }
        bell.send(1)
    }

    /// The next run for an idle thread; nil when there will be none.
    func next() async -> LocalRun? {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isDraining { return true }
                state.idle.append(continuation)
                return false
            }
            if isOver { continuation.resume(returning: nil) } else { bell.send(1) }
        }
    }

    /// A run has ended, and that is written.
    func ended(_ run: LocalRun) {
        state.withLock { state in
            guard state.runs[run.handle.id] === run else { return }
            state.runs[run.handle.id] = nil
            state.held[run.handle.id] = nil
        }
        bell.send(1)
    }

    func run() {
        var rounds = Rounds(settings)
        var isAway = false
        while true {
            let isDraining = state.withLock { $0.isDraining }
            if isDraining, isOver(&rounds) { break }
            endLate()
            do {
                try runtime.pool.withConnection { connection in
                    try round(JobStore(connection: connection, isFenced: settings.isFenced), &rounds, isDraining)
                }
                if isAway { log.write(region: runtime.region.id, "the database answers again; jobs run") }
                isAway = false
            } catch {
                if !isAway {
                    log.write(level: .error, region: runtime.region.id, "jobs wait for the database: \(error)")
                }
                isAway = true
            }
            if case .signal = bell.wait(timeout: settings.pause) { while bell.next() != nil {} }
        }
        for waiting in state.withLock({ state in
            defer { state.idle = [] }
            return state.idle
        }) {
            waiting.resume(returning: nil)
        }
    }

    private func round(_ store: JobStore, _ rounds: inout Rounds, _ isDraining: Bool) throws {
        if rounds.beat.isDue() { try beat(store) }
        guard !isDraining else { return }
        if rounds.patrol.isDue() { try reclaim(store) }
        if rounds.cleaning.isDue() {
            let counts = [
                try store.forget(days: settings.days), try store.forgetInterventions(days: settings.interventionDays),
            ]
            // The rest in the next rounds: leases are extended between them.
            if counts.contains(JobStore.forgotten) { rounds.cleaning.again() }
        }
        try queue(store, &rounds)
        try claim(store)
    }

    // MARK: What runs

    private func claim(_ store: JobStore) throws {
        let idle = state.withLock { $0.idle.count }
        guard idle > 0 else { return }
        let asked = Metrics.clock()
        for claimed in try store.claim(jobs.map(\.name), limit: idle, holder: holder, lease: settings.lease) {
            guard let job = jobs.first(where: { $0.name == claimed.job }) else { continue }
            let run = LocalRun(claimed, job, isFenced: settings.isFenced)
            // Only this thread takes from the idle ones, so that there is one for each run.
            state.withLock { state in
                state.runs[run.handle.id] = run
                state.held[run.handle.id] = asked
                return state.idle.removeFirst()
            }.resume(returning: run)
        }
    }

    private func beat(_ store: JobStore) throws {
        let runs = state.withLock { Array($0.runs.values) }
        guard !runs.isEmpty else { return }
        let asked = Metrics.clock()
        let found = try store.extend(runs.map { ($0.handle, $0.watch.progress) }, lease: settings.lease)
        for run in runs {
            switch found[run.handle.id] {
            case nil:
                // It may have ended by itself between the two looks.
                if state.withLock({ $0.runs[run.handle.id] === run }), !run.watch.isCompleted { run.watch.end(.lost) }
            case let isCancelling?:
                state.withLock { if $0.runs[run.handle.id] === run { $0.held[run.handle.id] = asked } }
                if isCancelling { run.watch.end(.cancelled) }
            }
        }
    }

    /// Ends runs that took too long, or whose lease may have lapsed; what is to end already is told again.
    private func endLate() {
        let now = Metrics.clock()
        let lease = UInt64(settings.lease.inSeconds * 1e6)
        for (run, held) in state.withLock({ state in state.runs.map { ($0.value, state.held[$0.key] ?? now) } }) {
            if let reason = run.watch.reason {
                run.watch.end(reason)
            } else if now > run.deadline {
                run.watch.end(.timeOut)
            } else if settings.isFenced, now > held + lease {
                run.watch.end(.lost)
            }
        }
    }

    // MARK: What is to run

    private func reclaim(_ store: JobStore) throws {
        let dead = try store.holders().filter { ProcessToken(text: $0).isDead }
        let lapsed = try store.reclaim(
            dead: dead, attempts: jobs.map { ($0.name, $0.attempts) }, base: settings.base)
        for one in lapsed {
            log.write(
                level: .warning, region: runtime.region.id, job: one.job, run: "\(one.id)",
                "the run \(one.id) of \(one.job) was never ended by its process; it is \(one.state) now")
        }
    }

    private func queue(_ store: JobStore, _ rounds: inout Rounds) throws {
        let now = runtime.world.now()
        for job in jobs {
            guard let occasions = job.schedule else { continue }
            if let next = rounds.next[job.name], now < next, rounds.looked < now { continue }
            do {
                if !rounds.noted.contains(job.name) { try store.note(occasions, now: now) }
                rounds.noted.insert(job.name)
                let around = try occasions.around(now, store.connection)
                if let last = around.last {
                    _ = try store.queue(occasions, plugin: job.plugin, id: Job.ID(runtime.world.newID()), at: last)
                }
                rounds.next[job.name] = around.next ?? now + .seconds(86_400)
            } catch let error as DatabaseError where error.isUnavailable || store.connection.isBroken {
                throw error
            } catch {
                // One schedule in trouble, such as a zone that the server does not know, holds up nothing else.
                rounds.next[job.name] = now + .seconds(300)
                log.write(
                    level: .error, region: runtime.region.id, plugin: job.plugin, job: job.name,
                    "the schedule of \(job.name) cannot be followed, and is tried again in 5 minutes: \(error)")
            }
        }
        rounds.looked = now
    }

    // MARK: The end

    /// Whether nothing is left to wait for, once draining.
    private func isOver(_ rounds: inout Rounds) -> Bool {
        let (runs, idle) = state.withLock { state in
            defer { state.idle = [] }
            return (Array(state.runs.values), state.idle)
        }
        for waiting in idle { waiting.resume(returning: nil) }
        if runs.isEmpty { return true }
        let now = Metrics.clock()
        let begun = rounds.draining ?? now
        rounds.draining = begun
        let patience = UInt64(settings.drain.inSeconds * 1e6)
        guard now > begun + patience else { return false }
        for run in runs { run.watch.end(.stopping) }
        guard now > begun + patience + UInt64(settings.grace.inSeconds * 1e6) else { return false }
        state.withLock { $0.isAtEnd = true }
        for run in runs where !run.watch.isCompleted {
            log.write(
                level: .warning, region: runtime.region.id, plugin: run.job.plugin, trace: run.trace, job: run.job.name,
                run: "\(run.handle.id)",
                "the run \(run.handle.id) of \(run.job.name) does not end; it is given back")
            _ = try? runtime.pool.withConnection {
                try JobStore(connection: $0, isFenced: settings.isFenced).end(run.handle, .givenBack)
            }
        }
        return true
    }

    /// What is done now and then.
    private struct Rounds {
        var beat: Every
        var patrol: Every
        var cleaning = Every(.seconds(3_600))
        /// When each schedule comes next, so that nobody is asked before.
        var next: [String: Instant] = [:]
        /// The schedules that the database knows.
        var noted: Set<String> = []
        /// When the schedules were last looked at: a clock that was put back makes all of them be looked at again.
        var looked = Instant(microseconds: .min)
        var draining: UInt64?

        init(_ settings: JobSettings) { (beat, patrol) = (Every(settings.beat), Every(settings.patrol)) }
    }

    private struct Every {
        private let length: UInt64
        private var last: UInt64?

        init(_ length: Duration) { self.length = UInt64(length.inSeconds * 1e6) }

        mutating func isDue() -> Bool {
            let now = Metrics.clock()
            if let last, now < last + length { return false }
            last = now
            return true
        }

        /// It is due in the next round.
        mutating func again() { last = nil }
    }
}
