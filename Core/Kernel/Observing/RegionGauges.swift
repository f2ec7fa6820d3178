internal import FastCGI
internal import Lyceum
internal import Synchronization

/// Measures the gauges of a region's plugins, one after the other, until time is up.
final class RegionGauges: Sendable {
    /// A gauge's values.
    struct Reading: Sendable {
        let gauge: DeclaredGauge
        let values: [(label: String, value: Double)]
    }

    /// What was measured, and the plugins all of whose gauges were.
    struct Outcome: Sendable {
        var readings: [Reading] = []
        var failed: Set<String> = []
    }

    private struct State {
        var outcome = Outcome()
        /// Where the next round begins: after those of the last one, so that one that takes long does not hide others for ever.
        var next = 0
        var watch: RunWatch?
        /// The plugins whose trouble was logged.
        var troubled: Set<String> = []
    }

    let gauges: [DeclaredGauge]
    private let runtime: Runtime
    private let log: Log
    private let state = Mutex(State())

    init(_ plan: RegionPlan, _ runtime: Runtime, _ log: Log) {
        (gauges, self.runtime, self.log) = (DeclaredGauge.all(plan), runtime, log)
    }

    /// Measures all of them, or as many as can be before ``giveUp()``.
    func measure() async -> Outcome {
        let watch = RunWatch(onThread: Thread.detached)
        let start = state.withLock { state in
            (state.outcome, state.watch) = (Outcome(), watch)
            return state.next
        }
        for step in gauges.indices {
            let place = (start + step) % gauges.count
            let gauge = gauges[place]
            if watch.reason != nil { break }
            let database = Database(runtime)
            database.act(as: gauge.plugin)
            database.watch = watch
            state.withLock { $0.next = (place + 1) % gauges.count }
            do {
                let values = try await gauge.gauge.measure(database)
                state.withLock { $0.outcome.readings.append(Reading(gauge: gauge, values: values)) }
            } catch {
                state.withLock { _ = $0.outcome.failed.insert(gauge.plugin) }
                complain(gauge, watch.reason == nil ? "\(error)" : "it took too long")
            }
        }
        return finish()
    }

    private func finish() -> Outcome {
        state.withLock { state in
            state.watch = nil
            let measured = Set(state.outcome.readings.map(\.gauge.name))
            for gauge in gauges where !measured.contains(gauge.name) { state.outcome.failed.insert(gauge.plugin) }
            state.troubled.formIntersection(state.outcome.failed)
            return state.outcome
        }
    }

    /// Ends the round, cancelling the statement under way; answers what was measured until now, once.
    func giveUp() -> Outcome {
        let (watch, outcome) = state.withLock { state in
            var outcome = state.outcome
            state.outcome = Outcome()
            let measured = Set(outcome.readings.map(\.gauge.name))
            for gauge in gauges where !measured.contains(gauge.name) { outcome.failed.insert(gauge.plugin) }
            return (state.watch, outcome)
        }
        watch?.end(.timeOut)
        return outcome
    }

    /// Once, until all of the plugin's gauges are well again.
    private func complain(_ gauge: DeclaredGauge, _ reason: String) {
        guard state.withLock({ $0.troubled.insert(gauge.plugin).inserted }) else { return }
        log.write(
            level: .warning, region: runtime.region.id, plugin: gauge.plugin,
            "the gauge \(gauge.name) cannot be measured: \(reason)")
    }

    /// Writes what was measured, and for each plugin that has gauges whether all of its were.
    func write(_ outcome: Outcome, to out: inout Exposition) {
        let region = ("region", runtime.region.id)
        for reading in outcome.readings {
            let gauge = reading.gauge
            out.family(gauge.name, .gauge, gauge.gauge.help)
            for (label, value) in reading.values {
                out.sample(gauge.name, [region] + (gauge.gauge.label.map { [($0, label)] } ?? []), value)
            }
        }
        out.family("lyceum_gauges_up", .gauge, "Whether all of a plugin's own gauges could be measured.")
        for plugin in Set(gauges.map(\.plugin)).sorted() {
            out.sample(
                "lyceum_gauges_up", [region, ("plugin", plugin)], outcome.failed.contains(plugin) ? 0 as UInt64 : 1)
        }
    }
}
