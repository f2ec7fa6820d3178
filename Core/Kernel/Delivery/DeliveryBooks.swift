internal import Lyceum
public import PostgreSQL

/// What an operator sees of deliveries in a region, and may do about them.
public struct DeliveryBooks {
    let connection: Connection
    private let who: Operator

    /// Opens the books over a connection that may read and write the kernel's schema; what is done is noted with who did it.
    public init(_ connection: Connection, for who: Operator = .unnamed) {
        (self.connection, self.who) = (connection, who)
    }

    /// A listener as its cursors tell.
    public struct Listener: Sendable {
        /// `courses.count-learners`.
        public let name: String
        /// The event's name, `courses.enrollment.created`.
        public let topic: String
        /// The event's major version.
        public let major: Int
        /// Both, `courses.enrollment.created v1`.
        public var event: String { "\(topic) v\(major)" }
        /// How many of its events may be delivered at a time.
        public let lanes: Int
        /// Events that it has not been given yet.
        public let behind: Int
        /// Seconds since the oldest of those was published; 0 when there is none.
        public let lag: Int
        /// Events that failed, or wait behind one that did, and will be tried again.
        public let waiting: Int
        /// Events that were given up.
        public let dead: Int
        /// Events that were given up and dropped, because nobody cared for them within `limits.deadDays`.
        public let dropped: Int
        /// Why it is given nothing, and since when; nil when it is not quarantined.
        public let quarantine: String?
    }

    /// An event that failed for a listener.
    public struct Failed: Sendable {
        /// The listener's name.
        public let listener: String
        /// The event's id.
        public let event: Int64
        /// What it is about.
        public let key: String
        /// Its data, as JSON.
        public let payload: String
        /// When it was published, in RFC 3339's form.
        public let published: String
        /// How often it was tried.
        public let attempts: Int
        /// When it is tried again, in RFC 3339's form; nil when it was given up.
        public let due: String?
        /// Why the last attempt failed; nil when it only waits behind another of its key.
        public let error: String?
        /// The last attempt's error and what caused it, the outermost first; empty where there is no error.
        public let causes: [FailureCause]
    }

    /// Where a listener goes back to.
    public enum Position: Sendable, Equatable, CustomStringConvertible {
        /// The oldest event that the log holds.
        case beginning
        /// The event of this id.
        case event(Int64)
        /// The first event published at this moment or later, in a form that PostgreSQL reads.
        case time(String)

        /// `beginning`, the event's number, or the moment as it was said.
        public var description: String {
            switch self {
            case .beginning: "beginning"
            case .event(let id): "\(id)"
            case .time(let text): text
            }
        }
    }

