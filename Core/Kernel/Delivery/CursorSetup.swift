internal import Lyceum
internal import PostgreSQL

/// Gives a listener its cursors, one for each of its lanes.
struct CursorSetup {
    let connection: Connection

    /// Makes what is missing; answers how many lanes the listener has in the database.
    ///
    /// A new listener begins where it says. Where the number of lanes has changed, what the old ones had not delivered is put
    /// aside, in order, and the new ones begin from now; while another process is at work on one, that waits.
    func settle(
        _ name: String, plugin: String, topic: String, major: Int, start: Listener.Start, lanes: Int
    ) throws -> Int {
        connection.role = nil
        let found = try connection.query("select lanes from lyceum.cursor where listener = \(name) order by lane")
        let present: [Int] = try (0..<found.rowCount).map { try found.row($0).only() }
        if present.count == lanes, present.allSatisfy({ $0 == lanes }) { return lanes }
        // Before the moment's own transaction id is given out.
        let head: Int64 = try connection.query("select last_value from lyceum.event_id").row(0).only()
        try connection.begin()
        do {
            let locked = try connection.query(
                "select from lyceum.cursor where listener = \(name) for update skip locked")
            guard locked.rowCount == present.count else {
                connection.rollback()
                return present.first ?? lanes
            }
            let xid: String = try connection.query("select pg_current_xact_id()::text").row(0).only()
            let snapshot: String = try connection.query("select pg_current_snapshot()::text").row(0).only()
            var moment = LogMoment(snapshot: snapshot, xid: xid, head: head)
            if present.isEmpty {
                // A moment before all events.
                if start == .beginning { moment = LogMoment(snapshot: "1:1:", xid: "0", head: 0) }
            } else {
                try connection.run(
                    """
                    insert into lyceum.retry (listener, event, lane, key, payload, trace, at, attempt, due_at)
                    select cursor.listener, event.id, event.lane, event.key, event.payload, event.trace, event.at, 0,
                        clock_timestamp()
                    from lyceum.cursor join lyceum.event
                        on event.topic = cursor.topic and event.major = cursor.major
                        and event.lane % cursor.lanes = cursor.lane
                        and event.at >= cursor.since - interval '1 day'
                        and not pg_visible_in_snapshot(event.xid, cursor.done)
                        and not coalesce(
                            event.id <= cursor.position and pg_visible_in_snapshot(event.xid, cursor.target), false)
                        and pg_visible_in_snapshot(event.xid, \(snapshot)::pg_snapshot)
                    where cursor.listener = \(name)
                    on conflict (listener, event) do nothing
                    """)
            }
            try connection.run("delete from lyceum.cursor where listener = \(name)")
            try connection.run(
                """
                insert into lyceum.cursor (listener, lane, lanes, plugin, topic, major, done, done_xid, done_head)
                select \(name), lane, \(lanes), \(plugin), \(topic), \(major), \(moment.snapshot)::pg_snapshot,
                    \(moment.xid)::xid8, \(moment.head)
                from generate_series(0, \(lanes - 1)) as lane
                on conflict (listener, lane) do nothing
                """)
            try connection.commit()
        } catch {
            connection.rollback()
            throw error
        }
        return lanes
    }
}
