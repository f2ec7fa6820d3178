internal import Lyceum
internal import PostgreSQL

/// A job, and how its runs stand.
struct StandingView: View, Documented {
    var job: String
    var isDeclared: Bool
    var schedule: String?
    var zone: String?
    var nextAt: Instant?
    var queued: Int
    var running: Int
    var failed: Int
    var dead: Int
    var cancelled: Int
    var done: Int

    static let about = [
        "isDeclared": "Whether an enabled plugin has it.", "nextAt": "When its schedule comes next.",
        "failed": "Runs that failed and are tried again.", "dead": "Runs that were given up.",
        "done": "Runs that were done within the last day.",
    ]
}

/// Which runs are wanted.
struct RunFilter: Input {
    @Field("Only those of this job.", .length(1...200)) var job: String?
    @Field("Only those in this state.") var state: JobBook.State?
    @Field("Where the last answer ended: its `next`.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 50
}

/// A run, in a list.
struct RunView: View, Documented {
    var id: Job.ID
    var job: String
    var state: JobBook.State
    var attempt: Int
    var queuedAt: Instant
    var dueAt: Instant
    var startedAt: Instant?
    var endedAt: Instant?
    var isCancelling: Bool
    var progressDone: Int64?
    var progressTotal: Int64?
    var error: String?

    static let about = [
        "attempt": "Which attempt this is, or was; 0 before the first.",
        "dueAt": "When it runs next; of a run that is over, when it did.",
        "isCancelling": "Whether it was told to end, and has not yet.",
    ]
}

/// A run, with everything that is known of it.
struct RunDetail: View, Documented {
    var id: Job.ID
    var job: String
    var state: JobBook.State
    var attempt: Int
    var key: String?
    var scheduledAt: Instant?
    var queuedAt: Instant
    var dueAt: Instant
    var startedAt: Instant?
    var endedAt: Instant?
    var isCancelling: Bool
    var progressDone: Int64?
    var progressTotal: Int64?
    var payload: AnyJSON
    var result: AnyJSON?
    var error: String?
    var causes: [FailureCause]
    var causation: Int64?
    var trace: String?

    static let about = [
        "key": "The key that makes it one run, however often it is asked for.", "payload": "What it is told.",
        "result": "What it answered.", "causes": "The error and what caused it, the outermost first.",
        "causation": "The event whose listener queued it.",
    ]
}

/// What a client of the API sends to run a job.
struct StartRequest: Input {
    @Field("What it is told.") var payload = AnyJSON()
}

/// The statements of the lists of jobs.
enum JobLists {
    /// Runs, the newest first.
    static func runs(_ filter: RunFilter) throws -> Statement {
        let after = try filter.after.values(Job.ID.self)
        return """
            select id, job, state, attempt, queued_at, due_at, started_at, ended_at, cancelling as is_cancelling,
                progress_done, progress_total, error
            from lyceum.job
            where (job = \(filter.job) or \(filter.job)::text is null)
                and (\(condition(filter.state))) and (id < \(after) or \(after)::uuid is null)
            order by id desc
            limit \(filter.limit + 1)
            """
    }

    /// In words, not as a bind: so that the planner sees that an index of some states fits.
    private static func condition(_ state: JobBook.State?) -> Statement {
        switch state {
        case nil: "true"
        case .queued: "state = 'queued' and state in ('queued', 'failed')"
        case .failed: "state = 'failed' and state in ('queued', 'failed')"
        case .running: "state = 'running'"
        case .dead: "state = 'dead' and state in ('dead', 'cancelled')"
        case .cancelled: "state = 'cancelled' and state in ('dead', 'cancelled')"
        case .done: "state = 'done'"
        }
    }

    static func run(_ id: Job.ID) -> Statement {
        """
        select id, job, state, attempt, key, scheduled_at, queued_at, due_at, started_at, ended_at,
            cancelling as is_cancelling, progress_done, progress_total, payload, result, error,
            coalesce(causes -> 'causes', '[]'::json) as causes, causation, trace
        from lyceum.job where id = \(id)
        """
    }

    /// Every job that the region has, and those of which there are runs although no enabled plugin has them.
    static func standings(_ plan: RegionPlan, now: Instant, _ database: Database) throws -> [StandingView] {
        try database.withConnection { connection in
            var counts: [String: [JobBook.State: Int]] = [:]
            // What is done counts for a day only: there may be millions.
            let found = try connection.query(
                """
                select job, state, count(*) from lyceum.job where state in ('queued', 'failed') group by job, state
                union all select job, state, count(*) from lyceum.job where state = 'running' group by job, state
                union all
                select job, state, count(*) from lyceum.job where state in ('dead', 'cancelled') group by job, state
                union all
                select job, state, count(*) from lyceum.job
                where ended_at > clock_timestamp() - interval '1 day' and state = 'done' group by job, state
                """)
            for var row in found {
                let (job, state): (String, String) = (try row.next(), try row.next())
                if let state = JobBook.State(rawValue: state) { counts[job, default: [:]][state] = try row.next() }
            }
            let scheduled = try plan.jobs.compactMap { job in
                try job.schedule.flatMap { schedule in
                    try job.zone.map { try Occasions(job.name, schedule, zone: $0) }
                }
            }
            let next = try Occasions.next(scheduled, after: now, connection)
            var views = plan.jobs.map { job in
                let place = scheduled.firstIndex { $0.job == job.name }
                return view(
                    job.name, counts.removeValue(forKey: job.name), schedule: job.schedule, zone: job.zone,
                    nextAt: place.flatMap { next[$0] }, isDeclared: true)
            }
            views += counts.map { view($0.key, $0.value, isDeclared: false) }
            return views.sorted { $0.job < $1.job }
        }
    }

    private static func view(
        _ job: String, _ counts: [JobBook.State: Int]?, schedule: String? = nil, zone: String? = nil,
        nextAt: Instant? = nil, isDeclared: Bool
    ) -> StandingView {
        func count(_ state: JobBook.State) -> Int { counts?[state] ?? 0 }
        return StandingView(
            job: job, isDeclared: isDeclared, schedule: schedule, zone: schedule == nil ? nil : zone, nextAt: nextAt,
            queued: count(.queued), running: count(.running), failed: count(.failed), dead: count(.dead),
            cancelled: count(.cancelled), done: count(.done))
    }
}
