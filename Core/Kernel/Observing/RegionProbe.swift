internal import Lyceum
internal import PostgreSQL

/// Asks a region's database what health and metrics say, no longer than ``patience``.
final class RegionProbe: Sendable {
    let plan: RegionPlan
    let health: Inquiry<RegionHealth>
    let metrics: Inquiry<RegionMetrics?>
    let gauges: RegionGauges
    let measures: Inquiry<RegionGauges.Outcome>

    /// How long `/metrics` and `/health/ready` wait for databases: less than those wait who ask for them.
    static let patience = Duration.seconds(2)

    init(_ plan: RegionPlan, _ runtime: Runtime, _ log: Log) {
        self.plan = plan
        let pool = RegionProbe.pool(plan.entry.database)
        health = Inquiry(patience: RegionProbe.patience) { RegionHealth.ask(pool) }
        metrics = Inquiry(patience: RegionProbe.patience) { RegionProbe.read(pool) }
        let gauges = RegionGauges(plan, runtime, log)
        self.gauges = gauges
        measures = Inquiry(patience: RegionProbe.patience) { await gauges.measure() }
    }

    /// A connection of its own, opened when it is first needed: requests that take all of theirs make nothing look dead.
    private static func pool(_ database: String) -> Pool {
        var settings = ConnectionSettings()
        (settings.statementTimeout, settings.lockTimeout) = (.seconds(10), .seconds(1))
        settings.applicationName = "lyceum health"
        var limits = Pool.Limits()
        (limits.connections, limits.waiting, limits.wait) = (1, 2, patience)
        return Pool(database, settings, limits: limits)
    }

    private static func read(_ pool: Pool) -> RegionMetrics? { try? pool.withConnection { try RegionMetrics($0) } }

    /// All that is measured in the regions' databases.
    static func write(_ probes: [RegionProbe], to out: inout Exposition) {
        let begun = probes.map { probe in
            (probe, metrics: probe.metrics.begin(), gauges: probe.gauges.gauges.isEmpty ? nil : probe.measures.begin())
        }
        RegionMetrics.write(
            begun.map { ($0.0.plan.entry.id, $0.0.metrics.answer(to: $0.metrics).flatMap { $0 }) }, to: &out)
        for (probe, _, round) in begun {
            guard let round else { continue }
            let outcome = probe.measures.answer(to: round) ?? probe.gauges.giveUp()
            probe.gauges.write(outcome, to: &out)
        }
    }
}
