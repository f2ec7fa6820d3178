internal import PostgreSQL

/// A moment in the life of the log: what was committed then, as PostgreSQL sees it.
///
/// Transactions do not commit in the order in which they began, so no number says what had been committed; a snapshot does.
/// The other two make it quick to find what it did not show: a transaction that began after `xid` was given out has an id
/// greater than `xid`, and its events have ids greater than `head`; of those that had begun, few were still running.
struct LogMoment: Equatable {
    /// PostgreSQL's `pg_snapshot`.
    var snapshot: String
    /// A transaction id that was given out for the sake of this moment.
    var xid: String
    /// The last event id that was given out before `xid` was.
    var head: Int64

    /// Whether no transaction ran at the moment that might still publish.
    var isSettled: Bool {
        // `xmin:xmax:ids of those between them that were running`
        let parts = snapshot.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let end = UInt64(parts[1]), let own = UInt64(xid) else { return false }
        return parts[2].isEmpty && end >= own
    }
}

/// Where a lane of a listener is: everything that `done` shows has been delivered; of what only `target` shows, everything
/// up to `position`.
struct DeliveryCursor: Equatable {
    var done: LogMoment
    var target: LogMoment?
    var position: Int64

    /// Once everything up to its target has been delivered.
    var arrived: DeliveryCursor { DeliveryCursor(done: target ?? done, target: nil, position: 0) }
}

/// An event as it is delivered.
struct DeliveredEvent {
    let id: Int64
    let lane: Int16
    let key: String
    let payload: String
    let trace: String?
    /// Seconds since it was published.
    let age: Double
    /// An earlier event of the key has failed and waits: this one must queue behind it.
    let isBlocked: Bool
}
