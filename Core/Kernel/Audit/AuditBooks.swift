internal import Lyceum
public import PostgreSQL

/// What operators do with a region's audit: verify it, take it away, erase a person in it.
public struct AuditBooks {
    private let connection: Connection
    private let plan: RegionPlan

    /// For a region, through a connection of whoever installs.
    public init(_ plan: RegionPlan, _ connection: Connection) { (self.plan, self.connection) = (plan, connection) }

    /// Whether the region keeps an audit now.
    public var isKept: Bool { plan.auditKeeper != nil }

    /// Destroys the key by which values about a person are encrypted, and notes that; false where there is none.
    ///
    /// The key's old place in the table is overwritten by PostgreSQL once the table is vacuumed, which follows here.
    public func erase(_ person: String) throws -> Bool {
        connection.role = nil
        var author = Author(.command)
        author.login = Author.systemLogin
        let isErased: Bool = try connection.transaction { connection in
            connection.announce(author.command)
            return try connection.query("select lyceum.audit_erase(\(person))").row(0).only()
        }
        if isErased { try connection.script("vacuum lyceum.audit_key") }
        return isErased
    }

    /// Hands on the entries since a moment as JSON texts, one for each, the oldest first, personal values readable where they
    /// were not erased.
    ///
    /// - Parameters:
    ///   - since: a moment as PostgreSQL reads it; nil is the beginning.
    ///   - body: is given a part of the entries, a line for each.
    /// - Returns: how many there were.
    public func export(since: String?, _ body: (String) throws -> Void) throws -> Int {
        connection.role = nil
        var (count, last) = (0, 0 as Int64)
        while true {
            let rows = try connection.query(
                """
                select id, lyceum.audit_line(audit_entry) from lyceum.audit_entry
                where id > \(last) and (at >= \(since)::timestamptz or \(since)::text is null) order by id limit 500
                """)
            guard rows.rowCount > 0 else { return count }
            var text = ""
            for var row in rows {
                last = try row.next()
                text += try row.next(as: String.self) + "\n"
            }
            count += rows.rowCount
            try body(text)
        }
    }

    /// Seals what waits, as the delivery process does each second.
    ///
    /// - Parameter heads: the file to which the new heads are added.
    /// - Returns: the number of the last seal that this made; 0 where there was nothing to seal, or somebody else is at it.
    @discardableResult
    public func seal(heads: AuditHeads? = nil) throws -> Int64 {
        var last: Int64 = 0
        while let sealed = try AuditSealer.seal(connection) {
            last = max(last, sealed.number)
            if sealed.isAll { break }
        }
        if let heads {
            let written = try heads.last()?.number ?? 0
            let fresh = try AuditStore(connection: connection).heads(after: written, limit: 1_000_000)
            if !fresh.isEmpty { try heads.append(fresh) }
        }
        return last
    }

    /// Looks at every entry and every seal, in one moment of the database.
    ///
    /// - Parameters:
    ///   - heads: the file of this host that has the heads of the chain.
    ///   - progress: is told how many seals of how many have been looked at.
    public func verify(
        heads: AuditHeads?, progress: (_ done: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> AuditVerification {
        var found = AuditVerification()
        if isKept {
            for one in try AuditSetup(plan, connection, roles: Installer(plan).roles).missing() {
                found.problems.append(
                    "\(one.entity) is not recorded: its trigger is missing, switched off, or another than declared")
            }
        }
        connection.role = nil
        let trail = plan.all(AuditTrail.self).first?.value
        try connection.transaction(.repeatableRead, readOnly: true) { connection in
            try AuditVerifier(connection: connection, heads: heads, trail: trail).run(&found, progress)
        }
        return found
    }
}

/// What verifying an audit found.
public struct AuditVerification: Sendable {
    /// How many entries are sealed.
    public var entries: Int64 = 0
    /// How many seals there are.
    public var seals: Int64 = 0
    /// How many entries wait to be sealed.
    public var unsealed: Int64 = 0
    /// How many heads were compared with the file of this host.
    public var compared: Int64 = 0
    /// The last seal that was removed for its age, and when it was sealed; nil where everything is still there.
    public var begins: (number: Int64, at: String)?
    /// A sentence for everything that is not as it was sealed; empty where all is well.
    public var problems: [String] = []
    /// What is worth knowing and need not be wrong, a sentence for each.
    public var notes: [String] = []
    /// Whether there are more problems than are told.
    public var hasMore: Bool { problems.count >= Self.most }

    /// The most problems that are told.
    static let most = 100
}
