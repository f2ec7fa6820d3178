internal import Lyceum
public import PostgreSQL

/// What an operator sees of deliveries in a region, and may do about them.
public struct DeliveryBooks {
    private let connection: Connection

    /// Opens the books over a connection that may read and write the kernel's schema.
    public init(_ connection: Connection) { self.connection = connection }

    /// A listener as its cursors tell.
    public struct Listener: Sendable {
        /// `courses.count-learners`.
        public let name: String
        /// The event's name and major version, `courses.enrollment.created v1`.
        public let event: String
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
    public enum Position: Sendable, Equatable {
        /// The oldest event that the log holds.
        case beginning
        /// The event of this id.
        case event(Int64)
        /// The first event published at this moment or later, in a form that PostgreSQL reads.
        case time(String)
    }

    /// A request that cannot be fulfilled, as a sentence.
    public struct Refusal: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    private func query(_ statement: Statement) throws -> Result {
        connection.role = nil
        return try connection.query(statement)
    }

    /// Every listener that the region has or had, by name.
    public func listeners() throws -> [Listener] {
        let rows = try query(
            """
            select cursor.listener, cursor.topic || ' v' || cursor.major, count(*), sum(unseen.count)::bigint,
                coalesce(max(extract(epoch from clock_timestamp() - unseen.oldest)), 0)::bigint,
                (select count(*) from lyceum.retry where retry.listener = cursor.listener and not dead),
                (select count(*) from lyceum.retry where retry.listener = cursor.listener and dead),
                (select 'quarantined since ' || to_char(quarantined_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ': ' || reason
                from lyceum.listener where name = cursor.listener and quarantined_at is not null)
            from lyceum.cursor, lateral (
                select count(*), min(event.at) as oldest from lyceum.event
                where event.topic = cursor.topic and event.major = cursor.major
                    and event.lane % cursor.lanes = cursor.lane
                    and event.at >= cursor.since - interval '1 day'
                    and not pg_visible_in_snapshot(event.xid, cursor.done)
                    and not coalesce(
                        event.id <= cursor.position and pg_visible_in_snapshot(event.xid, cursor.target), false)
            ) as unseen
            group by cursor.listener, cursor.topic, cursor.major
            order by cursor.listener
            """)
        return try rows.map { row in
            Listener(
                name: try row.next(), event: try row.next(), lanes: try row.next(), behind: try row.next(),
                lag: try row.next(), waiting: try row.next(), dead: try row.next(), quarantine: try row.next())
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

    /// Tries a failed event, or all of a listener's, again from the first attempt on; answers how many.
    public func retry(_ listener: String, event: Int64? = nil) throws -> Int {
        try check(listener)
        let count = try query(
            """
            update lyceum.retry set dead = false, attempt = 0, due_at = clock_timestamp()
            where listener = \(listener) and (event = \(event) or \(event)::bigint is null)
            """
        ).affectedRows
        if count == 0, let event { throw notFailed(listener, event) }
        return count
    }

    /// Lets a listener go on without an event that failed, for good.
    public func skip(_ listener: String, event: Int64) throws {
        try check(listener)
        let count = try query("delete from lyceum.retry where listener = \(listener) and event = \(event)").affectedRows
        if count == 0 { throw notFailed(listener, event) }
    }

    /// Lets a listener begin from now, without all that it has not been given and all that failed.
    public func skipAll(_ listener: String) throws {
        try check(listener)
        try connection.transaction { connection in
            let head: Int64 = try connection.query("select last_value from lyceum.event_id").row(0).only()
            try connection.run(
                """
                update lyceum.cursor set done = pg_current_snapshot(), done_xid = pg_current_xact_id(),
                    done_head = \(head), target = null, target_xid = null, target_head = null, position = 0
                where listener = \(listener)
                """)
            try connection.run("delete from lyceum.retry where listener = \(listener)")
        }
    }

    /// Delivers again what a listener has been given since a position.
    ///
    /// Its effects happen once more for each of these events.
    public func replay(_ listener: String, from position: Position) throws {
        try check(listener)
        let before: Int64 =
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
        // Of all that its present moment shows, everything beyond the position: as if it had stood there.
        _ = try query(
            """
            update lyceum.cursor set target = coalesce(target, done), target_xid = coalesce(target_xid, done_xid),
                target_head = coalesce(target_head, done_head), done = '1:1:', done_xid = '0', done_head = \(before),
                position = 0, since = '-infinity'
            where listener = \(listener)
            """)
    }

    /// Gives a quarantined listener its events again, beginning with what it has not been given.
    public func release(_ listener: String) throws {
        try check(listener)
        let count = try query(
            """
            update lyceum.listener set quarantined_at = null, reason = null, history = 0
            where name = \(listener) and quarantined_at is not null
            """
        ).affectedRows
        if count == 0 { throw Refusal(description: "\(listener) is not quarantined") }
    }

    /// Forgets a listener that no plugin has any more, with its place and what failed for it.
    public func forget(_ listener: String) throws {
        try check(listener)
        try connection.transaction { connection in
            try connection.run("delete from lyceum.retry where listener = \(listener)")
            try connection.run("delete from lyceum.cursor where listener = \(listener)")
            try connection.run("delete from lyceum.listener where name = \(listener)")
        }
    }

    /// Sets the log right after the database was restored from a dump; answers how many deliveries were still to be made.
    ///
    /// Nothing may serve the region meanwhile.
    public func rebase() throws -> Int { try query("select lyceum.rebase()").row(0).only() }

    private func check(_ listener: String) throws {
        let rows = try query("select distinct listener from lyceum.cursor order by listener")
        let names: [String] = try rows.map { row in try row.next() }
        guard !names.contains(listener) else { return }
        let hint =
            nearest(listener, names).map { "did you mean \"\($0)\"?" }
            ?? (names.isEmpty ? "the region has none" : "there are \(names.joined(separator: ", "))")
        throw Refusal(description: "there is no listener \"\(listener)\" here; \(hint)")
    }

    private func notFailed(_ listener: String, _ event: Int64) -> Refusal {
        Refusal(description: "event \(event) has not failed for \(listener); `lyceum deliveries show` lists what has")
    }
}
