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
        health = Inquiry(patience: RegionProbe.patience) { RegionHealth.ask(runtime) }
        metrics = Inquiry(patience: RegionProbe.patience) { RegionProbe.read(runtime) }
        let gauges = RegionGauges(plan, runtime, log)
        self.gauges = gauges
        measures = Inquiry(patience: RegionProbe.patience) { await gauges.measure() }
    }

    private static func read(_ runtime: Runtime) -> RegionMetrics? {
        try? runtime.pool.withConnection { try RegionMetrics($0) }
    }

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
