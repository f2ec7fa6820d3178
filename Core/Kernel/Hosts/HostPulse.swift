/// When a host makes a new generation because of a region's decisions, and what it writes about itself: a value that is told
/// what is so and answers what to do, with no database in it.
public struct HostPulse: Sendable {
    /// What this host serves of a region.
    public struct Served: Sendable, Equatable {
        /// The decisions up to this one are in it.
        public var revision = 0
        /// The plugins with their versions.
        public var plugins = ""
        /// Of all that the region consists of.
        public var digest = ""

        /// Describes what is served; nothing unless told otherwise.
        public init(revision: Int = 0, plugins: String = "", digest: String = "") {
            (self.revision, self.plugins, self.digest) = (revision, plugins, digest)
        }
    }

    /// What the region's database says is wanted.
    public struct Wanted: Sendable, Equatable {
        /// The number of the last decision.
        public var revision: Int
        /// On which host it was decided.
        public var host: String?

        /// Describes what is wanted.
        public init(revision: Int, host: String? = nil) { (self.revision, self.host) = (revision, host) }
    }

    /// What the supervisor is at.
    public struct Situation: Sendable {
        /// What all processes serve, with none left of an earlier generation.
        public var served = Served()
        /// The decisions that are in the generation that has taken over, whether or not older processes are left.
        public var taken = 0
        /// Whether a new generation is being made, or is taking over.
        public var isBusy = false
        /// Counts the generations that were refused.
        public var refusals = 0
        /// Why the last one was refused; nil once one has taken over.
        public var reason: String?

        /// Nothing is served yet.
        public init() {}
    }

    /// A row of `lyceum.host`, apart from who it is.
    public struct Row: Sendable, Equatable {
        /// What is served.
        public var served: Served
        /// The decision that could not be taken up.
        public var refused: Int?
        /// Why it could not.
        public var reason: String?
    }

    /// What to do.
    public struct Action: Sendable, Equatable {
        /// Write this now.
        public var row: Row?
        /// Make a new generation.
        public var reloads = false
    }

    private let host: String
    private var written: (row: Row, at: Duration)?
    /// The decision for which a generation was asked for, and when.
    private var asked: (revision: Int, at: Duration)?
    /// Since when the newest decision is known.
    private var known: (revision: Int, at: Duration)?
    private var refusals = 0

    /// How often the row is written though nothing has changed.
    static let beat = Duration.seconds(5)
    /// For how long a command of this host is given the chance to tell the supervisor itself.
    static let courtesy = Duration.seconds(5)
    /// After how long what was refused is tried again: somebody may have put right what was wrong.
    static let retry = Duration.seconds(60)

    /// Nothing is known yet.
    ///
    /// - Parameter host: this host's id.
    public init(host: String) { self.host = host }

    /// Looks at what is so, at a time counted from any start.
    public mutating func look(_ wanted: Wanted, _ situation: Situation, at now: Duration) -> Action {
        if known?.revision != wanted.revision { known = (wanted.revision, now) }
        if situation.refusals != refusals {
            refusals = situation.refusals
            asked = (wanted.revision, now)
        }
        var action = Action()
        // Not only less: a database that was restored from a backup knows of fewer decisions, which are right then.
        let isBehind = wanted.revision != situation.taken
        let isRefused = isBehind && !situation.isBusy && situation.reason != nil && asked?.revision == wanted.revision
        let row = Row(
            served: situation.served, refused: isRefused ? wanted.revision : nil,
            reason: isRefused ? situation.reason : nil)
        if written.map({ $0.row != row || now - $0.at >= Self.beat }) ?? true {
            written = (row, now)
            action.row = row
        }
        guard isBehind, !situation.isBusy else { return action }
        if wanted.host == host, let known, now - known.at < Self.courtesy { return action }
        if let asked, asked.revision == wanted.revision, now - asked.at < Self.retry { return action }
        asked = (wanted.revision, now)
        action.reloads = true
        return action
    }

    /// Forgets what was written, because it may be lost.
    public mutating func lost() { written = nil }
}
