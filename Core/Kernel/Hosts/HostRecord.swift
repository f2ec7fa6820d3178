public import PostgreSQL

/// A host that serves a region, as the region's database knows it.
///
///     absent ──serves──▶ up to date ──a decision──▶ behind ──takes it up──▶ up to date
///        ▲                                            └──cannot──▶ refused ──the next decision, a minute──▶ behind
///        └── it ended, or was not seen for 20 s
public struct HostRecord: Sendable, Equatable {
    /// The name by which it stays the same over restarts.
    public let id: String
    /// Its name for people.
    public let name: String
    /// The decisions up to this one are in what it serves.
    public let revision: Int
    /// The plugins that it serves in the region, with their versions.
    public let plugins: String
    /// Of all that the region consists of there, to see whether hosts differ.
    public let digest: String
    /// The decision that it could not take up.
    public let refused: Int?
    /// Why it could not, as a sentence.
    public let reason: String?
    /// For how many seconds it has not been seen.
    public let idle: Int

    /// Whether it serves: hosts write every five seconds, and none is waited for that has not for twenty.
    public var isLive: Bool { idle < 20 }

    /// All hosts of a region, by name; none where the database does not count decisions yet.
    public static func all(_ connection: Connection) throws -> [HostRecord] {
        connection.role = nil
        guard try RegionDecisions.isCounted(connection) else { return [] }
        let rows = try connection.query(
            """
            select id, name, revision, plugins, digest, refused, reason,
                greatest(0, extract(epoch from clock_timestamp() - seen_at))::bigint
            from lyceum.host order by name, id
            """)
        return try rows.map { row in
            HostRecord(
                id: try row.next(), name: try row.next(), revision: try row.next(), plugins: try row.next(),
                digest: try row.next(), refused: try row.next(), reason: try row.next(), idle: try row.next())
        }
    }
}
