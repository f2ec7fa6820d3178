internal import Lyceum
internal import PostgreSQL

/// Delivers to one listener in one region.
///
/// A batch is one transaction: the listener's effects and the cursor's move commit together. States:
///
///     batch -> committed                      the usual way
///     batch -> failed -> singles              rolled back, then event by event; the one that fails is put aside
///     batch -> process died -> put aside      the next process finds the claim and tries each event by itself
///     put aside -> attempt counted -> done | failed … -> dead
final class ListenerDelivery {
    enum Step { case idle, worked }

    /// For tests that show that the tests notice: an order of work that loses events.
    enum Mutant: Sendable { case none, cursorFirst }

    /// What is delivered next, read without a lock: the events, where the cursor was read, and where it goes from.
    private struct Batch {
        let events: [DeliveryStore.Waiting]
        let read: DeliveryStore.Cursor
        let start: DeliveryStore.Cursor
        let limit: Int

        /// Where the cursor is once all of it is done.
        ///
        /// A batch that is not full was all there is until its target.
        var end: DeliveryStore.Cursor {
            if events.count < limit, let target = start.target {
                return DeliveryStore.Cursor(done: target, target: nil, position: 0)
            }
            return DeliveryStore.Cursor(
                done: start.done, target: start.target, position: events.last?.id ?? start.position)
        }
    }

    let name: String
    private let plugin: String
    private let topic: String
    private let major: Int
    private let listener: PreparedListener
    private let database: Database
    private let schedule: RetrySchedule
    private let mutant: Mutant
    private let log: Log
    /// How many events are still to be taken one by one, after a batch failed.
    private var singles = 0
    /// A claim of this process is left over from a batch that failed without the process dying.
    private var mustUnclaim = false
    /// When an idle cursor was last moved on.
    private var rested = Metrics.clock()

    static let batch = 100
    /// How often an idle cursor moves on, in microseconds: what it has passed need not be looked at again.
    private static let rest: UInt64 = 10_000_000

    init(
        _ prepared: DeclaredListener, database: Database, schedule: RetrySchedule, mutant: Mutant, log: Log
    ) {
        (name, plugin, topic, major) = (prepared.name, prepared.plugin, prepared.topic, prepared.major)
        listener = prepared.prepared
        (self.database, self.schedule, self.mutant, self.log) = (database, schedule, mutant, log)
    }

    func ensureCursor(_ connection: Connection) throws {
        try DeliveryStore(connection: connection).ensureCursor(name, plugin: plugin, topic: topic, major: major)
    }

    /// Delivers a batch, or one event put aside, if there is any.
    func step(_ connection: Connection) async throws -> Step {
        let store = DeliveryStore(connection: connection)
        let retried = try await retryOne(store)
        if mustUnclaim {
            try store.unclaim(name)
            mustUnclaim = false
        }
        guard let batch = try next(store, limit: singles > 0 ? 1 : ListenerDelivery.batch) else { return retried }
        let unfinished = try store.claim(name)
        guard unfinished <= 1 else {
            log.write(
                region: database.runtime.region.id, plugin: plugin,
                "a delivery to \(name) never ended; its events are tried one by one")
            try putAside(batch, store)
            return .worked
        }
        mustUnclaim = true
        do {
            mustUnclaim = try await !deliver(batch, store)
            if singles > 0 { singles -= 1 }
        } catch let error as DatabaseError where error.isUnavailable {
            connection.rollback()
            throw error
        } catch {
            connection.rollback()
            if batch.limit > 1 { singles = batch.events.count } else { try fail(batch, store, error) }
        }
        return .worked
    }

    /// The next events; nil when there are none.
    ///
    /// The snapshot is taken outside of the transaction that delivers: one that has written is left out of its own snapshots,
    /// so that events which the listener itself emits would count as seen.
    private func next(_ store: DeliveryStore, limit: Int) throws -> Batch? {
        guard let read = try store.cursor(name, locking: false) else { return nil }
        var start = read
        func events(until target: String) throws -> [DeliveryStore.Waiting] {
            try store.events(
                name, topic: topic, major: major, done: start.done, target: target, after: start.position, limit: limit)
        }
        if let target = start.target {
            let found = try events(until: target)
            if !found.isEmpty { return Batch(events: found, read: read, start: start, limit: limit) }
            start = DeliveryStore.Cursor(done: target, target: nil, position: 0)
        }
        let target = try store.snapshot()
        start.target = target
        let found = try events(until: target)
        guard found.isEmpty else { return Batch(events: found, read: read, start: start, limit: limit) }
        let now = Metrics.clock()
        if now - rested > ListenerDelivery.rest {
            rested = now
            _ = try store.move(name, from: read, to: DeliveryStore.Cursor(done: target, target: nil, position: 0))
        }
        return nil
    }

