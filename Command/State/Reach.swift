internal import Foundation
internal import Kernel
internal import PostgreSQL
internal import Synchronization

/// What became of asking a region's database for what operators decided.
enum Reach: Sendable {
    /// It answers, and knows these hosts.
    case answers(RegionDecisions, [HostRecord])
    /// Its server answers, and has no such database yet.
    case absent
    /// It does not answer, for this reason; where it served before, what is to be taken for its decisions.
    case away(String, RegionDecisions? = nil)

    /// What was decided, as far as it is known.
    var decisions: RegionDecisions? {
        switch self {
        case .answers(let decisions, _): decisions
        case .absent: nil
        case .away(_, let instead): instead
        }
    }

    /// The hosts that the database knows.
    var hosts: [HostRecord] { if case .answers(_, let hosts) = self { hosts } else { [] } }

    /// Why it does not answer; nil where it does.
    var silence: String? { if case .away(let reason, _) = self { reason } else { nil } }

    /// Asks nobody: nothing was decided anywhere.
    static func nobody(_ entries: [Generation.RegionEntry]) -> [String: Reach] {
        entries.reduce(into: [:]) { $0[$1.id] = .answers(RegionDecisions(revision: 0, records: []), []) }
    }

    /// Asks the databases of regions, side by side: one that hangs holds up none of the others.
    ///
    /// Each is given five seconds to be connected to; what is waited for is said after two.
    static func ask(_ entries: [Generation.RegionEntry]) -> [String: Reach] {
        let round = Round(entries)
        for entry in entries {
            Thread.detachNewThread { round.note(entry.id, ask(entry)) }
        }
        if let waiting = round.wait(until: .now + .seconds(2)) {
            say("waiting for the database of \(waiting.joined(separator: ", "))")
        }
        let late = round.wait(until: .now + .seconds(10)) ?? []
        return round.found.merging(late.map { ($0, .away("it has not answered for 12 s")) }) { found, _ in found }
    }

    /// Whether an error of connecting says that there is no such database.
    static func isAbsent(_ error: DatabaseError) -> Bool {
        error.message.contains("does not exist") && error.message.contains("database \"")
    }

    private static func ask(_ entry: Generation.RegionEntry) -> Reach {
        var settings = ConnectionSettings()
        settings.statementTimeout = .seconds(5)
        do {
            let connection = try Connection(entry.database, settings)
            return .answers(try RegionDecisions.read(connection), try HostRecord.all(connection))
        } catch {
            if let error = error as? DatabaseError, isAbsent(error) { return .absent }
            return .away("\(error)")
        }
    }

    /// One round of questions, and what was answered so far.
    private final class Round: Sendable {
        private let regions: [String]
        private let answers = Mutex<[String: Reach]>([:])

        init(_ entries: [Generation.RegionEntry]) { regions = entries.map(\.id) }

        var found: [String: Reach] { answers.withLock { $0 } }

        func note(_ region: String, _ reach: Reach) { answers.withLock { $0[region] = reach } }

        /// Returns when all have answered, or at the deadline with those that have not.
        func wait(until deadline: ContinuousClock.Instant) -> [String]? {
            while true {
                let found = found
                let late = regions.filter { found[$0] == nil }
                if late.isEmpty { return nil }
                if ContinuousClock.now >= deadline { return late }
                usleep(2_000)
            }
        }
    }
}
