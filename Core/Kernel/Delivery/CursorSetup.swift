internal import Lyceum
internal import PostgreSQL

/// A listener that hears another event than its place in the log is about, so that it would lose what it was not given yet.
struct ListenerMoved: Error, CustomStringConvertible {
    let name: String
    let hears: String
    /// The event of its cursors, `courses.enrollment.created v1`.
    let place: String

    var description: String {
        """
        the listener \(name) hears \(hears) now, but its place here is one among \(place); give it another name and keep the \
        old one beside it until that has been given everything; or give up what it was not given: disable its plugin, and \
        `lyceum deliveries forget --region REGION \(name) --yes`
        """
    }
}

/// Gives a listener its cursors, one for each of its lanes.
struct CursorSetup {
    let connection: Connection

    /// Makes what is missing; answers how many lanes the listener has in the database.
    ///
    /// A new listener begins where it says. Where the number of lanes has changed, what the old ones had not delivered is put
    /// aside, in order, and the new ones begin from now; while another process is at work on one, that waits.
    ///
    /// - Throws: ``ListenerMoved`` where its cursors are about another event or major version.
    func settle(
        _ name: String, plugin: String, topic: String, major: Int, start: Listener.Start, lanes: Int
    ) throws -> Int {
        connection.role = nil
        let found = try connection.query(
            "select lanes, topic || ' v' || major from lyceum.cursor where listener = \(name) order by lane")
        let present: [Int] = try found.map { row in
            let (count, place): (Int, String) = (try row.next(), try row.next())
            guard place == "\(topic) v\(major)" else {
                throw ListenerMoved(name: name, hears: "\(topic) v\(major)", place: place)
            }
            return count
        }
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
                if let before = try before(start) { moment = LogMoment(snapshot: "1:1:", xid: "0", head: before) }
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
                        and event.id > case when cursor.done_xid = '0' then cursor.done_head else 0 end
                        and not pg_visible_in_snapshot(event.xid, cursor.done)
                        and not coalesce(
                            event.id <= cursor.position and pg_visible_in_snapshot(event.xid, cursor.target), false)
                        and pg_visible_in_snapshot(event.xid, \(snapshot)::pg_snapshot)
                    where cursor.listener = \(name)
                    order by event.id
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

    /// The id before that of the first event that a new listener is given; nil where it begins from now.
    private func before(_ start: Listener.Start) throws -> Int64? {
        switch start {
        case .now: nil
        case .beginning: 0
        case .event(let id): id - 1
        case .time(let moment):
            try connection.query(
                """
                select coalesce(min(id), (select last_value + 1 from lyceum.event_id)) - 1
                from lyceum.event where at >= \(moment)
                """
            ).row(0).only()
        }
    }
}