    /// A request that cannot be fulfilled, as a sentence.
    public struct Refusal: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
        /// Whether it is about a listener that there is not.
        let isUnknown: Bool
    }

    /// Does something and notes it, both or none of it.
    private func transaction<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        connection.role = nil
        return try connection.wholly(body)
    }

    private func query(_ statement: Statement) throws -> Result {
        connection.role = nil
        return try connection.query(statement)
    }

    /// Every listener that the region has or had, by name.
    ///
    /// - Parameter most: how many events are looked at for each lane, so that it takes no longer the more there are; nil for all.
    public func listeners(most: Int? = nil) throws -> [Listener] {
        var listeners: [Listener] = []
        for lane in try DeliveryBooks.lanes(query(DeliveryBooks.lanes(most: most))) {
            let before = listeners.last.flatMap { $0.name == lane.listener ? $0 : nil }
            if before != nil { listeners.removeLast() }
            listeners.append(
                Listener(
                    name: lane.listener, topic: lane.topic, major: lane.major, lanes: lane.lanes,
                    behind: lane.behind + (before?.behind ?? 0), lag: max(lane.lag, before?.lag ?? 0),
                    waiting: lane.waiting + (before?.waiting ?? 0), dead: lane.dead + (before?.dead ?? 0),
                    dropped: lane.dropped, quarantine: lane.quarantine))
        }
        return listeners
    }

    /// A lane of a listener as its cursor tells.
    struct Lane: Sendable {
        let listener: String
        let topic: String
        let major: Int
        let number: Int
        let lanes: Int
        let behind: Int
        let lag: Int
        let waiting: Int
        let dead: Int
        /// Whether a process is at work on it.
        let isHeld: Bool
        /// Since when and why its listener is given nothing; nil where it is not quarantined.
        let quarantine: String?
        /// How many of its listener's events were given up and dropped.
        let dropped: Int
    }

    /// The statement that tells how each lane stands, in the order of listeners and lanes.
    ///
    /// What a lane has not been given is what its `done` does not show, without that of it which is done of the round to
    /// `target`. It is found as delivery finds it (``DeliveryStore``), so that nothing is read that was delivered long ago:
    ///
    /// - transactions after `done`, by their events' ids, of which all lanes of a listener are read together (`later`);
    /// - those that ran at the moment of `done`, and of those after it that ran at `target` what lies before the position, by the
    ///   transactions' ids (`running`).
    ///
    /// - Parameters:
    ///   - listener: of which; nil for all.
    ///   - most: how many events are looked at for each lane in each of these ways, the oldest first, and how many of a listener's
    ///     that failed and of those that were given up; nil for all.
    static func lanes(of listener: String? = nil, most: Int?) -> Statement {
        // `offset 0` keeps the planner from taking one way's index for the other.
        """
        with place as materialized (
            select *, case when target is null then done_head else greatest(done_head, position) end as start
            from lyceum.cursor
            where listener = \(listener) or \(listener)::text is null
        ), heard as (
            select listener, topic, major, max(lanes) as lanes, min(start) as start,
                min(since) - interval '1 day' as since
            from place group by listener, topic, major
        ), later as (
            select place.listener, place.lane, one.at
            from heard
            cross join lateral (
                select event.id, event.xid, event.lane, event.at from lyceum.event
                where event.topic = heard.topic and event.major = heard.major and event.id > heard.start
                    and event.at >= heard.since
                order by event.id
                limit \(most)::bigint * heard.lanes) as one
            join place on place.listener = heard.listener and one.lane % place.lanes = place.lane
            where one.id > place.start and one.xid > place.done_xid and not pg_visible_in_snapshot(one.xid, place.done)
        ), running as (
            select place.listener, place.lane, one.at
            from place
            cross join lateral (
                select * from (
                    (select * from lyceum.event
                    where xid = any (array(select pg_snapshot_xip(place.done))) and at >= place.since - interval '1 day'
                    offset 0)
                    union all
                    (select * from lyceum.event
                    where xid >= pg_snapshot_xmax(place.done) and xid < place.done_xid
                        and at >= place.since - interval '1 day'
                    offset 0)
                ) as event
                where xid < place.done_xid
                union all
                select * from (
                    (select * from lyceum.event
                    where xid = any (array(select pg_snapshot_xip(place.target))) and at >= place.since - interval '1 day'
                    offset 0)
                    union all
                    (select * from lyceum.event
                    where xid >= pg_snapshot_xmax(place.target) and xid < place.target_xid
                        and at >= place.since - interval '1 day'
                    offset 0)
                ) as event
                where xid > place.done_xid and id <= place.position
                limit \(most)) as one
            where one.topic = place.topic and one.major = place.major and one.lane % place.lanes = place.lane
                and not pg_visible_in_snapshot(one.xid, place.done)
                and not coalesce(one.id <= place.position and pg_visible_in_snapshot(one.xid, place.target), false)
        ), unseen as (
            select listener, lane, count(*), min(at) as oldest
            from (select * from later union all select * from running) as one group by listener, lane
        ), failed as (
            select heard.listener, place.lane, count(*) filter (where not one.dead) as waiting,
                count(*) filter (where one.dead) as dead
            from heard
            cross join lateral (
                (select lane, dead from lyceum.retry where retry.listener = heard.listener and not dead limit \(most))
                union all
                (select lane, dead from lyceum.retry where retry.listener = heard.listener and dead limit \(most))
            ) as one
            join place on place.listener = heard.listener and one.lane % place.lanes = place.lane
            group by heard.listener, place.lane
        )
        select place.listener, place.topic, place.major, place.lane, place.lanes, coalesce(unseen.count, 0),
            coalesce(extract(epoch from clock_timestamp() - unseen.oldest), 0)::bigint,
            coalesce(failed.waiting, 0), coalesce(failed.dead, 0),
            place.holder is not null and place.held_until > clock_timestamp(),
            (select 'quarantined since ' || to_char(quarantined_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ': ' || reason
            from lyceum.listener where name = place.listener and quarantined_at is not null),
            coalesce((select dropped from lyceum.listener where name = place.listener), 0)
        from place
        left join unseen using (listener, lane)
        left join failed using (listener, lane)
        order by place.listener, place.lane
        """
    }

    static func lanes(_ result: Result) throws -> [Lane] {
        try result.map { row in
            Lane(
                listener: try row.next(), topic: try row.next(), major: try row.next(), number: try row.next(),
                lanes: try row.next(), behind: try row.next(), lag: try row.next(), waiting: try row.next(),
                dead: try row.next(), isHeld: try row.next(), quarantine: try row.next(),
                dropped: try row.next())
        }
    }

    /// The events that failed for a listener, or for all when it is nil; the oldest first, at most so many.
    public func failed(_ listener: String? = nil, event: Int64? = nil, limit: Int = 100) throws -> [Failed] {
        if let listener { try check(listener) }
        let rows = try query(
            """
            select listener, event, key, payload::text, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), attempt,
                case when not dead then to_char(due_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end, error,
                causes::text
            from lyceum.retry
            where (listener = \(listener) or \(listener)::text is null) and (event = \(event) or \(event)::bigint is null)
            order by listener, event
            limit \(limit)
            """)
        return try rows.map { row in
            Failed(
                listener: try row.next(), event: try row.next(), key: try row.next(), payload: try row.next(),
                published: try row.next(), attempts: try row.next(), due: try row.next(), error: try row.next(),
                causes: FailureStack.read(try row.next()))
        }
    }

    /// How many events failed for a listener, and are tried again or were given up.
    public func failedCount(_ listener: String) throws -> Int {
        try query("select count(*) from lyceum.retry where listener = \(listener)").row(0).only()
    }

    /// Tries a failed event, or all of a listener's, again from the first attempt on; answers how many.
    public func retry(_ listener: String, event: Int64? = nil) throws -> Int {
        try check(listener)
        return try transaction { connection in
            let count = try connection.run(
                """
                update lyceum.retry set dead = false, attempt = 0, due_at = clock_timestamp()
                where listener = \(listener) and (event = \(event) or \(event)::bigint is null)
                """)
            if count == 0, let event { throw notFailed(listener, event) }
            if count > 0 { try connection.run(who.noting(.retry, listener, event: event, count: count)) }
            return count
        }
    }

    /// Lets a listener go on without an event that failed, for good.
    ///
    /// - Parameter reason: why, for whoever asks later.
    public func skip(_ listener: String, event: Int64, reason: String? = nil) throws {
        try check(listener)
        try transaction { connection in
            // Not while a delivery puts others aside behind it.
            try connection.run("select from lyceum.cursor where listener = \(listener) order by lane for update")
            let count = try connection.run(
                "delete from lyceum.retry where listener = \(listener) and event = \(event)")
            if count == 0 { throw notFailed(listener, event) }
            try connection.run(who.noting(.skip, listener, event: event, detail: reason))
        }
    }

    /// Lets a listener begin from now, without all that it has not been given and all that failed.
    public func skipAll(_ listener: String, reason: String? = nil) throws {
        try check(listener)
        try connection.wholly { connection in
            let head: Int64 = try connection.query("select last_value from lyceum.event_id").row(0).only()
            try connection.run(
                """
                update lyceum.cursor set done = pg_current_snapshot(), done_xid = pg_current_xact_id(),
                    done_head = \(head), target = null, target_xid = null, target_head = null, position = 0
                where listener = \(listener)
                """)
            try connection.run("delete from lyceum.retry where listener = \(listener)")
            try connection.run(who.noting(.skipAll, listener, detail: reason))
        }
    }

    /// Delivers again what a listener has been given since a position.
    ///
    /// Its effects happen once more for each of these events.
    public func replay(_ listener: String, from position: Position) throws {
        try check(listener)
        let before = try before(position)
        // Of all that its present moment shows, everything beyond the position: as if it had stood there.
        try transaction { connection in
            try connection.run(
                """
                update lyceum.cursor set target = coalesce(target, done), target_xid = coalesce(target_xid, done_xid),
                    target_head = coalesce(target_head, done_head), done = '1:1:', done_xid = '0', done_head = \(before),
                    position = 0, since = '-infinity'
                where listener = \(listener)
                """)
            try connection.run(
                who.noting(.replay, listener, event: before > 0 ? before + 1 : nil, detail: "\(position)"))
        }
    }

    /// How many events a replay would deliver again, counted up to `most`.
    public func replayed(_ listener: String, from position: Position, most: Int) throws -> Int {
        try check(listener)
        let before = try before(position)
        return try query(
            """
            select count(*) from (
                select from lyceum.event join (
                    select distinct topic, major from lyceum.cursor where listener = \(listener)) as heard
                    on event.topic = heard.topic and event.major = heard.major
                where event.id > \(before)
                limit \(most)) as one
            """
        ).row(0).only()
    }

    /// The id before that of the first event of a position.
    private func before(_ position: Position) throws -> Int64 {
        switch position {
        case .beginning: 0
        case .event(let id): id - 1
        case .time(let text):
            try query(
                """
                select coalesce(min(id), (select last_value + 1 from lyceum.event_id)) - 1
                from lyceum.event where at >= \(text)::timestamptz
                """
            ).row(0).only()
        }
    }

    /// Gives a quarantined listener its events again, beginning with what it has not been given.
    public func release(_ listener: String) throws {
        try check(listener)
        try transaction { connection in
            let count = try connection.run(
                """
                update lyceum.listener set quarantined_at = null, reason = null, history = 0
                where name = \(listener) and quarantined_at is not null
                """)
            if count == 0 { throw Refusal(description: "\(listener) is not quarantined", isUnknown: false) }
            try connection.run(who.noting(.release, listener))
        }
    }

    /// Forgets a listener that no plugin has any more, with its place and what failed for it.
    public func forget(_ listener: String) throws {
        try check(listener)
        try connection.wholly { connection in
            try connection.run("delete from lyceum.retry where listener = \(listener)")
            try connection.run("delete from lyceum.cursor where listener = \(listener)")
            try connection.run("delete from lyceum.listener where name = \(listener)")
            try connection.run(who.noting(.forget, listener))
        }
    }

    /// Sets the log right after the database was restored from a dump; answers how many deliveries were still to be made.
    ///
    /// Nothing may serve the region meanwhile.
    public func rebase() throws -> Int {
        try transaction { connection in
            try connection.run("select lyceum.audit_rebase()")
            let count: Int = try connection.query("select lyceum.rebase()").row(0).only()
            let listeners = try connection.query("select distinct listener from lyceum.cursor order by listener")
            for var row in listeners { try connection.run(who.noting(.rebase, try row.next())) }
            return count
        }
    }

    private func check(_ listener: String) throws {
        let rows = try query("select distinct listener from lyceum.cursor order by listener")
        let names: [String] = try rows.map { row in try row.next() }
        guard !names.contains(listener) else { return }
        let hint =
            nearest(listener, names).map { "did you mean \"\($0)\"?" }
            ?? (names.isEmpty ? "the region has none" : "there are \(names.joined(separator: ", "))")
        throw Refusal(description: "there is no listener \"\(listener)\" here; \(hint)", isUnknown: true)
    }

    private func notFailed(_ listener: String, _ event: Int64) -> Refusal {
        Refusal(
            description: "event \(event) has not failed for \(listener); `lyceum deliveries show` lists what has",
            isUnknown: false)
    }
}
