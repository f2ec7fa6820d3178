internal import Lyceum
internal import PostgreSQL

/// Delivers to the lanes of a region's listeners, on one thread.
///
/// A batch is one transaction: the listener's effects and the cursor's move commit together. States:
///
///     batch -> committed                      the usual way
///     batch -> committed as far as it came    it took longer than 2 s, or the process is to end; the rest is the next batch
///     batch -> failed                         rolled back; what went well again as a batch, the one that failed by itself
///     single -> failed -> put aside           and the cursor goes on
///     batch -> process died -> put aside      the next process finds the claim and tries each event by itself
///     put aside -> attempt counted -> done | failed … -> dead
final class ListenerDelivery {
    enum Step {
        /// Nothing to deliver.
        case idle
        /// So many events, all that there were.
        case all(Int)
        /// There may be more.
        case more
    }

    /// For tests that show that the tests notice: an order of work that loses events, or delivers them in a wrong order.
    enum Mutant: String, Sendable { case none, cursorFirst, byID, retryOvertakes }

    /// What is delivered next, read without a lock: the events, where the cursor was read, and where it goes.
    private struct Batch {
        let events: [DeliveredEvent]
        let read: DeliveryCursor
        let end: DeliveryCursor
        let isSingle: Bool
        /// Whether there was no more until its target.
        let isAll: Bool
        private let start: DeliveryCursor

        /// A batch that is not full was all there is until its target.
        init(_ events: [DeliveredEvent], read: DeliveryCursor, from start: DeliveryCursor, limit: Int) {
            (self.events, self.read, self.start, isSingle) = (events, read, start, limit == 1)
            var end = start
            end.position = events.last?.id ?? start.position
            isAll = events.count < limit
            self.end = isAll ? start.arrived : end
        }

        /// Where the cursor goes when only so many of the events were delivered.
        func end(after count: Int) -> DeliveryCursor {
            guard count < events.count else { return end }
            var end = start
            end.position = events[count - 1].id
            return end
        }
    }

    private let database: Database
    private let limits: Generation.Limits
    private let schedule: RetrySchedule
    private let mutant: Mutant
    private let log: Log
    private let isStopping: () -> Bool
    /// What the last error of a listener passed through.
    private var trail = ErrorTrail()

    static let batch = 100
    /// How long a batch may take, in microseconds, before it is committed as far as it came: who waits for the process to end,
    /// or for the locks that the batch holds, does not wait for a hundred slow events.
    private static let longest: UInt64 = 2_000_000
    /// How often an idle cursor moves on, in microseconds.
    private static let rest: UInt64 = 600_000_000

    init(
        _ database: Database, _ limits: Generation.Limits, schedule: RetrySchedule, mutant: Mutant, log: Log,
        isStopping: @escaping () -> Bool
    ) {
        (self.database, self.limits, self.isStopping) = (database, limits, isStopping)
        (self.schedule, self.mutant, self.log) = (schedule, mutant, log)
    }

    private func say(
        _ lane: DeliveryLane, _ level: Log.Level = .warning, event: Int64? = nil, trace: TraceContext? = nil,
        because sentence: String
    ) {
        log.write(
            level: level, region: database.runtime.region.id, plugin: lane.listener.plugin, trace: trace,
            listener: lane.listener.name, event: event, sentence)
    }

