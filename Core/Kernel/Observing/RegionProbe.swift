internal import Lyceum
internal import PostgreSQL

/// Asks a region's database what health and metrics say, no longer than ``patience``.
final class RegionProbe: Sendable {
    let plan: RegionPlan
    let health: Inquiry<RegionHealth>
    let metrics: Inquiry<RegionMetrics?>
    let gauges: RegionGauges
    let measures: Inquiry<RegionGauges.Outcome>
    /// What plugins that drain still owe, by plugin; nil where none does.
    let owed: Inquiry<[String: [RegionWork.Obligation]]>?

    /// How long `/metrics` and `/health/ready` wait for databases: less than those wait who ask for them.
    static let patience = Duration.seconds(2)

    init(_ plan: RegionPlan, _ runtime: Runtime, _ log: Log) {
        self.plan = plan
        // One for each, so that metrics which take long keep nobody from seeing that the region is well.
        let (healthPool, metricsPool) = (RegionProbe.pool(plan.entry.database), RegionProbe.pool(plan.entry.database))
        health = Inquiry(patience: RegionProbe.patience) { RegionHealth.ask(healthPool) }
        metrics = Inquiry(patience: RegionProbe.patience) { RegionProbe.read(metricsPool) }
        let gauges = RegionGauges(plan, runtime, log)
        self.gauges = gauges
        measures = Inquiry(patience: RegionProbe.patience) { await gauges.measure() }
        let draining = plan.entry.plugins.filter { $0.isDraining && plan.owesAnything($0.id) }.map(\.id)
        owed =
            draining.isEmpty
            ? nil
            : Inquiry(patience: RegionProbe.patience) {
                var owed: [String: [RegionWork.Obligation]] = [:]
                for plugin in draining { owed[plugin] = try? await RegionWork.owed(by: plugin, plan, runtime) }
                return owed
            }
    }

    /// A connection of one's own, opened when it is first needed: requests that take all of theirs make nothing look dead.
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
            (
                probe, health: probe.health.begin(), metrics: probe.metrics.begin(),
                gauges: probe.gauges.gauges.isEmpty ? nil : probe.measures.begin()
            )
        }
        RegionMetrics.write(
            begun.map { probe, health, metrics, _ in
                let isUp = probe.health.answer(to: health)?.database == .up
                return (probe.plan.entry.id, isUp, probe.metrics.answer(to: metrics).flatMap { $0 })
            }, to: &out)
        for (probe, _, _, round) in begun {
            guard let round else { continue }
            let outcome = probe.measures.answer(to: round) ?? probe.gauges.giveUp()
            probe.gauges.write(outcome, to: &out)
        }
    }
}
