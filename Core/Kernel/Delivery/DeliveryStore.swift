internal import PostgreSQL

/// The statements of delivery, on one connection and as the kernel.
struct DeliveryStore {
    /// Where a listener is: everything visible in `done` has been seen; of what became visible until `target`, everything up
    /// to `position`.
    struct Cursor: Equatable {
        var done: String
        var target: String?
        var position: Int64
    }
    struct Waiting {
        let id: Int64
        let key: String
        let payload: String
        /// An earlier event of the key has failed and waits: this one must queue behind it.
        let isBlocked: Bool
    }
    struct Failed {
        let event: Int64
        let attempt: Int
    }

    let connection: Connection

    private func query(_ statement: Statement) throws -> Result {
        connection.role = nil
        return try connection.query(statement)
    }

    func snapshot() throws -> String {
        try query("select pg_current_snapshot()::text").row(0).only()
    }

    /// Makes the cursor of a listener that has none: it begins from now.
    func ensureCursor(_ name: String, plugin: String, topic: String, major: Int) throws {
        _ = try query(
            """
            insert into lyceum.cursor (listener, plugin, topic, major, done)
            values (\(name), \(plugin), \(topic), \(major), pg_current_snapshot())
            on conflict (listener) do nothing
            """)
    }

    /// The cursor, locked until the transaction ends when `locking`; nil while another process holds it.
    func cursor(_ name: String, locking: Bool) throws -> Cursor? {
        let rows =
            locking
            ? try query(
                """
                select done::text, target::text, position from lyceum.cursor where listener = \(name)
                for update skip locked
                """)
            : try query("select done::text, target::text, position from lyceum.cursor where listener = \(name)")
        guard rows.rowCount > 0 else { return nil }
        var row = rows.row(0)
        return Cursor(done: try row.next(), target: try row.next(), position: try row.next())
    }

    /// Notes, before anything else and committed by itself, that a batch begins; answers how many have begun without ending.
    func claim(_ name: String) throws -> Int {
        let rows = try query(
            "update lyceum.cursor set claims = claims + 1 where listener = \(name) returning claims")
        return rows.rowCount > 0 ? try rows.row(0).only() : 0
    }

    /// What became visible between two snapshots, in the order of ids.
    ///
    /// Ids alone would lose events, because transactions do
    /// not commit in the order in which they took their ids; the difference of snapshots misses none and shows none twice.
    func events(
        _ name: String, topic: String, major: Int, done: String, target: String, after position: Int64, limit: Int
    ) throws -> [Waiting] {
        let rows = try query(
            """
            select event.id, event.key, event.payload::text, exists (
                select from lyceum.retry
                where retry.listener = \(name) and retry.key = event.key and not retry.dead)
            from lyceum.event
            where event.topic = \(topic) and event.major = \(major) and event.id > \(position)
              and (event.xid = any (array(select pg_snapshot_xip(\(done)::pg_snapshot)))
                or event.xid >= pg_snapshot_xmax(\(done)::pg_snapshot)
                  and event.xid < pg_snapshot_xmax(\(target)::pg_snapshot))
              and pg_visible_in_snapshot(event.xid, \(target)::pg_snapshot)
            order by event.id
            limit \(limit)
            """)
        return try (0..<rows.rowCount).map { index in
            var row = rows.row(index)
            return Waiting(id: try row.next(), key: try row.next(), payload: try row.next(), isBlocked: try row.next())
        }
    }

    /// Forgets claims whose process lives on.
    func unclaim(_ name: String) throws {
        _ = try query("update lyceum.cursor set claims = 0 where listener = \(name)")
    }

    /// Moves a cursor that is still where it was read; answers whether it was.
    func move(_ name: String, from read: Cursor, to cursor: Cursor) throws -> Bool {
        try query(
            """
            update lyceum.cursor
            set done = \(cursor.done)::pg_snapshot, target = \(cursor.target)::pg_snapshot,
                position = \(cursor.position), claims = 0
            where listener = \(name) and done::text = \(read.done) and target::text is not distinct from \(read.target)
              and position = \(read.position)
            """
        ).affectedRows > 0
    }

    /// Puts an event aside, to be tried by itself.
    func putAside(_ name: String, _ event: Waiting, attempt: Int, error: String?, delay: Double) throws {
        _ = try query(
            """
            insert into lyceum.retry (listener, event, key, attempt, due_at, error)
            values (\(name), \(event.id), \(event.key), \(attempt),
                    clock_timestamp() + \(delay) * interval '1 second', \(error))
            on conflict (listener, event) do nothing
            """)
    }

    /// The next event put aside whose time has come and that is the first of its key.
    func due(_ name: String) throws -> Failed? {
        let rows = try query(
            """
            select event, attempt from lyceum.retry
            where listener = \(name) and not dead and due_at <= clock_timestamp() and not exists (
                select from lyceum.retry as earlier
                where earlier.listener = retry.listener and earlier.key = retry.key
                  and earlier.event < retry.event and not earlier.dead)
            order by event
            limit 1
            """)
        guard rows.rowCount > 0 else { return nil }
        var row = rows.row(0)
        return Failed(event: try row.next(), attempt: try row.next())
    }

    /// Counts an attempt before it is made, so that one that kills the process is counted too.
    func begin(_ name: String, _ event: Int64, attempt: Int, delay: Double) throws {
        _ = try query(
            """
            update lyceum.retry
            set attempt = \(attempt), due_at = clock_timestamp() + \(delay) * interval '1 second'
            where listener = \(name) and event = \(event)
            """)
    }

    /// The payload of an event put aside, its row locked; nil when it is no longer there.
    func takeAside(_ name: String, _ event: Int64) throws -> String? {
        let rows = try query(
            """
            select event.payload::text from lyceum.retry join lyceum.event on event.id = retry.event
            where retry.listener = \(name) and retry.event = \(event) and not retry.dead
            for update of retry skip locked
            """)
        return rows.rowCount > 0 ? try rows.row(0).only() : nil
    }

    func finish(_ name: String, _ event: Int64) throws {
        _ = try query("delete from lyceum.retry where listener = \(name) and event = \(event)")
    }

    /// Gives up on an event, keeping what is known of its failure.
    func bury(_ name: String, _ event: Int64) throws {
        _ = try query(
            """
            update lyceum.retry set dead = true, error = coalesce(error, 'its process died with it, or its connection')
            where listener = \(name) and event = \(event)
            """)
    }

    func note(_ name: String, _ event: Int64, error: String, isDead: Bool) throws {
        _ = try query(
            """
            update lyceum.retry set error = \(error), dead = \(isDead)
            where listener = \(name) and event = \(event)
            """)
    }
}

extension Row {
    /// The first column of the row.
    func only<Value: SQLValue>() throws -> Value {
        var row = self
        return try row.next()
    }
}
