internal import PostgreSQL

/// Looks after the partitions of the event log.
struct LogKeeper {
    let connection: Connection

    /// Makes the partitions of this week and the next, drops those that are older than so many days and hold nothing
    /// that a listener still has to see, and names what it dropped.
    func keep(days: Int) throws -> [String] {
        connection.role = nil
        // A partition takes a lock that publishers wait for; rather than let them queue behind it, it is tried another time.
        return try connection.transaction(retry: Retry(tries: 5, pause: .milliseconds(200), longest: .seconds(2))) {
            try $0.run("select set_config('lock_timeout', '250ms', true)")
            try $0.run("select lyceum.prepare_event_partitions(1)")
            let dropped = try $0.query("select lyceum.drop_event_partitions(\(days))")
            return try (0..<dropped.rowCount).map { try dropped.row($0).only() }
        }
    }

    /// A sentence for each listener for whose sake older events are kept.
    func leftBehind(days: Int) throws -> [String] {
        connection.role = nil
        let rows = try connection.query(
            """
            select listener, extract(days from clock_timestamp() - min(since))::integer from lyceum.cursor
            where since < clock_timestamp() - \(days) * interval '1 day' - interval '8 days'
            group by listener order by listener
            """)
        return try (0..<rows.rowCount).map { index in
            var row = rows.row(index)
            let (name, age): (String, Int?) = (try row.next(), try row.next())
            let what = age.map { "events of \($0) days are" } ?? "every event is"
            return "\(what) kept for \(name), which has not seen them; skip it with `lyceum deliveries skip --all`"
        }
    }
}
