internal import Lyceum
internal import PostgreSQL

/// The statements of delivery to one lane, on one connection and as the kernel.
struct DeliveryStore {
    let connection: Connection
    let name: String
    /// The event that it hears; a cursor that is about another one is not this listener's.
    let topic: String
    let major: Int
    /// The lane, of so many that the listener has.
    let lane: Int
    let lanes: Int

    init(_ connection: Connection, _ lane: DeliveryLane) {
        (self.connection, name, self.lane, lanes) = (connection, lane.listener.name, lane.number, lane.count)
        (topic, major) = (lane.listener.topic, lane.listener.major)
    }

    /// What a look at a lane finds.
    struct Look {
        let cursor: DeliveryCursor
        let since: String
        /// The last event id that was given out.
        let head: Int64
        /// Who is at work, or was when its process died.
        var holder: String?
        /// Whether the holder has had time enough.
        let hasLapsed: Bool
        /// Whether the holder had begun a batch.
        let isBatch: Bool
        /// The listener's last attempts, a bit for each, set where its process died.
        let history: Int64
        let isQuarantined: Bool
        /// The event put aside that is tried next; nil when none is, or it was not looked for.
        let due: Due?
    }

    /// An event put aside that is the first of its key to be tried again.
    struct Due {
        let event: Int64
        let attempt: Int
        /// Seconds until its time comes; 0 or less: it has come.
        let delay: Double
    }

    /// An event put aside, taken to be tried.
    struct Aside {
        let payload: String
        let trace: String?
    }

    func query(_ statement: Statement) throws -> Result {
        connection.role = nil
        return try connection.query(statement)
    }

    private func pipeline(_ statements: [Statement]) throws -> [Result] {
        connection.role = nil
        return try connection.pipeline(statements)
    }

    /// Looks at the lane, in one round trip; nil when it has no cursor any more.
    func look(retries: Bool) throws -> Look? {
        var statements: [Statement] = [
            // Before the snapshot of the next statement: what is given out later belongs to transactions that it does not show.
            "select last_value from lyceum.event_id",
            """
            select done::text, done_xid::text, done_head, target::text, target_xid::text, target_head, position,
                since::text, holder, coalesce(held_until < clock_timestamp(), true), batch,
                coalesce(listener.history, 0), listener.quarantined_at is not null
            from lyceum.cursor left join lyceum.listener on listener.name = cursor.listener
            where listener = \(name) and lane = \(lane) and lanes = \(lanes) and topic = \(topic) and major = \(major)
            """,
        ]
        if retries { statements.append(nextRetry) }
        let results = try pipeline(statements)
        guard results[1].rowCount > 0 else { return nil }
        var row = results[1].row(0)
        let done = LogMoment(snapshot: try row.next(), xid: try row.next(), head: try row.next())
        let target: (snapshot: String?, xid: String?, head: Int64?) = (try row.next(), try row.next(), try row.next())
        let cursor = DeliveryCursor(
            done: done,
            target: target.snapshot.map { LogMoment(snapshot: $0, xid: target.xid ?? "", head: target.head ?? 0) },
            position: try row.next())
        let since: String = try row.next()
        let holder: String? = try row.next()
        let (hasLapsed, isBatch): (Bool, Bool) = (try row.next(), try row.next())
        let (history, isQuarantined): (Int64, Bool) = (try row.next(), try row.next())
        var due: Due?
        if retries, results[2].rowCount > 0 {
            var row = results[2].row(0)
            due = Due(event: try row.next(), attempt: try row.next(), delay: try row.next())
        }
        return Look(
            cursor: cursor, since: since, head: try results[0].row(0).only(), holder: holder, hasLapsed: hasLapsed,
            isBatch: isBatch, history: history, isQuarantined: isQuarantined, due: due)
    }