    /// Delivers a batch, or one event put aside, if there is any.
    func step(_ lane: DeliveryLane, _ connection: Connection) async throws -> Step {
        let store = DeliveryStore(connection, lane)
        let now = Metrics.clock()
        let asks = lane.retryAt <= now
        guard var look = try store.look(retries: asks), !look.isQuarantined else {
            lane.retryAt = .max
            return .idle
        }
        let due = asks ? remember(look.due, lane, now) : nil
        if !look.isBatch { lane.isUnfinished = false }
        if let holder = look.holder, holder != ProcessToken.own.text, !look.hasLapsed,
            !ProcessToken(text: holder).isDead
        {
            return .idle
        }
        if let holder = look.holder, holder != ProcessToken.own.text {
            guard try mourn(holder, lane, store) else { return .idle }
            look.holder = nil
        }
        // Before anything takes the mark of it.
        if look.isBatch, look.holder != ProcessToken.own.text || lane.isUnfinished,
            let batch = try next(look, lane, store)
        {
            say(lane, because: "a delivery to \(store.name) never ended; its events are tried one by one")
            try putAside(batch, lane, store)
            lane.isUnfinished = false
            return .more
        }
        if let due, !lane.isTurnOfNew {
            lane.isTurnOfNew = true
            guard try await retry(due, look, lane, store) else { return .idle }
            if look.history != 0 { try store.survive() }
            return .more
        }
        lane.isTurnOfNew = false
        guard let batch = try next(look, lane, store) else { return due == nil ? .idle : .more }
        var delivered = 0
        var failing: Int?
        do {
            delivered = try await deliver(batch, lane, store, &failing)
            if lane.safe > 0 { lane.safe -= min(lane.safe, delivered) } else if lane.singles > 0 { lane.singles -= 1 }
        } catch let error as DatabaseError where error.isUnavailable || connection.isBroken {
            lane.isUnfinished = true
            connection.rollback()
            throw error
        } catch {
            connection.rollback()
            if batch.isSingle {
                try fail(batch, lane, store, error)
            } else if let failing {
                (lane.safe, lane.singles) = (failing, 1)
            } else {
                (lane.safe, lane.singles) = (0, batch.events.count)
            }
        }
        if look.history != 0 { try store.survive() }
        return batch.isAll && delivered == batch.events.count ? .all(delivered) : .more
    }

    /// Notes when events put aside are to be looked at again; answers the one whose time has come, if any.
    private func remember(_ due: DeliveryStore.Due?, _ lane: DeliveryLane, _ now: UInt64) -> DeliveryStore.Due? {
        guard let due else {
            lane.retryAt = .max
            return nil
        }
        lane.retryAt = due.delay > 0 ? now + UInt64(min(due.delay, 86_400) * 1_000_000) : 0
        return due.delay > 0 ? nil : due
    }

    /// Takes a lane from a process that died over it; false when the listener is not to be given anything now.
    ///
    /// Where it is known what ended the process, only that is to blame; otherwise all that it was at work on.
    private func mourn(_ holder: String, _ lane: DeliveryLane, _ store: DeliveryStore) throws -> Bool {
        let token = ProcessToken(text: holder)
        let notice = DeathNotice.own.first { token.isProcess($0.process) }
        let region = database.runtime.region.id
        // A process of another host may only be slow, and one that the supervisor killed is.
        var isToBlame = token.isDead && notice?.isOrdered != true
        if isToBlame, let fatal = notice?.fatal, fatal.kind == .listener || fatal.kind == .job {
            isToBlame = fatal.kind == .listener && fatal.region == region && fatal.name == store.name
        }
        guard let history = try store.mourn(holder, counts: isToBlame) else { return false }
        let deaths = history.nonzeroBitCount
        guard isToBlame, limits.listenerDeaths > 0, deaths >= limits.listenerDeaths else { return true }
        let how = notice.map { ", the last of which \($0.how)" } ?? ""
        let reason =
            "\(deaths) of its last \(DeliveryStore.remembered) attempts ended with their process\(how) (limits.listenerDeaths)"
        if try store.quarantine(reason) {
            say(
                lane, .error,
                because:
                    "\(store.name) is quarantined: \(reason); it is given nothing until `lyceum deliveries release` sets it free"
            )
        }
        return false
    }

