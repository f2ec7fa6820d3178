internal import Glibc

/// What a delivery process is told of one before it that ended over its work, in a variable of its environment.
struct DeathNotice: Sendable, Equatable {
    static let variable = "LYCEUM_DEATH_NOTICE"

    /// The process that ended.
    let process: Int32
    /// What ended it; nil when that is not known.
    let fatal: WorkLabel?
    /// How it ended: `was killed by signal 4`.
    let how: String
    /// Whether the supervisor killed it, because it had not ended in time when it was replaced: no listener's fault.
    let isOrdered: Bool

    init(_ words: LastWords?, of process: Int32, _ status: Child.Status, isOrdered: Bool) {
        (self.process, fatal, how, self.isOrdered) = (process, words?.fatal, status.description, isOrdered)
    }

    /// Of how many processes is told: a lane may be held by one that ended long before the last, where each one after it was
    /// ended before it came to that lane.
    static let most = 16

    /// Those of the processes before this one, the latest first.
    static let own = getenv(variable).map { all(String(cString: $0)) } ?? []

    /// Several, the latest first, as a variable's value.
    static func text(_ notices: [DeathNotice]) -> String { notices.map(\.text).joined(separator: "\n") }

    static func all(_ text: String) -> [DeathNotice] {
        text.split(separator: "\n").compactMap { DeathNotice(String($0)) }
    }

    var text: String { "\(process)\(isOrdered ? " ordered" : "")\t\(how)\t\(fatal?.line ?? "")" }

    init?(_ text: String) {
        let parts = text.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
        let words = parts.first?.split(separator: " ") ?? []
        guard parts.count == 3, let process = words.first.flatMap({ Int32($0) }) else { return nil }
        (self.process, isOrdered, how) = (process, words.last == "ordered", String(parts[1]))
        fatal = WorkLabel(line: parts[2])
    }
}