    /// The event put aside whose time comes first, or has come first.
    ///
    /// That none of its key waits before it is what `behind` says too; but the order of a key is not left to that.
    private var nextRetry: Statement {
        """
        select event, attempt, extract(epoch from due_at - clock_timestamp())::double precision
        from lyceum.retry
        where listener = \(name) and not dead and not behind and lane % \(lanes) = \(lane) and not exists (
            select from lyceum.retry as earlier
            where earlier.listener = retry.listener and earlier.key = retry.key and earlier.event < retry.event
                and not earlier.dead)
        order by due_at
        limit 1
        """
    }

    /// For the statements that follow in a pipeline.
    ///
    /// A commit need not wait for the disk: whoever crashes with the server has no claim any more, and no effect either.
    /// And planning anew for each batch would cost more than reading it. The planner knows nothing of how few events a snapshot
    /// does not show: left alone it may read the whole log for each batch (measured: 16 ms in place of 0.2).
    private static let hasty: Statement = """
        select set_config('synchronous_commit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
            set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)
        """

    private func claim(_ look: Look, batch: Bool) -> Statement {
        """
        update lyceum.cursor
        set holder = \(ProcessToken.own.text), held_until = clock_timestamp() + interval '10 seconds', batch = \(batch)
        where (listener, lane) = (
            select listener, lane from lyceum.cursor
            where listener = \(name) and lane = \(lane) and lanes = \(lanes)
                and holder is not distinct from \(look.holder)
            for update skip locked)
        returning pg_current_xact_id()::text
        """
    }

    /// Notes, committed by itself, that a batch begins at a new moment; nil when somebody else has the lane.
    func begin(_ look: Look) throws -> LogMoment? {
        let results = try pipeline([
            Self.hasty, "select last_value from lyceum.event_id", claim(look, batch: true),
            "select pg_current_snapshot()::text",
        ])
        guard results[2].rowCount > 0 else { return nil }
        return LogMoment(
            snapshot: try results[3].row(0).only(), xid: try results[2].row(0).only(),
            head: try results[1].row(0).only())
    }

    /// Notes that the next batch of a round begins, and reads it; nil when somebody else has the lane.
    func goOn(
        _ look: Look, _ cursor: DeliveryCursor, to target: LogMoment, limit: Int
    ) throws -> [DeliveredEvent]? {
        let results = try pipeline([
            Self.hasty, claim(look, batch: true),
            select(cursor, to: target, since: look.since, limit: limit),
        ])
        return results[1].rowCount > 0 ? try events(results[2]) : nil
    }

    /// What the target shows and `done` does not, beyond the position, in the order of ids.
    func events(
        _ cursor: DeliveryCursor, to target: LogMoment, since: String, limit: Int
    ) throws -> [DeliveredEvent] {
        try events(
            pipeline([
                Self.hasty, select(cursor, to: target, since: since, limit: limit),
            ])[1])
    }

    /// The same in the obvious order of work, which loses events: for tests that show that the tests notice.
    func eventsByID(after position: Int64, limit: Int) throws -> [DeliveredEvent] {
        try events(
            query(
                """
                select id, lane, key, payload::text, trace, 0::double precision, false from lyceum.event
                where topic = \(topic) and major = \(major) and lane % \(lanes) = \(lane) and id > \(position)
                order by id limit \(limit)
                """))
    }