    /// Runs the listener on each event and moves the cursor, all in one transaction; false when somebody else has moved it.
    private func deliver(_ batch: Batch, _ store: DeliveryStore) async throws -> Bool {
        let connection = store.connection
        try connection.begin()
        guard try store.cursor(name, locking: true) == batch.read else {
            connection.rollback()
            return false
        }
        if mutant == .cursorFirst {
            _ = try store.move(name, from: batch.read, to: batch.end)
            try connection.commit()
            try connection.begin()
        }
        let scope = TransactionScope(database, connection)
        for event in batch.events {
            guard !event.isBlocked else {
                try store.putAside(name, event, attempt: 0, error: nil, delay: 0)
                continue
            }
            try await handle(event.id, event.payload, scope)
        }
        if mutant != .cursorFirst { _ = try store.move(name, from: batch.read, to: batch.end) }
        try connection.commit()
        return true
    }

    private func handle(_ event: Int64, _ payload: String, _ scope: TransactionScope) async throws {
        scope.causation = event
        database.act(as: plugin)
        try await listener.handle(payload, Transaction(scope))
        try scope.flush()
    }

    /// Nobody knows which event of the batch ended the process: each is tried by itself.
    private func putAside(_ batch: Batch, _ store: DeliveryStore) throws {
        try transaction(store.connection) {
            guard try store.cursor(name, locking: true) == batch.read else { return }
            for event in batch.events { try store.putAside(name, event, attempt: 0, error: nil, delay: 0) }
            _ = try store.move(name, from: batch.read, to: batch.end)
        }
    }

    /// A single event failed: it is put aside, and the cursor goes on.
    private func fail(_ batch: Batch, _ store: DeliveryStore, _ error: any Error) throws {
        guard let event = batch.events.first else { return }
        let delay = schedule.delay(after: 1, chance: Double.random(in: 0..<1))
        try transaction(store.connection) {
            guard try store.cursor(name, locking: true) == batch.read else { return }
            try store.putAside(name, event, attempt: 1, error: "\(error)", delay: delay)
            _ = try store.move(name, from: batch.read, to: batch.end)
        }
        log.write(
            region: database.runtime.region.id, plugin: plugin,
            "\(name) failed on event \(event.id), to be tried again in \(Int(delay.rounded(.up))) s: \(error)")
    }

    private func retryOne(_ store: DeliveryStore) async throws -> Step {
        guard let failed = try store.due(name) else { return .idle }
        guard failed.attempt < schedule.attempts else {
            // The last attempt ended with its process or its connection, so that nobody was left to say so.
            try store.bury(name, failed.event)
            return .worked
        }
        let attempt = failed.attempt + 1
        let delay = schedule.delay(after: attempt, chance: Double.random(in: 0..<1))
        try store.begin(name, failed.event, attempt: attempt, delay: delay)
        let connection = store.connection
        do {
            try connection.begin()
            guard let payload = try store.takeAside(name, failed.event) else {
                connection.rollback()
                return .worked
            }
            try await handle(failed.event, payload, TransactionScope(database, connection))
            try store.finish(name, failed.event)
            try connection.commit()
        } catch let error as DatabaseError where error.isUnavailable {
            connection.rollback()
            throw error
        } catch {
            connection.rollback()
            let isDead = attempt >= schedule.attempts
            try store.note(name, failed.event, error: "\(error)", isDead: isDead)
            log.write(
                region: database.runtime.region.id, plugin: plugin,
                isDead
                    ? "\(name) failed on event \(failed.event) for the last time (attempt \(attempt)): \(error)"
                    : "\(name) failed on event \(failed.event) (attempt \(attempt)): \(error)")
        }
        return .worked
    }

    private func transaction(_ connection: Connection, _ body: () throws -> Void) throws {
        try connection.begin()
        do {
            try body()
            connection.role = nil
            try connection.commit()
        } catch {
            connection.rollback()
            throw error
        }
    }
}
