internal import PostgreSQL

/// The hooks that a region's plugins attached, in the order of the plugins: built once, then only read.
package final class HookTable: Sendable {
    package struct Attached<Hook: Sendable>: Sendable {
        package let plugin: String
        package let hook: Hook
        /// Its number among the things that threads do.
        package let work: UInt64

        package init(plugin: String, hook: Hook, work: UInt64 = 0) {
            (self.plugin, self.hook, self.work) = (plugin, hook, work)
        }
    }
    private let guards: [String: [Attached<GuardHook>]]
    private let collectors: [String: [Attached<CollectHook>]]
    /// How long a hook may take whose point does not say otherwise.
    private let milliseconds: Int
    private let log: @Sendable (Skipped) -> Void

    /// A hook's failure that the caller does not hear of.
    package struct Skipped: Sendable {
        /// The hook's plugin.
        package let plugin: String
        package let request: String?
        package let trace: TraceContext?
        package let sentence: String
        /// Whether it took too long.
        package let isLate: Bool
    }

    package init(
        guards: [String: [Attached<GuardHook>]], collectors: [String: [Attached<CollectHook>]],
        milliseconds: Int = 5_000, log: @escaping @Sendable (Skipped) -> Void
    ) {
        (self.guards, self.collectors, self.milliseconds, self.log) = (guards, collectors, milliseconds, log)
    }

    /// Whether anybody collects at a point.
    package func has(_ point: String) -> Bool { collectors[point] != nil }

    package func ask<Value>(
        _ point: GuardPoint<Value>, _ value: Value, _ transaction: borrowing Transaction
    ) async throws {
        guard let attached = guards[point.id] else { return }
        let database = transaction.scope.database
        let connection = transaction.scope.connection
        let caller = database.plugin
        defer { database.act(as: caller) }
        for one in attached {
            database.act(as: one.plugin)
            let what = "the guard of \(one.plugin) on \(point.id)"
            guard point.faults == .skip else {
                do {
                    try await timed(what, point.id, point.deadline, one.work, database, connection) {
                        try await one.hook.run(value, transaction)
                    }
                } catch {
                    transaction.scope.trail.note(error, through: "guard of \(one.plugin) on \(point.id)")
                    throw error
                }
                continue
            }
            let before = try connection.savepoint()
            let emitted = transaction.scope.emitted
            do {
                try await timed(what, point.id, point.deadline, one.work, database, connection) {
                    try await one.hook.run(value, transaction)
                }
                try connection.release(before)
            } catch  where isForTheCaller(error) || database.guardian?.isExpired == true || connection.isBroken {
                throw error
            } catch {
                try connection.rollback(to: before)
                transaction.scope.forget(since: emitted)
                log(
                    Skipped(
                        plugin: one.plugin, request: database.requestID, trace: transaction.scope.trace,
                        sentence: "\(what) failed and was skipped: \(error)", isLate: error is TimeUp))
            }
        }
    }

    /// Runs a hook within its time.
    ///
    /// - Throws: ``TimeUp`` when it took longer, whatever became of it.
    private func timed<Outcome>(
        _ what: String, _ point: String, _ deadline: Duration?, _ work: UInt64, _ database: Database,
        _ connection: Connection?,
        _ body: () async throws -> Outcome
    ) async throws -> Outcome {
        guard let guardian = database.guardian else { return try await body() }
        try guardian.check()
        let own = deadline.map { Int($0 / .milliseconds(1)) }
        let limit = own ?? milliseconds
        let outer = guardian.enter(work: work, milliseconds: limit)
        let outcome: Swift.Result<Outcome, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        guard guardian.leave(outer) else { return try outcome.get() }
        // The caller's transaction goes on, or ends: no cancellation may reach its next statement.
        if let connection { guardian.settle(connection) }
        if outer.isSooner {
            guardian.endNow()
            throw CancellationError()
        }
        throw TimeUp(
            limit: own == nil ? "limits.hookMilliseconds" : point, milliseconds: limit, what: what, isHook: true)
    }

    /// Whether a guard's error is its answer and no failure; only failures may be skipped.
    ///
    /// A refusal has several forms, all of which a client is told of; after a conflict the whole transaction runs again.
    private func isForTheCaller(_ error: any Error) -> Bool {
        switch error {
        case is any PublicError, is Problem, is Faults: true
        case let error as DatabaseError: error.isTransient
        default: false
        }
    }

    package func collect<Question, Item>(
        _ point: CollectPoint<Question, Item>, _ question: Question, _ database: Database
    ) async throws -> [Item] {
        guard let attached = collectors[point.id] else { return [] }
        let caller = database.plugin
        defer { database.act(as: caller) }
        var items: [Item] = []
        for one in attached {
            database.act(as: one.plugin)
            let what = "the collector of \(one.plugin) on \(point.id)"
            do {
                items += try await timed(what, point.id, point.deadline, one.work, database, nil) {
                    try await one.hook.run(question, as: Item.self, database)
                }
            } catch  where point.faults == .skip && database.guardian?.isExpired != true {
                log(
                    Skipped(
                        plugin: one.plugin, request: database.requestID, trace: database.trace,
                        sentence: "\(what) failed and was skipped: \(error)", isLate: error is TimeUp))
            }
        }
        return items
    }
}

/// A guard without the type of its value, which the registry compared with the point's.
package struct GuardHook: Sendable {
    private let body: @Sendable (any Sendable, borrowing Transaction) async throws -> Void

    package init<Value: Sendable>(_ body: @escaping @Sendable (Value, borrowing Transaction) async throws -> Void) {
        self.body = { value, transaction in
            guard let value = value as? Value else { throw MisuseError("a guard expects \(Value.self)") }
            try await body(value, transaction)
        }
    }

    package func run(_ value: any Sendable, _ transaction: borrowing Transaction) async throws {
        try await body(value, transaction)
    }
}

/// A collector without the types of its question and items, which the registry compared with the point's.
package struct CollectHook: Sendable {
    private let body: @Sendable (any Sendable, Database) async throws -> [any Sendable]

    package init<Question: Sendable, Item: Sendable>(
        _ body: @escaping @Sendable (Question, Database) async throws -> [Item]
    ) {
        self.body = { question, database in
            guard let question = question as? Question else {
                throw MisuseError("a collector expects \(Question.self)")
            }
            return try await body(question, database)
        }
    }

    package func run<Item>(_ question: any Sendable, as: Item.Type, _ database: Database) async throws -> [Item] {
        try await body(question, database).compactMap { $0 as? Item }
    }
}
