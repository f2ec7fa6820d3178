import Foundation

/// Reads Prometheus' text format 0.0.4, strictly, with the conventions that `promtool check metrics` insists on.
struct ExpositionParser {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }
    struct Family {
        let name: String
        let type: String
        let help: String
        var samples: [Sample] = []
    }

    private(set) var families: [Family] = []
    private(set) var problems: [String] = []

    init(_ text: String) {
        if !text.hasSuffix("\n") { problems.append("it does not end with a line break") }
        var help: (name: String, text: String)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let line = String(line)
            if line.hasPrefix("# HELP ") {
                let words = line.dropFirst(7).split(separator: " ", maxSplits: 1).map(String.init)
                if words.count < 2 { problems.append("no help: \(line)") }
                help = (words[0], words.last ?? "")
            } else if line.hasPrefix("# TYPE ") {
                let words = line.dropFirst(7).split(separator: " ").map(String.init)
                guard words.count == 2, let given = help, given.name == words[0] else {
                    problems.append("a type without its help before it: \(line)")
                    continue
                }
                if families.contains(where: { $0.name == words[0] }) { problems.append("twice: \(line)") }
                families.append(Family(name: words[0], type: words[1], help: given.text))
                help = nil
            } else {
                sample(line)
            }
        }
        for family in families { check(family) }
    }

    private mutating func sample(_ line: String) {
        let number = #"(?:[+-]?(?:[0-9]*\.)?[0-9]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)"#
        let label = #"[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*""#
        let pattern = "^([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{\(label)(?:,\(label))*\\})? (\(number))$"
        guard let expression = try? NSRegularExpression(pattern: pattern, options: [.caseInsensitive]),
            let match = expression.firstMatch(in: line, range: NSRange(line.startIndex..., in: line)),
            let name = Range(match.range(at: 1), in: line), let value = Range(match.range(at: 3), in: line)
        else { return problems.append("no sample: \(line)") }
        var labels: [String: String] = [:]
        if let range = Range(match.range(at: 2), in: line),
            let one = try? NSRegularExpression(pattern: #"([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)""#)
        {
            let text = String(line[range])
            for found in one.matches(in: text, range: NSRange(text.startIndex..., in: text)) {
                guard let name = Range(found.range(at: 1), in: text), let value = Range(found.range(at: 2), in: text)
                else { continue }
                if labels.updateValue(String(text[value]), forKey: String(text[name])) != nil {
                    problems.append("a label twice: \(line)")
                }
            }
        }
        guard var family = families.popLast() else { return problems.append("before any family: \(line)") }
        let sample = Sample(
            name: String(line[name]), labels: labels,
            value: Double(line[value].replacing("Inf", with: "infinity")) ?? .nan)
        let parts = family.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        if !parts.contains(where: { family.name + $0 == sample.name }) {
            problems.append("\(sample.name) is no part of \(family.name)")
        }
        if family.samples.contains(where: { $0.name == sample.name && $0.labels == labels }) {
            problems.append("twice: \(line)")
        }
        family.samples.append(sample)
        families.append(family)
    }

    private mutating func check(_ family: Family) {
        let name = family.name
        if !name.hasPrefix("lyceum_") || name.contains(where: \.isUppercase) { problems.append("the name \(name)") }
        if family.samples.isEmpty { problems.append("\(name) is empty") }
        if (family.type == "counter") != name.hasSuffix("_total") { problems.append("\(name) is a \(family.type)") }
        for unit in ["milliseconds", "_ms", "_us", "minutes", "hours", "kilobytes", "percent"]
        where name.hasSuffix(unit) {
            problems.append("\(name) has no base unit")
        }
        for end in ["_count", "_sum", "_bucket"] where name.hasSuffix(end) { problems.append("the name \(name)") }
        switch family.type {
        case "counter", "gauge":
            if family.type == "counter", family.samples.contains(where: { $0.value < 0 }) {
                problems.append("\(name) counts down")
            }
        case "histogram": checkHistogram(family)
        default: problems.append("\(name) is of the type \(family.type)")
        }
    }

    private mutating func checkHistogram(_ family: Family) {
        let groups = Dictionary(grouping: family.samples) { sample in
            sample.labels.filter { $0.key != "le" }.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(
                separator: ",")
        }
        for (labels, samples) in groups {
            let buckets = samples.filter { $0.name.hasSuffix("_bucket") }
            let bounds = buckets.map { Double(($0.labels["le"] ?? "").replacing("Inf", with: "infinity")) ?? .nan }
            let isAscending = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
            let isGrowing = zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value }
            let count = samples.first { $0.name.hasSuffix("_count") }?.value
            if !isAscending || bounds.last != .infinity || !isGrowing || buckets.last?.value != count
                || !samples.contains(where: { $0.name.hasSuffix("_sum") })
            {
                problems.append("\(family.name){\(labels)} is no histogram")
            }
        }
    }

    /// The value of a sample that has these labels, others aside; nil unless there is one.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = families.flatMap(\.samples).filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.count == 1 ? found[0].value : nil
    }

    func family(_ name: String) -> Family? { families.first { $0.name == name } }
}