    /// What the target shows and `done` did not: transactions that began after `done`, found by their events' ids, and those
    /// that ran at that moment, if any did, found by theirs.
    ///
    /// Neither way reads what has been delivered, however long the log is; `is true` and `offset 0` keep the planner from
    /// taking one way's index for the other.
    private func select(
        _ cursor: DeliveryCursor, to target: LogMoment, since: String, limit: Int
    ) -> Statement {
        let done = cursor.done
        let after = max(cursor.position, done.head)
        guard !done.isSettled else {
            return """
                select id, lane, key, payload::text, trace, date_part('epoch', clock_timestamp() - at),
                    (select exists (select from lyceum.retry where listener = \(name) and not dead)) and exists (
                        select from lyceum.retry
                        where retry.listener = \(name) and retry.key = event.key and not retry.dead)
                from lyceum.event
                where topic = \(topic) and major = \(major) and id > \(after) and lane % \(lanes) = \(lane)
                    and at >= \(since)::timestamptz - interval '1 day'
                    and (xid > \(done.xid)::xid8) is true
                    and not pg_visible_in_snapshot(xid, \(done.snapshot)::pg_snapshot)
                    and pg_visible_in_snapshot(xid, \(target.snapshot)::pg_snapshot)
                order by id limit \(limit)
                """
        }
        return """
            select id, lane, key, payload::text, trace, date_part('epoch', clock_timestamp() - at),
                (select exists (select from lyceum.retry where listener = \(name) and not dead)) and exists (
                    select from lyceum.retry
                    where retry.listener = \(name) and retry.key = event.key and not retry.dead)
            from (
                (select id, lane, key, payload, trace, at from lyceum.event
                where topic = \(topic) and major = \(major) and id > \(after) and lane % \(lanes) = \(lane)
                    and at >= \(since)::timestamptz - interval '1 day'
                    and (xid > \(done.xid)::xid8) is true
                    and not pg_visible_in_snapshot(xid, \(done.snapshot)::pg_snapshot)
                    and pg_visible_in_snapshot(xid, \(target.snapshot)::pg_snapshot)
                order by id limit \(limit))
                union all
                (select id, lane, key, payload, trace, at from (
                    (select * from lyceum.event
                    where xid = any (array(select pg_snapshot_xip(\(done.snapshot)::pg_snapshot)))
                        and at >= \(since)::timestamptz - interval '1 day'
                    offset 0)
                    union all
                    (select * from lyceum.event
                    where xid >= pg_snapshot_xmax(\(done.snapshot)::pg_snapshot) and xid < \(done.xid)::xid8
                        and at >= \(since)::timestamptz - interval '1 day'
                    offset 0)
                ) as running
                where xid < \(done.xid)::xid8
                    and topic = \(topic) and major = \(major) and id > \(cursor.position) and lane % \(lanes) = \(lane)
                    and pg_visible_in_snapshot(xid, \(target.snapshot)::pg_snapshot)
                order by id limit \(limit))
                order by id limit \(limit)
            ) as event
            order by id
            """
    }

    private func events(_ result: Result) throws -> [DeliveredEvent] {
        try (0..<result.rowCount).map { index in
            var row = result.row(index)
            return DeliveredEvent(
                id: try row.next(), lane: try row.next(), key: try row.next(), payload: try row.next(),
                trace: try row.next(), age: try row.next(), isBlocked: try row.next())
        }
    }

    /// Locks the lane for the transaction; false when it is not where it was, or not this process's any more.
    ///
    /// The transaction's commit need not wait for the disk either: if the server crashes before it is there, the effects and the
    /// cursor's move are lost together, and delivered again. Whatever is written later, and waits, carries it along.
    func lock(_ read: DeliveryCursor) throws -> Bool {
        connection.announce("set local synchronous_commit = off")
        return try query(
            """
            select from lyceum.cursor
            where listener = \(name) and lane = \(lane) and lanes = \(lanes) and holder = \(ProcessToken.own.text)
                and done::text = \(read.done.snapshot) and target::text is not distinct from \(read.target?.snapshot)
                and position = \(read.position) and topic = \(topic) and major = \(major)
            for update skip locked
            """
        ).rowCount > 0
    }

    /// Moves the cursor and lets go of the lane; to be part of the transaction that holds the lock.
    func moving(to cursor: DeliveryCursor) -> Statement {
        """
        update lyceum.cursor
        set done = \(cursor.done.snapshot)::pg_snapshot, done_xid = \(cursor.done.xid)::xid8, done_head = \(cursor.done.head),
            target = \(cursor.target?.snapshot)::pg_snapshot, target_xid = \(cursor.target?.xid)::xid8,
            target_head = \(cursor.target?.head), position = \(cursor.position),
            holder = null, held_until = null, batch = false,
            since = case when pg_snapshot_xmin(\(cursor.done.snapshot)::pg_snapshot) > mark_xid then mark else since end,
            mark = case when pg_snapshot_xmin(\(cursor.done.snapshot)::pg_snapshot) > mark_xid
                then transaction_timestamp() else mark end,
            mark_xid = case when pg_snapshot_xmin(\(cursor.done.snapshot)::pg_snapshot) > mark_xid
                then pg_current_xact_id() else mark_xid end
        where listener = \(name) and lane = \(lane) and lanes = \(lanes)
        """
    }

