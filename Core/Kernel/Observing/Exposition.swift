/// What `/metrics` answers, in Prometheus' text format 0.0.4: a family of values after the other, each with its help and type.
struct Exposition {
    enum Kind: String { case counter, gauge, histogram }

    private struct Family {
        let kind: Kind
        let help: String
        var lines: [String] = []
    }
    private var families: [String: Family] = [:]
    private var order: [String] = []

    /// Begins a family; where there is one of that name already, nothing happens.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        guard families[name] == nil else { return }
        families[name] = Family(kind: kind, help: help)
        order.append(name)
    }

    /// Adds a value to a family that was begun.
    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: UInt64) {
        families[name]?.lines.append(name + Exposition.text(labels) + " \(value)")
    }

    /// Adds a value to a family that was begun.
    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        families[name]?.lines.append(name + Exposition.text(labels) + " " + Exposition.text(value))
    }

    /// Adds a histogram to a family that was begun.
    ///
    /// - Parameters:
    ///   - bounds: in microseconds.
    ///   - buckets: what was counted between them; one more than bounds.
    ///   - microseconds: the sum.
    mutating func histogram(
        _ name: String, _ labels: [(String, String)], _ bounds: [UInt64], _ buckets: [UInt64], microseconds: UInt64
    ) {
        var running: UInt64 = 0
        var lines: [String] = []
        for (place, count) in buckets.enumerated() {
            running &+= count
            let bound = place < bounds.count ? "\(Double(bounds[place]) / 1e6)" : "+Inf"
            lines.append("\(name)_bucket\(Exposition.text(labels + [("le", bound)])) \(running)")
        }
        lines.append("\(name)_sum\(Exposition.text(labels)) \(Double(microseconds) / 1e6)")
        lines.append("\(name)_count\(Exposition.text(labels)) \(running)")
        families[name]?.lines += lines
    }

    /// The whole; families without a value are left out.
    var text: String {
        var out = ""
        for name in order {
            guard let family = families[name], !family.lines.isEmpty else { continue }
            out += "# HELP \(name) \(Exposition.escaped(family.help, quotes: false))\n"
            out += "# TYPE \(name) \(family.kind.rawValue)\n"
            for line in family.lines { out += line + "\n" }
        }
        return out
    }

    private static func text(_ labels: [(String, String)]) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quotes: out += "\\\""
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
