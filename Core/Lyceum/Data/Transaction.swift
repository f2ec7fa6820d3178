public import PostgreSQL

/// A unit of work under way: borrowed by the closure that does it, so it cannot be kept.
public struct Transaction: ~Copyable {
    package let scope: TransactionScope

    package init(_ scope: TransactionScope) { self.scope = scope }

    /// The moment, by the injected clock.
    public var now: Instant { scope.database.now }

    /// Where this happens.
    public var region: Region { scope.database.runtime.region }

    /// The permissions that the region's plugins declare, by their ids.
    public var permissions: [Permission] { scope.database.runtime.grants.permissions }

    /// The id of the event that is being delivered, unique in the region; nil outside of listeners.
    ///
    /// A call to another system carries a key made of it, because a listener may run again after a crash.
    public var event: Int64? { scope.causation }

    /// The trace that this belongs to: what a call to another program carries on, as the header `traceparent`.
    public var trace: TraceContext? { scope.trace }

    /// A new id (UUIDv7).
    public func newID<ID: Identifier>(_ type: ID.Type = ID.self) -> ID { scope.database.newID(type) }

    /// Runs one statement and answers its rows as PostgreSQL sent them.
    public func query(_ statement: Statement) async throws -> Result { try scope.query(statement) }

    /// Runs one statement and answers how many rows it changed.
    @discardableResult
    public func run(_ statement: Statement) async throws -> Int { try scope.run(statement) }

    /// Runs statements that do not need each other's results, in one round trip; answers their results in order.
    @discardableResult
    public func pipeline(_ statements: [Statement]) async throws -> [Result] { try scope.pipeline(statements) }

    /// Runs one statement whose columns are the fields of a view, and answers the rows as values.
    public func values<V: View>(_ type: V.Type, _ statement: Statement) async throws -> [V] {
        try scope.database.plans.rows(type, statement, try scope.query(statement)).values()
    }

    /// Runs one statement for a single row.
    ///
    /// - Throws: ``Problem/notFound`` when there is no such row.
    public func value<V: View>(_ type: V.Type, _ statement: Statement) async throws -> V {
        guard let value = try await values(type, statement).first else { throw Problem.notFound }
        return value
    }

    /// Publishes a fact: it is stored with this transaction, or not at all, and delivered afterwards.
    ///
    /// Events are stored at the end of the transaction, in the order of these calls. Only the plugin that owns an event may
    /// emit it, and only one that it declares (``Emits``): a misspelt name would be stored and never be heard of.
    public func emit<E: Event>(_ event: E) throws {
        try scope.emit(event)
    }

    /// Asks every guard that plugins attached to a point; the first refusal is thrown, and rolls the transaction back.
    public func ask<Value>(_ point: GuardPoint<Value>, _ value: Value) async throws {
        try await scope.database.runtime.hooks.ask(point, value, self)
    }

    /// Uses another plugin's service; nil where no enabled plugin offers it.
    ///
    /// The body runs as the plugin that offers the service: call the service in it and nothing else, because statements and
    /// events of one's own would be the other plugin's.
    public func using<S, Outcome>(
        _ service: Service<S>, _ body: (S, borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome? {
        guard let offer = scope.database.runtime.services.find(service) else { return nil }
        let before = scope.database.plugin
        scope.database.act(as: offer.plugin)
        defer { scope.database.act(as: before) }
        do { return try await body(offer.value, self) } catch {
            scope.trail.note(error, through: "service \(service.id)")
            throw error
        }
    }
}

/// The connection, the events and the acting plugin of one attempt at a unit of work.
package final class TransactionScope {
    package let database: Database
    package let connection: Connection
    private var pending = PendingEvents()
    /// The event being delivered, when this is a listener's transaction: what it emits was caused by it.
    package var causation: Int64?
    /// What the errors of this unit of work passed through.
    package var trail = ErrorTrail()
    /// The trace of the event that is being delivered, as it was stored; its listener is a piece of work of its own in it.
    package var cause: String? { didSet { own = nil } }
    private var own: TraceContext?
    /// The trace that what is emitted or queued carries on; a span of its own is made up only once somebody asks.
    package var trace: TraceContext? {
        if own == nil { own = cause.flatMap { TraceContext($0) }?.child() ?? database.trace }
        return own
    }
    /// How many events have been stored before the end of the transaction.
    package private(set) var published = 0

    package init(_ database: Database, _ connection: Connection) {
        (self.database, self.connection) = (database, connection)
    }

    /// Nothing is begun, and nothing committed, after the time is up.
    @inline(__always)
    private func prepare() throws {
        try database.guardian?.check()
        connection.role = database.actingRole
    }

    package func query(_ statement: Statement) throws -> Result {
        try prepare()
        return try connection.query(statement)
    }

    package func run(_ statement: Statement) throws -> Int {
        try prepare()
        return try connection.run(statement)
    }

    package func pipeline(_ statements: [Statement]) throws -> [Result] {
        try prepare()
        return try connection.pipeline(statements)
    }

    package func emit<E: Event>(_ event: E) throws {
        guard E.name.hasPrefix(database.plugin + ".") else {
            throw MisuseError(
                "\(E.name) belongs to another plugin; \(database.plugin) may emit \(database.plugin).noun.past_verb")
        }
        guard database.runtime.events.contains("\(E.name) v\(E.major)") else {
            throw MisuseError(
                "\(database.plugin) emits \(E.name) v\(E.major), but declares no such event: Emits(\(E.self).self)")
        }
        try pending.add(event)
    }

    /// How many events wait to be stored.
    package var emitted: Int { pending.count }

    /// Forgets the events of a part of the transaction that was undone.
    package func forget(since count: Int) { pending.keep(first: count) }

    /// Stores what has been emitted so far, with the causation it has now.
    package func flush() throws {
        guard !pending.isEmpty else { return }
        try prepare()
        _ = try connection.query(pending.statement(causation: causation, trace: trace))
        published += pending.count
        pending = PendingEvents()
    }

    /// The events go last, in the round trip of the COMMIT: their ids then follow the order in which rows were locked.
    package func commit() throws {
        try prepare()
        guard !pending.isEmpty else {
            try connection.commit()
            return
        }
        try connection.commit([pending.statement(causation: causation, trace: trace)])
        database.runtime.published(pending.count)
    }
}
