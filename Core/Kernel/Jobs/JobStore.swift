internal import Lyceum
internal import PostgreSQL

/// The statements of those who run jobs, on one connection and as the kernel.
///
/// Every write of a run is conditional on its fence, which grows each time the run changes hands: whoever had it before
/// writes nothing.
struct JobStore {
    /// Which run, and which having of it.
    struct Handle: Hashable, Sendable {
        let id: Job.ID
        let fence: Int64
    }

    /// A run that was claimed.
    struct Claimed: Sendable {
        let handle: Handle
        let job: String
        let payload: String
        let attempt: Int
        let scheduledFor: Instant
        let causation: Int64?
        let trace: String?
    }

    let connection: Connection
    /// False only in tests that show that the tests notice.
    var isFenced = true

    private func query(_ statement: Statement) throws -> Result {
        connection.role = nil
        return try connection.query(statement)
    }

    /// Takes up to so many runs of these jobs whose time has come.
    func claim(_ jobs: [String], limit: Int, holder: String, lease: Duration) throws -> [Claimed] {
        let rows = try query(
            """
            update lyceum.job
            set state = 'running', attempt = job.attempt + 1, fence = job.fence + 1, holder = \(holder),
                lease_until = clock_timestamp() + \(lease.inSeconds) * interval '1 second', cancelling = false,
                progress_done = null, progress_total = null, started_at = clock_timestamp(), ended_at = null
            from (
                select id from lyceum.job
                where state in ('queued', 'failed') and due_at <= clock_timestamp() and job = any (\(jobs))
                order by due_at, id
                limit \(limit)
                for update skip locked) as next
            where job.id = next.id
            returning job.id, job.fence, job.job, job.payload::text, job.attempt,
                coalesce(job.scheduled_at, job.due_at), job.causation, job.trace
            """)
        return try rows.map { row throws -> Claimed in
            Claimed(
                handle: Handle(id: try row.next(), fence: try row.next()), job: try row.next(),
                payload: try row.next(), attempt: try row.next(), scheduledFor: try row.next(),
                causation: try row.next(), trace: try row.next())
        }
    }

    /// Extends leases and writes progress; answers which runs are still theirs, and whether each is to be cancelled.
    func extend(
        _ runs: [(handle: Handle, progress: (done: Int64, total: Int64)?)], lease: Duration
    ) throws -> [Job.ID: Bool] {
        let rows = try query(
            """
            update lyceum.job
            set lease_until = clock_timestamp() + \(lease.inSeconds) * interval '1 second',
                progress_done = one.done, progress_total = one.total
            from unnest(\(runs.map(\.handle.id))::uuid[], \(runs.map(\.handle.fence))::bigint[],
                \(runs.map { $0.progress?.done })::bigint[], \(runs.map { $0.progress?.total })::bigint[])
                as one (id, fence, done, total)
            where job.id = one.id and (not \(isFenced) or job.fence = one.fence and job.state = 'running')
            returning job.id, job.cancelling
            """)
        var found: [Job.ID: Bool] = [:]
        for var row in rows { found[try row.next()] = try row.next() as Bool }
        return found
    }

    /// The processes that hold runs.
    func holders() throws -> [String] {
        try query("select distinct holder from lyceum.job where state = 'running'").map { row throws in try row.next() }
    }

    /// What a lapsed lease, or the death of its process, makes of a run.
    struct Lapsed: Sendable {
        let job: String
        let id: Job.ID
        /// `queued`, `dead`, or `cancelled` where an operator had said so.
        let state: String
    }

    /// Takes runs from those who are dead or whose leases have lapsed: back into the queue, or, after the last attempt, dead.
    ///
    /// The first time at once, then later and later, so that a run that kills its process does not do it all the time.
    func reclaim(dead: [String], attempts: [(job: String, attempts: Int)], base: Double) throws -> [Lapsed] {
        let rows = try query(
            """
            update lyceum.job
            set state = lapsed.becomes, fence = job.fence + 1, holder = null, lease_until = null, cancelling = false,
                ended_at = case when lapsed.becomes <> 'queued' then clock_timestamp() end,
                due_at = clock_timestamp()
                    + least(\(base) * power(job.attempt - 1, 4), 86400) * interval '1 second',
                causes = null, error = 'attempt ' || job.attempt || ' never ended: its process died, or could not extend its lease'
            from (
                select one.id,
                    case when one.cancelling then 'cancelled'
                        when one.attempt >= known.attempts then 'dead' else 'queued' end as becomes
                from lyceum.job as one
                left join unnest(\(attempts.map(\.job))::text[], \(attempts.map { Int64($0.attempts) })::bigint[])
                    as known (job, attempts) on known.job = one.job
                where one.state = 'running' and (one.lease_until < clock_timestamp() or one.holder = any (\(dead)))
                for update of one skip locked) as lapsed
            where job.id = lapsed.id
            returning job.job, job.id, job.state
            """)
        return try rows.map { row throws -> Lapsed in
            Lapsed(job: try row.next(), id: try row.next(), state: try row.next())
        }
    }

