public import Lyceum
public import PostgreSQL

/// A region's jobs as an operator sees and changes them.
public struct JobBook {
    private let plan: RegionPlan
    private let connection: Connection
    private let who: Operator

    /// Opens the book of a region that was installed, on a connection that may read and write the kernel's tables; what is
    /// done is noted with who did it.
    public init(_ plan: RegionPlan, _ connection: Connection, for who: Operator = .unnamed) {
        (self.plan, self.connection, self.who) = (plan, connection, who)
    }

    /// How far a run is; its states are drawn at `Job`.
    public enum State: String, Codable, Sendable, CaseIterable {
        /// It waits for its time, or for a thread.
        case queued
        /// A process has it.
        case running
        /// It waits for its next attempt.
        case failed
        /// It has its result.
        case done
        /// It was tried too often.
        case dead
        /// An operator ended it.
        case cancelled
    }

    /// A run.
    public struct Run: Sendable, Equatable {
        /// Its id.
        public var id: Job.ID
        /// The job: the plugin's id, a dot, the name.
        public var job: String
        /// How far it is.
        public var state: State
        /// Which attempt this is, or was; 0 before the first.
        public var attempt: Int
        /// The time of the schedule that it is for; nil when it was queued.
        public var scheduledAt: Instant?
        /// When it runs next; for a run that is over, when it did.
        public var dueAt: Instant
        /// When it was queued.
        public var queuedAt: Instant
        /// When its last attempt began.
        public var startedAt: Instant?
        /// When it was over.
        public var endedAt: Instant?
        /// What it is told, as JSON.
        public var payload: String
        /// The key that it was queued with.
        public var key: String?
        /// Whether it was told to end, and has not yet.
        public var isCancelling: Bool
        /// How much of the work is done, as the job says.
        public var progress: (done: Int64, total: Int64)? {
            progressDone.flatMap { done in progressTotal.map { (done, $0) } }
        }
        var progressDone: Int64?
        var progressTotal: Int64?
        /// What it answered, as JSON.
        public var result: String?
        /// Why its last attempt failed.
        public var error: String?
        /// That error and what caused it, the outermost first.
        public var causes: [FailureCause]
    }

    /// A job that a plugin of the region declares, and how its runs stand.
    public struct Standing: Sendable, Equatable {
        /// The plugin's id, a dot, the name.
        public var job: String
        /// When it runs by itself, such as `0 2 * * *`.
        public var schedule: String?
        /// The zone of the schedule.
        public var zone: String?
        /// When it runs next by itself.
        public var next: Instant?
        /// How many runs there are in each state; no entry where there is none.
        public var counts: [State: Int]
    }

    /// The runs that fit, the newest first.
    ///
    /// - Throws: ``JobBookError`` for a job that there is not.
    public func runs(job: String? = nil, state: State? = nil, limit: Int = 100) throws -> [Run] {
        if let job { try check(job) }
        return try read(
            """
            where (\(job)::text is null or job = \(job)) and (\(state?.rawValue)::text is null or state = \(state?.rawValue))
            order by queued_at desc, id desc
            limit \(limit)
            """)
    }

    /// How many runs fit.
    public func count(job: String? = nil, state: State? = nil) throws -> Int {
        connection.role = nil
        return try connection.query(
            """
            select count(*) from lyceum.job
            where (\(job)::text is null or job = \(job)) and (\(state?.rawValue)::text is null or state = \(state?.rawValue))
            """
        ).row(0).only()
    }

    /// One run.
    ///
    /// - Throws: ``JobBookError`` when there is none.
    public func run(_ id: Job.ID) throws -> Run {
        guard let run = try read("where id = \(id)").first else {
            throw JobBookError(
                "region \(plan.entry.id) has no run \(id); runs that are over are kept for some days only, and `lyceum jobs list --status …` shows those there are",
                isUnknown: true)
        }
        return run
    }

    /// The jobs that the region's plugins declare, by name; and those of which there are runs although nobody declares them.
    public func standings(now: Instant) throws -> [Standing] {
        connection.role = nil
        var counts: [String: [State: Int]] = [:]
        for var row in try connection.query("select job, state, count(*) from lyceum.job group by job, state") {
            let job: String = try row.next()
            let state: String = try row.next()
            if let state = State(rawValue: state) { counts[job, default: [:]][state] = try row.next() }
        }
        var standings: [Standing] = []
        for job in plan.jobs {
            var next: Instant?
            if let schedule = job.schedule, let zone = job.zone {
                next = try Occasions(job.name, schedule, zone: zone).around(now, connection).next
            }
            standings.append(
                Standing(
                    job: job.name, schedule: job.schedule, zone: job.zone, next: next,
                    counts: counts.removeValue(forKey: job.name) ?? [:]))
        }
        standings += counts.map { Standing(job: $0.key, schedule: nil, zone: nil, next: nil, counts: $0.value) }
        return standings.sorted { $0.job < $1.job }
    }

