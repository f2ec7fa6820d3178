/// A number of a plugin's own among the metrics of the installation, measured in a region's database when `/metrics` is asked.
///
///     Gauge("unsealed_age_seconds", "How old the oldest row is that is not sealed yet.") { database in
///         try await AuditStore.unsealedAge(database)
///     }
///     Gauge("seats_free", "Free seats, by course.", by: "course") { database in try await SeatStore.free(database) }
///
/// It is shown as `lyceum_<plugin>_<name>` with the region as a label. Names follow Prometheus' conventions: the unit comes
/// last and is a base unit (`seconds`, `bytes`).
///
/// All gauges of a region share two seconds, one after the other; a statement under way is cancelled then, and what has not
/// been measured is missing from that answer. One that fails is left out, and `lyceum_gauges_up` is 0 for its plugin. So a gauge
/// reads what an index finds at once.
public struct Gauge: Contribution {
    /// The name without the plugin's.
    public let name: String
    /// What it says, a sentence in one line.
    public let help: String
    /// The label that tells its values apart; nil where there is one value.
    public let label: String?
    /// The most values that one gauge shows; of more, those are left out whose labels come last in the alphabet.
    public static let mostValues = 100
    package let measure: @Sendable (Database) async throws -> [(label: String, value: Double)]

    /// Measures one number; nil where there is nothing to say.
    public init(_ name: String, _ help: String, _ body: @escaping @Sendable (Database) async throws -> Double?) {
        (self.name, self.help, label) = (name, help, nil)
        measure = { database in try await body(database).map { [("", $0)] } ?? [] }
    }

    /// Measures a number for each of a few things; their names must be few, for ever: no people, no addresses.
    public init(
        _ name: String, _ help: String, by label: String,
        _ body: @escaping @Sendable (Database) async throws -> [String: Double]
    ) {
        (self.name, self.help, self.label) = (name, help, label)
        measure = { database in
            try await body(database).sorted { $0.key < $1.key }.prefix(Gauge.mostValues).map { ($0.key, $0.value) }
        }
    }

    /// `gauge unsealed_age_seconds`.
    public var summary: String { "gauge \(name)" }
}
