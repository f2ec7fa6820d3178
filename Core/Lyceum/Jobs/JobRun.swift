/// One attempt at a job, lent to the closure that does the work.
public struct JobRun: ~Copyable {
    /// The region's database, as the job's plugin may use it; a job makes its own transactions.
    public let database: Database
    /// The id of the run, the same over all its attempts: the idempotency key for calls to other systems.
    public let id: Job.ID
    /// Which attempt this is, from 1.
    public let attempt: Int
    /// The time of the schedule that this run is for; for a queued job, the time at which it was to run.
    public let scheduledFor: Instant
    private let watch: RunWatch
    private let lease: any RunLease

    package init(
        database: Database, id: Job.ID, attempt: Int, scheduledFor: Instant, watch: RunWatch, lease: any RunLease
    ) {
        (self.database, self.id, self.attempt, self.scheduledFor) = (database, id, attempt, scheduledFor)
        (self.watch, self.lease) = (watch, lease)
    }

    /// The trace that this belongs to: what a call to another program carries on, as the header `traceparent`.
    public var trace: TraceContext? { database.trace }

    /// Where this happens.
    public var region: Region { database.runtime.region }

    /// The moment, by the injected clock.
    public var now: Instant { database.now }

    /// Says how far the work is, for `lyceum jobs`; it costs nothing, and is written about once a second.
    public func progress(_ done: Int, of total: Int) { watch.progressed(done, of: total) }

    /// Throws once the run is to end: an operator cancelled it, it took too long, or its process ends.
    ///
    /// A statement under way is cancelled by itself, and so is the task.
    public func checkCancellation() throws {
        try watch.check()
        try Task.checkCancellation()
    }

    /// The job's last unit of work: what it changes is committed together with the note that the run is done.
    ///
    /// So it happens exactly once, however often a process dies. A process whose lease has lapsed cannot commit it: the run is
    /// another's by then. What the body answers is kept as the result; what the job answers afterwards is not.
    public func completing<Outcome: Encodable & Sendable>(
        _ body: (borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome {
        try watch.check()
        let (watch, lease) = (watch, lease)
        let outcome = try await database.transaction { transaction in
            let outcome = try await body(transaction)
            // After the body, so that the run's row is locked for a moment only.
            try lease.complete(transaction.scope, result: try EventCoding.text(outcome))
            return outcome
        }
        watch.completed()
        return outcome
    }

    /// The same for a unit of work that answers nothing.
    public func completing(_ body: (borrowing Transaction) async throws -> Void) async throws {
        try watch.check()
        let (watch, lease) = (watch, lease)
        try await database.transaction { transaction in
            try await body(transaction)
            try lease.complete(transaction.scope, result: nil)
        }
        watch.completed()
    }
}

/// A run that this process holds.
package protocol RunLease: Sendable {
    /// Notes, in the transaction of the scope, that the run is done.
    ///
    /// - Throws: when the run is no longer this process's.
    func complete(_ scope: TransactionScope, result: String?) throws
}