    /// The next events, claimed; nil when there are none, or somebody else has the lane.
    private func next(_ look: DeliveryStore.Look, _ lane: DeliveryLane, _ store: DeliveryStore) throws -> Batch? {
        let limit = lane.safe > 0 ? lane.safe : lane.singles > 0 ? 1 : ListenerDelivery.batch
        var cursor = look.cursor
        if mutant == .byID {
            guard try store.begin(look) != nil else { return nil }
            let events = try store.eventsByID(after: cursor.position, limit: limit)
            cursor.position = events.last?.id ?? cursor.position
            return events.isEmpty ? nil : Batch(events, read: look.cursor, from: cursor, limit: 0)
        }
        if let target = cursor.target {
            guard let events = try store.goOn(look, cursor, to: target, limit: limit) else {
                return nil
            }
            if !events.isEmpty { return Batch(events, read: look.cursor, from: cursor, limit: limit) }
            try store.passOver(from: look.cursor, to: cursor.arrived)
            cursor = cursor.arrived
            return nil
        }
        // Nothing was published since, and nobody ran who might have. Now and then the cursor moves on all the same, so that
        // it keeps no old events.
        let now = Metrics.clock()
        if look.head == cursor.done.head, cursor.done.isSettled, now - lane.rested < ListenerDelivery.rest {
            return nil
        }
        lane.rested = now
        guard let target = try store.begin(look) else { return nil }
        let events = try store.events(cursor, to: target, since: look.since, limit: limit)
        cursor.target = target
        if events.isEmpty {
            try store.passOver(from: look.cursor, to: cursor.arrived)
            return nil
        }
        return Batch(events, read: look.cursor, from: cursor, limit: limit)
    }

    /// Runs the listener on each event and moves the cursor, all in one transaction; `failing` is the event in hand, if any.
    ///
    /// - Returns: how many events it came to before its time was over; 0 when somebody else has the lane.
    private func deliver(
        _ batch: Batch, _ lane: DeliveryLane, _ store: DeliveryStore, _ failing: inout Int?
    ) async throws -> Int {
        let connection = store.connection
        try connection.begin()
        guard try store.lock(batch.read) else {
            connection.rollback()
            return 0
        }
        if mutant == .cursorFirst {
            try store.move(to: batch.end)
            try connection.commit()
            try connection.begin()
        }
        let scope = TransactionScope(database, connection)
        let late = Metrics.clock() + ListenerDelivery.longest
        var count = 0
        for (index, event) in batch.events.enumerated() {
            failing = index
            if event.isBlocked, mutant != .retryOvertakes {
                try store.putAside(event, attempt: 0, error: nil, delay: 0)
                lane.retryAt = 0
            } else {
                try await handle(event.id, event.payload, event.trace, lane, scope)
            }
            count += 1
            if mutant != .cursorFirst, isStopping() || Metrics.clock() > late { break }
        }
        failing = nil
        connection.role = nil
        if mutant == .cursorFirst {
            try connection.commit()
        } else {
            try connection.commit([store.moving(to: batch.end(after: count))])
        }
        if scope.published > 0 { database.runtime.published(scope.published) }
        return count
    }

    private func handle(
        _ event: Int64, _ payload: String, _ trace: String?, _ lane: DeliveryLane, _ scope: TransactionScope
    ) async throws {
        trail = ErrorTrail()
        scope.causation = event
        scope.cause = trace
        database.act(as: lane.listener.plugin)
        if database.runtime.isAudited {
            var author = Author(.listener)
            (author.plugin, author.work, author.event) = (lane.listener.plugin, lane.listener.name, event)
            author.trace = trace.flatMap { TraceContext($0) }?.traceID
            scope.connection.announce(author.command)
        }
        do {
            try await timed(lane, scope.connection) {
                try await lane.listener.prepared.handle(payload, Transaction(scope))
                try scope.flush()
            }
        } catch {
            trail = scope.trail
            throw error
        }
    }

