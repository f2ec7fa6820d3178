internal import PostgreSQL

/// Looks after the event log of a region, in transactions of their own, so that none of them undoes another.
struct LogKeeper {
    let connection: Connection

    /// How many events are dropped in one transaction.
    private static let chunk = 10_000

    /// Makes the partitions of this week and the next.
    func prepare() throws { _ = try briefly { try $0.query("select lyceum.prepare_event_partitions(1)") } }

    /// Drops the partitions that are older than so many days and hold nothing that a listener still has to see, and such events
    /// of weeks that had no partition; answers sentences about it.
    func drop(days: Int) throws -> [String] {
        let names: [String] = try briefly {
            try $0.query("select lyceum.drop_event_partitions(\(days))").map { row in try row.next() }
        }
        var sentences = names.map { "dropped the log's partition \($0), older than \(days) days" }
        var (total, last) = (0, LogKeeper.chunk)
        while last == LogKeeper.chunk {
            connection.role = nil
            last = try connection.query("select lyceum.drop_rest_events(\(days), \(LogKeeper.chunk))").row(0).only()
            total += last
        }
        if total > 0 { sentences.append("dropped \(total) events that had no partition, older than \(days) days") }
        return sentences
    }

    /// Drops events that were given up for a listener more than so many days ago, and counts them; answers sentences about it.
    func dropDead(days: Int) throws -> [String] {
        var dropped: [String: Int] = [:]
        var last = LogKeeper.chunk
        while last == LogKeeper.chunk {
            connection.role = nil
            // One that was given up is due no more; that time is of its last attempt, or at most a day later.
            let rows = try connection.query(
                """
                with gone as (
                    delete from lyceum.retry where (listener, event) in (
                        select listener, event from lyceum.retry
                        where dead and due_at < clock_timestamp() - \(days) * interval '1 day'
                        limit \(LogKeeper.chunk))
                        and dead
                    returning listener
                )
                insert into lyceum.listener as known (name, dropped) select listener, count(*) from gone group by listener
                on conflict (name) do update set dropped = known.dropped + excluded.dropped
                returning name, (select count(*) from gone where gone.listener = name)
                """)
            last = 0
            for var row in rows {
                let (name, count): (String, Int) = (try row.next(), try row.next())
                dropped[name, default: 0] += count
                last += count
            }
        }
        return dropped.sorted { $0.key < $1.key }.map { name, count in
            """
            dropped \(count) \(count == 1 ? "event" : "events") that \(name) failed for and that nobody retried or skipped \
            within the \(days) days of limits.deadDays
            """
        }
    }

    /// A partition takes a lock that publishers wait for; rather than let them queue behind it, it is tried another time.
    private func briefly<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        connection.role = nil
        return try connection.transaction(retry: Retry(tries: 5, pause: .milliseconds(200), longest: .seconds(2))) {
            try $0.run("select set_config('lock_timeout', '250ms', true)")
            return try body($0)
        }
    }

    /// Lets events be tried again that wait for nothing any more.
    ///
    /// What waited for another is let go when that is gone; this is for what two transactions at the same time may have missed.
    func unblock() throws {
        connection.role = nil
        try connection.run(
            """
            update lyceum.retry set behind = false
            where behind and not dead and not exists (
                select from lyceum.retry as earlier
                where earlier.listener = retry.listener and earlier.key = retry.key and earlier.event < retry.event
                    and not earlier.dead)
            """)
    }

    /// A sentence for each listener for whose sake older events are kept.
    func leftBehind(days: Int) throws -> [String] {
        connection.role = nil
        // `mark` tells since when it has not come further, also of one that begins at the beginning.
        let rows = try connection.query(
            """
            select listener,
                case when isfinite(min(since)) then extract(days from clock_timestamp() - min(since))::integer end
            from lyceum.cursor
            where since < clock_timestamp() - \(days) * interval '1 day' - interval '8 days'
                and mark < clock_timestamp() - \(days) * interval '1 day' - interval '8 days'
            group by listener order by listener
            """)
        return try rows.map { row in
            let (name, age): (String, Int?) = (try row.next(), try row.next())
            let what = age.map { "events of \($0) days are" } ?? "every event is"
            return "\(what) kept for \(name), which has not seen them; skip it with `lyceum deliveries skip --all`"
        }
    }
}
