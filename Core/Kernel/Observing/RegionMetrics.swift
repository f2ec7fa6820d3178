internal import Lyceum
internal import PostgreSQL

/// What `/metrics` says of a region's database: how far its listeners are, what failed for them, how its jobs stand.
///
/// Read when it is asked for, because it is true of the region and not of a process; a region whose database is away has
/// only the line that says so. Nothing is counted to its end, so that it takes no longer however much there is.
struct RegionMetrics: Sendable {
    private struct Runs: Sendable {
        let job: String
        let state: String
        let count: Int
    }
    private let listeners: [DeliveryBooks.Listener]
    private let runs: [Runs]

    /// How many events are looked at for each lane of a listener, and how many of its that failed.
    private static let events = 2_000
    /// How many runs are counted that wait, that run, and that were given up.
    private static let most = 5_000
    /// How many of each job's latest runs are looked at for those that are done.
    private static let latest = 1_000

    init(_ connection: Connection) throws {
        listeners = try DeliveryBooks(connection).listeners(most: RegionMetrics.events)
        connection.role = nil
        runs = try connection.query(
            """
            with recursive known as (
                (select job from lyceum.job order by job limit 1)
                union all
                select (select next.job from lyceum.job as next where next.job > known.job order by next.job limit 1)
                from known where known.job is not null
            )
            select job, state, count(*) from (
                (select job, state from lyceum.job where state in ('queued', 'failed')
                order by due_at, id limit \(RegionMetrics.most))
                union all
                (select job, state from lyceum.job where state = 'running' order by id limit \(RegionMetrics.most))
                union all
                (select job, state from lyceum.job where state in ('dead', 'cancelled')
                order by id limit \(RegionMetrics.most))
                union all
                select latest.job, latest.state
                from known
                cross join lateral (
                    select one.job, one.state from lyceum.job as one where one.job = known.job
                    order by one.id desc
                    limit \(RegionMetrics.latest)) as latest
                where latest.state = 'done'
            ) as run
            group by 1, 2 order by 1, 2
            """
        ).map { row in Runs(job: try row.next(), state: try row.next(), count: try row.next()) }
    }

    /// Writes what was read; nil where it could not be.
    static func write(
        _ regions: [(region: String, isUp: Bool, metrics: RegionMetrics?)], to out: inout Exposition
    ) {
        let gauges: [(name: String, help: String, value: (DeliveryBooks.Listener) -> Int)] = [
            ("lyceum_events_behind", "Events that a listener has not been given yet.", \.behind),
            ("lyceum_events_lag_seconds", "How old the oldest of those is.", \.lag),
            ("lyceum_events_waiting", "Events that failed and will be tried again.", \.waiting),
            ("lyceum_events_dead", "Events that were given up.", \.dead),
            (
                "lyceum_listener_quarantined", "Whether a listener is quarantined, because it ended its processes.",
                { $0.quarantine == nil ? 0 : 1 }
            ),
        ]
        out.family("lyceum_region_up", .gauge, "Whether the region's database answers.")
        out.family("lyceum_region_metrics_up", .gauge, "Whether what follows could be read of it.")
        for gauge in gauges { out.family(gauge.name, .gauge, gauge.help) }
        let dropped = "lyceum_events_dropped_total"
        out.family(dropped, .counter, "Events that were given up and dropped after limits.deadDays.")
        out.family(
            "lyceum_job_runs", .gauge, "Runs of jobs that are kept, by state; of those that are done the latest.")
        for (region, isUp, metrics) in regions {
            out.sample("lyceum_region_up", [("region", region)], isUp ? 1 as UInt64 : 0)
            out.sample("lyceum_region_metrics_up", [("region", region)], metrics == nil ? 0 as UInt64 : 1)
            guard let metrics else { continue }
            for listener in metrics.listeners {
                for gauge in gauges {
                    out.sample(
                        gauge.name, [("region", region), ("listener", listener.name)],
                        UInt64(max(0, gauge.value(listener))))
                }
                out.sample(
                    dropped, [("region", region), ("listener", listener.name)], UInt64(max(0, listener.dropped)))
            }
            for runs in metrics.runs {
                out.sample(
                    "lyceum_job_runs", [("region", region), ("job", runs.job), ("state", runs.state)],
                    UInt64(max(0, runs.count)))
            }
        }
    }
}
