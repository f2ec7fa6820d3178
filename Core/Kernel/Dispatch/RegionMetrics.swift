internal import Lyceum
internal import PostgreSQL

/// What `/metrics` says of each region's database: how far its listeners are, what failed for them, how its jobs stand.
///
/// Read when it is asked for, because it is true of the region and not of a process; a region whose database is away has
/// only the line that says so.
struct RegionMetrics {
    private struct Series {
        let name: String
        let help: String
        var samples: [String] = []
    }

    private var up = Series(name: "lyceum_region_up", help: "Whether the region's database answers.")
    private var behind = Series(name: "lyceum_events_behind", help: "Events that a listener has not been given yet.")
    private var lag = Series(name: "lyceum_events_lag_seconds", help: "How old the oldest of those is.")
    private var waiting = Series(name: "lyceum_events_waiting", help: "Events that failed and will be tried again.")
    private var dead = Series(name: "lyceum_events_dead", help: "Events that were given up.")
    private var quarantined = Series(
        name: "lyceum_listener_quarantined", help: "Whether a listener is quarantined, because it ended its processes.")
    private var jobs = Series(name: "lyceum_job_runs", help: "Runs of jobs that are kept, by state.")

    init(_ installation: Installation) {
        for (plan, service) in zip(installation.plans, installation.services) {
            let region = "region=\"\(plan.entry.id)\""
            do {
                try service.runtime.pool.withConnection { connection in try read(region, connection) }
                up.samples.append("{\(region)} 1")
            } catch {
                up.samples.append("{\(region)} 0")
            }
        }
    }

    private mutating func read(_ region: String, _ connection: Connection) throws {
        let listeners = try DeliveryBooks(connection).listeners()
        let runs = try connection.query("select job, state, count(*) from lyceum.job group by 1, 2 order by 1, 2")
        let counts: [String] = try runs.map { row in
            let (job, state, count): (String, String, Int) = (try row.next(), try row.next(), try row.next())
            return "{\(region),job=\"\(job)\",state=\"\(state)\"} \(count)"
        }
        for listener in listeners {
            let about = "{\(region),listener=\"\(listener.name)\"}"
            behind.samples.append("\(about) \(listener.behind)")
            lag.samples.append("\(about) \(listener.lag)")
            waiting.samples.append("\(about) \(listener.waiting)")
            dead.samples.append("\(about) \(listener.dead)")
            quarantined.samples.append("\(about) \(listener.quarantine == nil ? 0 : 1)")
        }
        jobs.samples += counts
    }

    /// Prometheus' text format.
    var text: String {
        [up, behind, lag, waiting, dead, quarantined, jobs].filter { !$0.samples.isEmpty }.map { series in
            "# HELP \(series.name) \(series.help)\n# TYPE \(series.name) gauge\n"
                + series.samples.map { series.name + $0 + "\n" }.joined()
        }.joined()
    }
}