    /// Whether a plugin of the region declares a job.
    public func isDeclared(_ job: String) -> Bool { plan.jobs.contains { $0.name == job } }

    /// Queues a run now, beside whatever schedule the job has; answers its id.
    ///
    /// - Throws: ``JobBookError`` for a job that there is not, and `Faults` for a payload that does not fit.
    public func enqueue(_ name: String, payload: String) throws -> Job.ID {
        guard let (plugin, job) = plan.all(Job.self).first(where: { "\($0.plugin).\($0.value.id)" == name }) else {
            throw unknown(name)
        }
        try job.prepare(Book()).check(payload)
        let (id, none) = (Job.ID.make(), nil as String?)
        let trace = TraceContext(beginning: id.raw)?.description
        connection.role = nil
        return try connection.wholly { connection in
            let made: Job.ID = try connection.query(
                "select lyceum.enqueue(\(id), \(plugin), \(job.id), \(payload), \(none), \(none), \(none), \(trace))"
            ).row(0).only()
            try connection.run(who.noting(.run, "\(made)"))
            return made
        }
    }

    /// Cancels a run: at once when it waits, and within moments when it runs; answers what it was.
    ///
    /// - Throws: ``JobBookError`` when there is none, or it is over.
    public func cancel(_ id: Job.ID) throws -> State {
        connection.role = nil
        return try connection.wholly { try cancel(id, $0) }
    }

    private func cancel(_ id: Job.ID, _ connection: Connection) throws -> State {
        let rows = try connection.query(
            """
            update lyceum.job
            set cancelling = job.state = 'running', state = case when job.state = 'running' then 'running' else 'cancelled' end,
                ended_at = case when job.state = 'running' then null else clock_timestamp() end
            from (select id, state from lyceum.job where id = \(id) for update) as before
            where job.id = before.id and job.state in ('queued', 'failed', 'running')
            returning before.state
            """)
        guard rows.rowCount > 0, let state = State(rawValue: try rows.row(0).only()) else {
            throw JobBookError("the run \(id) cannot be cancelled: it is \(try run(id).state.rawValue)")
        }
        try connection.run(who.noting(.cancel, "\(id)"))
        return state
    }

    /// Puts a run that failed, is dead, cancelled or done back into the queue, to run now, with all its attempts.
    ///
    /// - Throws: ``JobBookError`` when there is none, or it is queued or running.
    public func retry(_ id: Job.ID) throws {
        connection.role = nil
        try connection.wholly { try retry(id, $0) }
    }

    private func retry(_ id: Job.ID, _ connection: Connection) throws {
        let count = try connection.run(
            """
            update lyceum.job
            set state = 'queued', attempt = 0, fence = fence + 1, due_at = clock_timestamp(), ended_at = null, result = null,
                progress_done = null, progress_total = null
            where id = \(id) and state in ('failed', 'dead', 'cancelled', 'done')
            """)
        guard count > 0 else {
            throw JobBookError("the run \(id) cannot be retried: it is \(try run(id).state.rawValue)")
        }
        try connection.run(who.noting(.retry, "\(id)"))
    }

    private func check(_ job: String) throws {
        if isDeclared(job) { return }
        connection.role = nil
        guard try connection.query("select from lyceum.job where job = \(job) limit 1").rowCount == 0 else { return }
        throw unknown(job)
    }

    private func unknown(_ name: String) -> JobBookError {
        let names = plan.jobs.map(\.name)
        let hint =
            nearest(name, names).map { "did you mean \"\($0)\"?" }
            ?? (names.isEmpty ? "its plugins have none" : "there are \(names.joined(separator: ", "))")
        return JobBookError("region \(plan.entry.id) has no job \"\(name)\"; \(hint)", isUnknown: true)
    }

    private func read(_ condition: Statement) throws -> [Run] {
        connection.role = nil
        return try connection.query(
            """
            select id, job, state, attempt, scheduled_at, due_at, queued_at, started_at, ended_at, payload::text, key,
                cancelling, progress_done, progress_total, result::text, error, causes::text
            from lyceum.job \(condition)
            """
        ).map { row throws -> Run in
            Run(
                id: try row.next(), job: try row.next(), state: State(rawValue: try row.next()) ?? .queued,
                attempt: try row.next(), scheduledAt: try row.next(), dueAt: try row.next(), queuedAt: try row.next(),
                startedAt: try row.next(), endedAt: try row.next(), payload: try row.next(), key: try row.next(),
                isCancelling: try row.next(), progressDone: try row.next(), progressTotal: try row.next(),
                result: try row.next(), error: try row.next(), causes: FailureStack.read(try row.next()))
        }
    }
}

/// Why the book of jobs cannot do what was asked, in a sentence.
public struct JobBookError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String
    /// Whether it is about a job or a run that there is not.
    let isUnknown: Bool

    init(_ description: String, isUnknown: Bool = false) {
        (self.description, self.isUnknown) = (description, isUnknown)
    }
}
