internal import PostgreSQL

/// The statements of whoever seals.
struct AuditStore {
    let connection: Connection

    /// Where sealing is, and what there is to do.
    struct Look {
        var cursor: DeliveryCursor
        /// The last number given to an entry.
        var head: Int64
        var last: (number: Int64, head: [UInt8])

        /// Whether no entry can have come since everything was sealed.
        var isIdle: Bool { cursor.target == nil && cursor.done.isSettled && cursor.done.head == head }
    }

    private static let look: Statement = """
        select done::text, done_xid::text, done_head, target::text, target_xid::text, target_head, position,
            (select last_value from lyceum.audit_id)
        from lyceum.audit_position
        """
    private static let last: Statement = """
        select number, head from lyceum.audit_seal order by number desc limit 1
        """

    /// Looks, without a lock.
    func look() throws -> Look {
        connection.role = nil
        let results = try connection.pipeline([Self.look, Self.last])
        return try Self.read(results[0], results[1])
    }

    /// Looks, and keeps everybody else from sealing until the transaction ends; nil where somebody else is at it.
    func take() throws -> Look? {
        connection.role = nil
        // The lock gives the transaction its id. The last number is read before, so that whoever has a later id takes later
        // numbers.
        let results = try connection.pipeline([
            "select last_value from lyceum.audit_id", "\(Self.look) for update skip locked", Self.last,
        ])
        guard results[1].rowCount == 1 else { return nil }
        var look = try Self.read(results[1], results[2])
        look.head = try results[0].row(0).only()
        return look
    }

    private static func read(_ position: Result, _ seals: Result) throws -> Look {
        var row = position.row(0)
        let done = LogMoment(snapshot: try row.next(), xid: try row.next(), head: try row.next())
        let target: (String?, String?, Int64?) = (try row.next(), try row.next(), try row.next())
        let cursor = DeliveryCursor(
            done: done,
            target: target.0.map { LogMoment(snapshot: $0, xid: target.1 ?? "", head: target.2 ?? 0) },
            position: try row.next())
        let head: Int64 = try row.next()
        var last = (number: 0 as Int64, head: AuditChain.beginning)
        if var seal = seals.first { last = (try seal.next(), try seal.next()) }
        return Look(cursor: cursor, head: head, last: last)
    }

    /// The moment up to which is sealed next, in the transaction that took the lock.
    func moment(_ look: Look) throws -> LogMoment {
        var row = try connection.query("select pg_current_snapshot()::text, pg_current_xact_id()::text").row(0)
        return LogMoment(snapshot: try row.next(), xid: try row.next(), head: look.head)
    }

    /// What the target shows and `done` did not, beyond the position, and the time; found as `DeliveryStore` finds events.
    func entries(_ cursor: DeliveryCursor, to target: LogMoment) throws -> (at: String, rows: Result) {
        let done = cursor.done
        let results = try connection.pipeline([
            """
            select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
                set_config('plan_cache_mode', 'force_generic_plan', true)
            """,
            "select clock_timestamp()::text",
            """
            select \(AuditChain.columns) from (
                (select * from lyceum.audit_entry
                where id > \(max(cursor.position, done.head)) and (xid > \(done.xid)::xid8) is true
                    and not pg_visible_in_snapshot(xid, \(done.snapshot)::pg_snapshot)
                    and pg_visible_in_snapshot(xid, \(target.snapshot)::pg_snapshot)
                order by id limit \(AuditChain.batch))
                union all
                (select * from (
                    (select * from lyceum.audit_entry
                    where xid = any (array(select pg_snapshot_xip(\(done.snapshot)::pg_snapshot))) offset 0)
                    union all
                    (select * from lyceum.audit_entry
                    where xid >= pg_snapshot_xmax(\(done.snapshot)::pg_snapshot) and xid < \(done.xid)::xid8 offset 0)
                ) as running
                where id > \(cursor.position) and xid < \(done.xid)::xid8
                    and pg_visible_in_snapshot(xid, \(target.snapshot)::pg_snapshot)
                order by id limit \(AuditChain.batch))
                order by id limit \(AuditChain.batch)
            ) as entry order by id
            """,
        ])
        return (try results[1].row(0).only(), results[2])
    }

    func add(_ seal: AuditSeal) throws {
        try connection.run(
            """
            insert into lyceum.audit_seal (number, at, entries, hashes, previous, head)
            values (\(seal.number), \(seal.at)::timestamptz, \(seal.entries), \(seal.hashes), \(seal.previous), \(seal.head))
            """)
    }

    func move(to cursor: DeliveryCursor) throws {
        try connection.run(
            """
            update lyceum.audit_position
            set done = \(cursor.done.snapshot)::pg_snapshot, done_xid = \(cursor.done.xid)::xid8,
                done_head = \(cursor.done.head), target = \(cursor.target?.snapshot)::pg_snapshot,
                target_xid = \(cursor.target?.xid)::xid8, target_head = \(cursor.target?.head), position = \(cursor.position)
            """)
    }

    /// Heads of seals after a number, in order.
    func heads(after number: Int64, limit: Int) throws -> [(number: Int64, head: [UInt8], at: String)] {
        connection.role = nil
        let rows = try connection.query(
            """
            select number, head, at::text from lyceum.audit_seal where number > \(number) order by number limit \(limit)
            """)
        return try (0..<rows.rowCount).map { index in
            var row = rows.row(index)
            return (try row.next(), try row.next(), try row.next())
        }
    }
}