    /// How a run ended.
    enum Ending {
        case done(result: String?)
        case failed(error: String, causes: String?, delay: Double)
        case dead(error: String, causes: String?)
        case cancelled
        /// It is run again, as if this attempt had not been.
        case givenBack
    }

    /// Writes how a run ended; false when it is somebody else's by now, or has ended already.
    func end(_ handle: Handle, _ ending: Ending) throws -> Bool {
        let change: Statement =
            switch ending {
            case .done(let result):
                "state = 'done', result = \(result)::json, error = null, causes = null, ended_at = clock_timestamp()"
            case .failed(let error, let causes, let delay):
                """
                state = 'failed', error = \(error), causes = \(causes)::json, due_at = clock_timestamp() + \(delay) * interval '1 second'
                """
            case .dead(let error, let causes):
                "state = 'dead', error = \(error), causes = \(causes)::json, ended_at = clock_timestamp()"
            case .cancelled:
                "state = 'cancelled', ended_at = clock_timestamp()"
            case .givenBack:
                "state = 'queued', attempt = attempt - 1, fence = fence + 1, due_at = clock_timestamp()"
            }
        return try query(
            """
            update lyceum.job set \(change), holder = null, lease_until = null, cancelling = false
            where id = \(handle.id) and (not \(isFenced) or fence = \(handle.fence) and state = 'running')
            """
        ).affectedRows == 1
    }

    /// Notes a schedule that is new or was changed: it begins from `now`.
    ///
    /// A host that knows fewer of the decisions about the region than who noted it last changes nothing.
    func note(_ occasions: Occasions, now: Instant) throws {
        _ = try query(
            """
            insert into lyceum.schedule (job, expression, zone, since, revision)
            values (\(occasions.job), \(occasions.expression), \(occasions.zone), \(now), \(occasions.revision))
            on conflict (job) do update
            set expression = excluded.expression, zone = excluded.zone, revision = excluded.revision,
                since = case when (schedule.expression, schedule.zone) = (excluded.expression, excluded.zone)
                    then schedule.since else greatest(schedule.since, excluded.since) end
            where schedule.revision <= excluded.revision
                and (schedule.expression, schedule.zone, schedule.revision)
                    is distinct from (excluded.expression, excluded.zone, excluded.revision)
            """)
    }

    /// Queues the run of a schedule's time, unless that time is accounted for already, or another schedule was noted for the job
    /// by now; answers whether it did.
    func queue(_ occasions: Occasions, plugin: String, id: Job.ID, at time: Instant) throws -> Bool {
        let trace = TraceContext(beginning: id.raw)?.description
        return try query(
            """
            with moved as (
                update lyceum.schedule set since = \(time)
                where job = \(occasions.job) and since < \(time)
                    and (expression, zone) = (\(occasions.expression), \(occasions.zone))
                returning job)
            insert into lyceum.job (id, plugin, job, payload, due_at, scheduled_at, trace)
            select \(id), \(plugin), moved.job, '{}', clock_timestamp(), \(time), \(trace) from moved
            on conflict (job, scheduled_at) where scheduled_at is not null do nothing
            """
        ).affectedRows == 1
    }

    /// How many runs are forgotten at a time, at most.
    static let forgotten = 1_000

    /// Forgets runs that were over so many days ago, at most ``forgotten``; answers how many.
    func forget(days: Int) throws -> Int {
        try query(
            """
            delete from lyceum.job where id in (
                select id from lyceum.job
                where ended_at < clock_timestamp() - \(days) * interval '1 day'
                order by ended_at
                limit \(JobStore.forgotten)
                for update skip locked)
            """
        ).affectedRows
    }

    /// Forgets what was noted of operators so many days ago, at most ``forgotten`` of it; answers how much.
    func forgetInterventions(days: Int) throws -> Int {
        try query("select lyceum.forget_interventions(\(days), \(JobStore.forgotten))").row(0).only()
    }
}

extension Duration {
    /// With decimals.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