    /// Gives a listener its time for one event.
    ///
    /// - Throws: ``TimeUp`` when it took longer, whatever became of it.
    private func timed(_ lane: DeliveryLane, _ connection: Connection, _ body: () async throws -> Void) async throws {
        guard let guardian = database.guardian else { return try await body() }
        guardian.took(connection.canceller)
        guardian.begin(
            work: lane.listener.work, due: ThreadWatch.clock() + UInt64(limits.listenerMilliseconds) * 1_000)
        let outcome: Swift.Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        let isLate = guardian.finish()
        // No cancellation may reach what the kernel does next on this connection.
        guardian.settle(connection)
        _ = guardian.gaveBack()
        if isLate {
            throw TimeUp(
                limit: "limits.listenerMilliseconds", milliseconds: limits.listenerMilliseconds,
                what: "the listener \(lane.listener.name)")
        }
        try outcome.get()
    }

    /// Nobody knows which event of the batch ended the process: each is tried by itself.
    private func putAside(_ batch: Batch, _ lane: DeliveryLane, _ store: DeliveryStore) throws {
        try transaction(store.connection) {
            guard try store.lock(batch.read) else { return }
            for event in batch.events { try store.putAside(event, attempt: 0, error: nil, delay: 0) }
            try store.move(to: batch.end)
        }
        lane.retryAt = 0
    }

    /// A single event failed: it is put aside, and the cursor goes on.
    private func fail(_ batch: Batch, _ lane: DeliveryLane, _ store: DeliveryStore, _ error: any Error) throws {
        guard let event = batch.events.first else { return }
        let delay = schedule.delay(after: 1, chance: Double.random(in: 0..<1))
        try transaction(store.connection) {
            guard try store.lock(batch.read) else { return }
            try store.putAside(
                event, attempt: 1, error: FailureStack.sentence(error), causes: FailureStack(error, trail).text,
                delay: delay)
            try store.move(to: batch.end)
        }
        lane.retryAt = 0
        if lane.safe > 0 { lane.safe = 0 } else if lane.singles > 0 { lane.singles -= 1 }
        say(
            lane, event: event.id, trace: event.trace.flatMap { TraceContext($0) },
            because:
                "\(store.name) failed on event \(event.id), to be tried again in \(Int(delay.rounded(.up))) s: \(error)"
        )
    }

    /// Tries an event put aside; false when somebody else has the lane.
    private func retry(
        _ due: DeliveryStore.Due, _ look: DeliveryStore.Look, _ lane: DeliveryLane, _ store: DeliveryStore
    ) async throws -> Bool {
        guard due.attempt < schedule.attempts else {
            // The last attempt ended with its process or its connection, so that nobody was left to say so.
            try store.bury(due.event)
            return true
        }
        let attempt = due.attempt + 1
        let delay = schedule.delay(after: attempt, chance: Double.random(in: 0..<1))
        guard try store.attempt(look, due.event, number: attempt, delay: delay) else { return false }
        let connection = store.connection
        var trace: TraceContext?
        do {
            try connection.begin()
            guard try store.lock(look.cursor), let aside = try store.takeAside(due.event) else {
                connection.rollback()
                return false
            }
            trace = aside.trace.flatMap { TraceContext($0) }
            let scope = TransactionScope(database, connection)
            try await handle(due.event, aside.payload, aside.trace, lane, scope)
            connection.role = nil
            try connection.commit(store.finishing(due.event))
            if scope.published > 0 { database.runtime.published(scope.published) }
        } catch let error as DatabaseError where error.isUnavailable || connection.isBroken {
            connection.rollback()
            throw error
        } catch {
            connection.rollback()
            let isDead = attempt >= schedule.attempts
            try store.note(
                due.event, error: FailureStack.sentence(error), causes: FailureStack(error, trail).text, isDead: isDead)
            say(
                lane, isDead ? .error : .warning, event: due.event, trace: trace,
                because: isDead
                    ? "\(store.name) failed on event \(due.event) for the last time (attempt \(attempt)): \(error)"
                    : "\(store.name) failed on event \(due.event) (attempt \(attempt)): \(error)")
        }
        return true
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
