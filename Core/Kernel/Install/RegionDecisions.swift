public import PostgreSQL

/// What operators decided about a region, as its database has it.
public struct RegionDecisions: Sendable, Equatable {
    /// Counts the decisions; ``records`` has at least those up to this one.
    public let revision: Int
    /// What the database says about each plugin.
    public let records: [PluginRecord]

    /// Describes decisions.
    public init(revision: Int, records: [PluginRecord]) { (self.revision, self.records) = (revision, records) }

    /// The channel on which hosts hear that there is a new decision.
    static let channel = "lyceum_wanted"

    /// Reads a region's decisions; none, and 0, where Lyceum was never installed.
    public static func read(_ connection: Connection) throws -> RegionDecisions {
        connection.role = nil
        // The number first: what is decided between the two statements is then read, and taken up once more.
        let revision =
            try isCounted(connection) ? connection.query("select revision from lyceum.wanted").row(0).only() : 0
        return RegionDecisions(revision: revision, records: try PluginRecord.all(connection))
    }

    /// Has every host that serves the region make a new generation.
    ///
    /// - Parameter host: the host on which it was decided, which is told by its own command; nil where that one serves nothing.
    /// - Returns: the number of the decision; 0 in a database that does not count them yet.
    @discardableResult
    public static func want(by host: String?, _ connection: Connection) throws -> Int {
        connection.role = nil
        guard try isCounted(connection) else { return 0 }
        let revision: Int = try connection.query(
            """
            update lyceum.wanted set revision = revision + 1, host = \(host), at = clock_timestamp() returning revision
            """
        ).row(0).only()
        try connection.run("select pg_notify(\(channel), '')")
        return revision
    }

    static func isCounted(_ connection: Connection) throws -> Bool {
        try connection.query("select to_regclass('lyceum.wanted') is not null").row(0).only()
    }
}
