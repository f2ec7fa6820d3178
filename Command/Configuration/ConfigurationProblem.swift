internal import Lyceum

/// One thing that is wrong with the configuration, at the place where it is written.
struct ConfigurationProblem: Error, Equatable, CustomStringConvertible {
    /// The file, as people are to see it.
    let file: String
    /// The line, from 1; nil when it is the file itself.
    let line: Int?
    /// What is wrong, and what is accepted.
    let sentence: String

    /// The whole in a line.
    ///
    /// Such as `Config/regions/academy.yaml:12: /titel is no key here; did you mean "title", which is required?`
    var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(sentence)" }
}

/// Everything that is wrong with the configuration; the exit code is 78.
struct ConfigurationProblems: Error, CustomStringConvertible {
    /// In the order in which they are found; never empty.
    let list: [ConfigurationProblem]

    /// A line each.
    var description: String { list.map(\.description).joined(separator: "\n") }
}

extension Fault {
    /// The sentence without the name of a Swift type, which says nothing to an operator.
    var plain: String {
        guard code == "unknown", let start = sentence.firstRange(of: "is not a field of ") else { return sentence }
        let rest = sentence[start.upperBound...].drop { $0 != ";" && $0 != "," }
        return sentence[..<start.lowerBound] + "is no key here" + rest
    }

    /// Where it is and what is wrong, or only that where it is the whole.
    var line: String { pointer.isEmpty ? plain : "\(pointer) \(plain)" }
}
