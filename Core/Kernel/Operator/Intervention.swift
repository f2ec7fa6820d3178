public import Lyceum
internal import PostgreSQL

/// Something that an operator did to a listener or to a job's run: who, when, what, and why.
public struct Intervention: View, Equatable {
    /// By which way it was done.
    public enum Means: String, Codable, Sendable, CaseIterable {
        /// On a page of the administration.
        case page
        /// By the API.
        case api
        /// By the command line.
        case command
    }

    /// What was done.
    public enum Action: String, Codable, Sendable, CaseIterable {
        /// Events that failed, or a run, are tried again.
        case retry
        /// A listener goes on without an event.
        case skip
        /// A listener begins from now, without all that it was not given.
        case skipAll
        /// A listener is given again what it was given before.
        case replay
        /// A quarantined listener is given its events again.
        case release
        /// A listener that no plugin has any more is forgotten.
        case forget
        /// The log was set right after the database was restored, and the listener's cursor with it.
        case rebase
        /// A run was queued.
        case run
        /// A run is cancelled.
        case cancel
    }

    /// The listener, or the id of the run.
    public var subject: String
    /// What was done.
    public var action: Action
    /// The event that it was about; null where it was about several, or a run.
    public var event: Int64?
    /// How many events, where that is known.
    public var count: Int?
    /// Why, or from where on.
    public var detail: String?
    /// Who did it.
    public var name: String
    /// By which way.
    public var means: Means
    /// When.
    public var at: Instant
}

extension Connection {
    /// Does something wholly or not at all, also within a transaction that has begun: that of a request with a key of its own.
    func wholly<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        isInTransaction ? try savepoint(body) : try transaction { try body($0) }
    }
}

/// Who does something to a region's deliveries and jobs.
public struct Operator: Sendable {
    /// The account; nil for the command line.
    public let account: RawID?
    /// Its name, or that of the machine's user.
    public let name: String
    /// By which way.
    public let means: Intervention.Means

    /// Names somebody.
    public init(account: RawID? = nil, name: String, means: Intervention.Means) {
        (self.account, self.name, self.means) = (account, name, means)
    }

    /// Somebody at the command line who did not say who.
    public static let unnamed = Operator(name: "", means: .command)

    /// The statement that notes what was done; it belongs to the transaction that does it.
    func noting(
        _ action: Intervention.Action, _ subject: String, event: Int64? = nil, count: Int? = nil, detail: String? = nil
    ) -> Statement {
        """
        insert into lyceum.intervention (subject, action, event, count, detail, account, name, means)
        values (\(subject), \(action.rawValue), \(event), \(count), \(detail), \(account), \(name), \(means.rawValue))
        """
    }

    /// The statement that lists the last few things that were done to a listener or a run.
    static func lately(_ subject: String) -> Statement {
        """
        select subject, action, event, count, detail, name, means, at
        from lyceum.intervention where subject = \(subject) order by id desc limit 10
        """
    }
}