    func move(to cursor: DeliveryCursor) throws { _ = try query(moving(to: cursor)) }

    /// Moves a cursor that nothing had to be delivered for; nothing is lost when that is lost.
    ///
    /// Only from where it was read: nobody holds a lock on it meanwhile, and an operator may have set it back to replay.
    func passOver(from read: DeliveryCursor, to cursor: DeliveryCursor) throws {
        let unchanged: Statement = """
             and done::text = \(read.done.snapshot) and target::text is not distinct from \(read.target?.snapshot)
                and position = \(read.position)
            """
        _ = try pipeline([Self.hasty, "\(moving(to: cursor))\(unchanged)"])
    }

    // MARK: - Events put aside

    /// Puts an event aside, to be tried by itself.
    func putAside(
        _ event: DeliveredEvent, attempt: Int, error: String?, causes: String? = nil, delay: Double
    ) throws {
        _ = try query(
            """
            insert into lyceum.retry (listener, event, lane, key, payload, trace, at, attempt, due_at, error, causes)
            values (\(name), \(event.id), \(event.lane), \(event.key), \(event.payload)::json, \(event.trace),
                clock_timestamp() - \(event.age) * interval '1 second', \(attempt),
                clock_timestamp() + \(delay) * interval '1 second', \(error), \(causes)::json)
            on conflict (listener, event) do nothing
            """)
    }

    /// Counts an attempt, committed before it is made, so that one that kills the process is counted too; false when somebody
    /// else has the lane.
    func attempt(_ look: Look, _ event: Int64, number: Int, delay: Double) throws -> Bool {
        try pipeline([
            claim(look, batch: false),
            """
            update lyceum.retry
            set attempt = \(number), due_at = clock_timestamp() + \(delay) * interval '1 second'
            where listener = \(name) and event = \(event)
                and exists (select from lyceum.cursor where listener = \(name) and lane = \(lane)
                    and holder = \(ProcessToken.own.text))
            """,
        ])[0].rowCount > 0
    }

    /// An event put aside, for the transaction that delivers it; nil when it is no longer there.
    func takeAside(_ event: Int64) throws -> Aside? {
        let rows = try query(
            """
            select payload::text, trace from lyceum.retry
            where listener = \(name) and event = \(event) and not dead
            for update skip locked
            """)
        guard rows.rowCount > 0 else { return nil }
        var row = rows.row(0)
        return Aside(payload: try row.next(), trace: try row.next())
    }

    /// What ends the transaction that delivered an event put aside.
    func finishing(_ event: Int64) -> [Statement] {
        ["delete from lyceum.retry where listener = \(name) and event = \(event)", release]
    }

    /// Gives up on an event, keeping what is known of its failure.
    func bury(_ event: Int64) throws {
        _ = try query(
            """
            update lyceum.retry set dead = true, error = coalesce(error, 'its process died with it, or its connection')
            where listener = \(name) and event = \(event)
            """)
    }

    /// Notes why an attempt failed, and lets go of the lane.
    func note(_ event: Int64, error: String, causes: String?, isDead: Bool) throws {
        _ = try pipeline([
            """
            update lyceum.retry set error = \(error), causes = \(causes)::json, dead = \(isDead)
            where listener = \(name) and event = \(event)
            """, release,
        ])
    }

    private var release: Statement {
        """
        update lyceum.cursor set holder = null, held_until = null, batch = false
        where listener = \(name) and lane = \(lane) and holder = \(ProcessToken.own.text)
        """
    }
}

extension Row {
    /// The first column of the row.
    func only<Value: SQLValue>() throws -> Value {
        var row = self
        return try row.next()
    }
}
