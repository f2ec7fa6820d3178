internal import Lyceum
internal import PostgreSQL

/// What `/metrics` says of a region's database: how far its listeners are, what failed for them, how its jobs stand.
///
/// Read when it is asked for, because it is true of the region and not of a process; a region whose database is away has
/// only the line that says so.
struct RegionMetrics: Sendable {
    private struct Runs: Sendable {
        let job: String
        let state: String
        let count: Int
    }
    private let listeners: [DeliveryBooks.Listener]
    private let runs: [Runs]

    init(_ connection: Connection) throws {
        listeners = try DeliveryBooks(connection).listeners()
        runs = try connection.query("select job, state, count(*) from lyceum.job group by 1, 2 order by 1, 2").map {
            row in
            Runs(job: try row.next(), state: try row.next(), count: try row.next())
        }
    }

    /// Writes what was read; nil where the database did not answer.
    static func write(_ regions: [(region: String, metrics: RegionMetrics?)], to out: inout Exposition) {
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
        for gauge in gauges { out.family(gauge.name, .gauge, gauge.help) }
        out.family("lyceum_job_runs", .gauge, "Runs of jobs that are kept, by state.")
        for (region, metrics) in regions {
            out.sample("lyceum_region_up", [("region", region)], metrics == nil ? 0 as UInt64 : 1)
            guard let metrics else { continue }
            for listener in metrics.listeners {
                for gauge in gauges {
                    out.sample(
                        gauge.name, [("region", region), ("listener", listener.name)],
                        UInt64(max(0, gauge.value(listener))))
                }
            }
            for runs in metrics.runs {
                out.sample(
                    "lyceum_job_runs", [("region", region), ("job", runs.job), ("state", runs.state)],
                    UInt64(max(0, runs.count)))
            }
        }
    }
}
