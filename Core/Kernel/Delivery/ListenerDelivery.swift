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

    static let batch = 100

    init(
        _ declared: Listener, plugin: String, database: Database, schedule: RetrySchedule, mutant: Mutant, log: Log
    ) throws {
        name = "\(plugin).\(declared.id)"
        (self.plugin, topic, major) = (plugin, declared.topic, declared.major)
        (self.database, self.schedule, self.mutant, self.log) = (database, schedule, mutant, log)
        listener = try declared.prepare(Book())
    }

    func ensureCursor(_ connection: Connection) throws {
        try DeliveryStore(connection: connection).ensureCursor(name, plugin: plugin, topic: topic, major: major)
    }

    /// Delivers a batch, or one event put aside, if there is any.
    func step(_ connection: Connection) async throws -> Step {
        let store = DeliveryStore(connection: connection)
        let retried = try await retryOne(store)
        let limit = singles > 0 ? 1 : ListenerDelivery.batch
        guard try pending(store, limit: 1) != nil else { return retried }
        let unfinished = try store.claim(name)
        guard unfinished <= 1 else {
            log.write(
                region: database.runtime.region.id, plugin: plugin,
                "a delivery to \(name) never ended; its events are tried one by one")
            try transaction(connection) { try putAll(store) }
            return .worked
        }
        do {
            try await deliver(store, limit: limit)
            if singles > 0 { singles -= 1 }
        } catch let error as DatabaseError where error.isUnavailable {
            connection.rollback()
            throw error
        } catch {
            connection.rollback()
            if limit > 1 { singles = limit } else { try fail(store, error) }
        }
        return .worked
    }

    /// The next events and where the cursor stands; nil when there are none.
    private func pending(
        _ store: DeliveryStore, limit: Int, locking: Bool = false
    ) throws -> (events: [DeliveryStore.Waiting], cursor: DeliveryStore.Cursor)? {
        guard var cursor = try store.cursor(name, locking: locking) else { return nil }
        func events(until target: String) throws -> [DeliveryStore.Waiting] {
            try store.events(
                name, topic: topic, major: major, done: cursor.done, target: target, after: cursor.position,
                limit: limit)
        }
        if let target = cursor.target {
            let found = try events(until: target)
            if !found.isEmpty { return (found, cursor) }
            cursor = DeliveryStore.Cursor(done: target, target: nil, position: 0)
        }
        let target = try store.snapshot()
        cursor.target = target
        let found = try events(until: target)
        return found.isEmpty ? nil : (found, cursor)
    }

    private func deliver(_ store: DeliveryStore, limit: Int) async throws {
        let connection = store.connection
        try connection.begin()
        guard let (events, start) = try pending(store, limit: limit, locking: true) else {
            return connection.rollback()
        }
        if mutant == .cursorFirst {
            try store.move(name, to: end(of: events, start, limit: limit))
            try connection.commit()
            try connection.begin()
        }
        let scope = TransactionScope(database, connection)
        for event in events {
            guard !event.isBlocked else {
                try store.putAside(name, event, attempt: 0, error: nil, delay: 0)
                continue
            }
            try await handle(event.id, event.payload, scope)
        }
        if mutant != .cursorFirst { try store.move(name, to: end(of: events, start, limit: limit)) }
        try connection.commit()
    }

    private func handle(_ event: Int64, _ payload: String, _ scope: TransactionScope) async throws {
        scope.causation = event
        database.act(as: plugin)
        try await listener.handle(payload, Transaction(scope))
        try scope.flush()
    }

    /// A batch that is not full was all there is until its target.
    private func end(
        of events: [DeliveryStore.Waiting], _ cursor: DeliveryStore.Cursor, limit: Int
    ) -> DeliveryStore.Cursor {
        if events.count < limit, let target = cursor.target {
            return DeliveryStore.Cursor(done: target, target: nil, position: 0)
        }
        return DeliveryStore.Cursor(
            done: cursor.done, target: cursor.target, position: events.last?.id ?? cursor.position)
    }

    private func putAll(_ store: DeliveryStore) throws {
        guard let (events, cursor) = try pending(store, limit: ListenerDelivery.batch, locking: true) else { return }
        for event in events { try store.putAside(name, event, attempt: 0, error: nil, delay: 0) }
        try store.move(name, to: end(of: events, cursor, limit: ListenerDelivery.batch))
    }

    /// A single event failed: it is put aside, and the cursor goes on.
    private func fail(_ store: DeliveryStore, _ error: any Error) throws {
        try transaction(store.connection) {
            guard let (events, cursor) = try pending(store, limit: 1, locking: true), let event = events.first else {
                return
            }
            let delay = schedule.delay(after: 1, chance: Double.random(in: 0..<1))
            try store.putAside(name, event, attempt: 1, error: "\(error)", delay: delay)
            try store.move(name, to: end(of: events, cursor, limit: 1))
            log.write(
                region: database.runtime.region.id, plugin: plugin,
                "\(name) failed on event \(event.id), to be tried again in \(Int(delay.rounded(.up))) s: \(error)")
        }
    }

    private func retryOne(_ store: DeliveryStore) async throws -> Step {
        guard let failed = try store.due(name) else { return .idle }
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
