internal import Glibc

/// What a delivery process is told of the one before it that ended over its work, in a variable of its environment.
struct DeathNotice: Sendable, Equatable {
    static let variable = "LYCEUM_DEATH_NOTICE"

    /// The process that ended.
    let process: Int32
    /// What ended it; nil when that is not known.
    let fatal: WorkLabel?
    /// How it ended: `was killed by signal 4`.
    let how: String

    init(_ words: LastWords, of process: Int32, _ status: Child.Status) {
        (self.process, fatal, how) = (process, words.fatal, status.description)
    }

    /// That of the process before this one.
    static let own = getenv(variable).flatMap { DeathNotice(String(cString: $0)) }

    var text: String { "\(process)\t\(how)\t\(fatal?.line ?? "")" }

    init?(_ text: String) {
        let parts = text.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let process = Int32(parts[0]) else { return nil }
        (self.process, how, fatal) = (process, String(parts[1]), WorkLabel(line: parts[2]))
    }
}
