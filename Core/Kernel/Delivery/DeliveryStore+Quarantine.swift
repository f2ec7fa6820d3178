internal import Lyceum
internal import PostgreSQL

/// Process deaths, each counted once for a listener, and the quarantine that comes of too many.
extension DeliveryStore {
    /// Of so many attempts it is known how they ended.
    static let remembered = 20
    private static let mask: Int64 = 1 << remembered - 1

    /// Takes a lane from a process that died over it, and counts that against its listener unless somebody else is to blame.
    ///
    /// - Returns: the listener's history; nil when somebody else was first, or is at work after all.
    func mourn(_ holder: String, counts: Bool) throws -> Int64? {
        let rows = try query(
            """
            with freed as (
                update lyceum.cursor set holder = null, held_until = null
                where (listener, lane) = (
                    select listener, lane from lyceum.cursor
                    where listener = \(name) and lane = \(lane) and lanes = \(lanes) and holder = \(holder)
                    for update skip locked)
                returning listener
            ), counted as (
                insert into lyceum.listener as known (name, history, last_death)
                select listener, 1, \(holder) from freed where \(counts)
                on conflict (name) do update
                set history = case when known.last_death is distinct from excluded.last_death
                        then known.history << 1 & \(Self.mask) | 1 else known.history end,
                    last_death = excluded.last_death
                returning history
            )
            select coalesce(
                (select history from counted), (select history from lyceum.listener where name = \(name)), 0)
            from freed
            """)
        return rows.rowCount > 0 ? try rows.row(0).only() : nil
    }

    /// Notes that an attempt did not end with its process, for a listener of which others did.
    func survive() throws {
        _ = try query("update lyceum.listener set history = history << 1 & \(Self.mask) where name = \(name)")
    }

    /// Gives the listener nothing any more until an operator releases it; false when that is so already.
    func quarantine(_ reason: String) throws -> Bool {
        try query(
            """
            update lyceum.listener set quarantined_at = clock_timestamp(), reason = \(reason)
            where name = \(name) and quarantined_at is null
            """
        ).affectedRows > 0
    }
}
