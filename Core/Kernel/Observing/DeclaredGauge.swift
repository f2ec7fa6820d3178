internal import Lyceum

/// A gauge of a region, with the name that it has among the metrics.
struct DeclaredGauge: Sendable {
    let plugin: String
    let name: String
    let gauge: Gauge

    /// The gauges of a region, in the order of its plugins.
    static func all(_ plan: RegionPlan) -> [DeclaredGauge] {
        plan.all(Gauge.self).map {
            DeclaredGauge(plugin: $0.plugin, name: name($0.value, of: $0.plugin), gauge: $0.value)
        }
    }

    /// The name among the metrics, such as `lyceum_audit_unsealed_age_seconds`.
    static func name(_ gauge: Gauge, of plugin: String) -> String {
        "lyceum_" + String(plugin.map { $0 == "-" ? "_" : $0 }) + "_" + gauge.name
    }

    /// What the kernel's own names begin with: a plugin that is called so cannot have gauges.
    static let reserved = [
        "request", "requests", "pool", "events", "process", "generation", "region", "job", "listener", "gauges",
        "limit", "plugin",
    ]

    /// What is wrong with a gauge as it was contributed, in sentences.
    static func mistakes(_ gauge: Gauge, of plugin: String) -> [String] {
        var sentences: [String] = []
        if !isName(gauge.name) {
            sentences.append(
                "the name of a gauge is up to 60 small letters, digits and underscores, beginning with a letter; this is \"\(gauge.name)\""
            )
        }
        // What Prometheus keeps for counters and parts of histograms.
        for end in ["_total", "_count", "_sum", "_bucket", "_info"] where gauge.name.hasSuffix(end) {
            sentences.append("the name of a gauge does not end in \(end), which is for other kinds of metrics")
        }
        if let label = gauge.label, !isName(label) || ["region", "le", "quantile"].contains(label) {
            sentences.append(
                "the label of a gauge is a name like the gauge's, but not region, le or quantile; it is \"\(label)\"")
        }
        if gauge.help.isEmpty || gauge.help.contains(where: \.isNewline) {
            sentences.append("a gauge says in one line what it measures")
        }
        if let first = plugin.split(separator: "-").first.map(String.init), reserved.contains(first) {
            sentences.append(
                "the kernel's own metrics begin with lyceum_\(first)_; the plugin needs another id for a gauge")
        }
        return sentences
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count <= 60 else { return false }
        return text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    }
}
