internal import CPostgreSQL
internal import Glibc

/// Sessions shared by threads: a bounded number of them, opened when needed, kept while in use, handed on in order of asking.
///
///     (nothing) ──check out──▶ in use ──check in──▶ parked ──check out──▶ in use
///                                │                    └── idle too long, lost, pool closed ──▶ (nothing)
///                                └── lost, pool closed ──▶ (nothing)
///
/// A thread that finds none free waits its turn, blocking, up to `Limits.wait`. Parked sessions are looked at before they are
/// handed out, so a restarted server costs no request but those in flight. Sessions are not reset: whoever sets session
/// variables or listens on a channel undoes that before checking in. An open transaction is rolled back at check-in.
public final class Pool: Sendable {
    /// How much a pool may hold, and how long things may take.
    public struct Limits: Sendable {
        /// The most sessions at once.
        public var connections = 8
        /// The most threads that may wait for one; further ones are refused at once (`.exhausted`).
        public var waiting = 64
        /// How long a thread waits for one (`.exhausted`).
        public var wait: Duration = .seconds(5)
        /// How long a parked session is kept.
        public var idle: Duration = .seconds(60)

        /// The limits with their defaults.
        public init() {}
    }

    /// What a pool holds at the moment.
    public struct Counts: Sendable, Equatable {
        /// Sessions that are open or being opened.
        public var open = 0
        /// Those of them that nobody uses.
        public var idle = 0
        /// Threads waiting for one.
        public var waiting = 0

        /// Counts, all 0 unless given.
        public init(open: Int = 0, idle: Int = 0, waiting: Int = 0) {
            (self.open, self.idle, self.waiting) = (open, idle, waiting)
        }
    }

    /// That a thread found no session free.
    public struct Wait: Sendable, Equatable {
        /// What became of it.
        public enum Outcome: Sendable {
            /// It was given one.
            case served
            /// None came in time.
            case late
            /// It did not wait, because too many did.
            case refused
        }
        /// How long it waited.
        public let microseconds: UInt64
        /// What became of it.
        public let outcome: Outcome
    }

    private let conninfo: String
    private let settings: ConnectionSettings
    private let limits: Limits
    private let state: Guarded<State>
    private let waited: (@Sendable (Wait) -> Void)?

    /// A pool that opens nothing yet.
    ///
    /// - Parameter waited: is told of each thread that found no session free, on that thread.
    public init(
        _ conninfo: String, _ settings: ConnectionSettings = ConnectionSettings(), limits: Limits = Limits(),
        waited: (@Sendable (Wait) -> Void)? = nil
    ) {
        (self.conninfo, self.settings, self.limits, self.waited) = (conninfo, settings, limits, waited)
        state = Guarded(State())
    }

    /// What the pool holds at the moment.
    public var counts: Counts {
        state.withLock { Counts(open: $0.open, idle: $0.parked.count, waiting: $0.waiters.count) }
    }

    /// Takes a session; give it back with `checkIn`, whatever happened to it.
    ///
    /// - Throws: `.exhausted` when none came free in time or too many wait; `.connectionLost` when the server is away.
    public func checkOut() throws(DatabaseError) -> Connection {
        var wait: Wait?
        defer { if let wait { waited?(wait) } }
        switch try state.take(limits, &wait) {
        case .session(let connection):
            // Outside the lock, because it may ask the server.
            if !connection.hasUnexpectedInput || connection.ping() { return connection }
            return try open()
        case .place:
            return try open()
        }
    }

    /// Gives a session back.
    public func checkIn(_ connection: Connection) {
        connection.rollback()
        if !connection.isBroken, PQtransactionStatus(connection.handle) != PQTRANS_IDLE { connection.isBroken = true }
        connection.change()
        var retired: [Connection] = []
        state.withLock { state in
            let gift: Gift = connection.isBroken || state.closed ? .place : .session(connection)
            state.give(gift)
            retired = state.retire(before: now() - limits.idle.milliseconds)
        }
        // Closed here, outside the lock.
        retired.removeAll()
    }

    /// Lends a session to `body`.
    @discardableResult
    public func withConnection<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        let connection = try checkOut()
        defer { checkIn(connection) }
        return try body(connection)
    }

    /// Lends a session to a body that awaits.
    @discardableResult
    public func withConnection<Value>(_ body: (Connection) async throws -> Value) async throws -> Value {
        let connection = try checkOut()
        defer { checkIn(connection) }
        return try await body(connection)
    }

    /// Closes the pool: parked sessions now, the others when they come back; whoever asks from now on is refused.
    public func close() {
        var retired = state.withLock { state in
            state.closed = true
            for waiter in state.waiters { waiter.refuse() }
            state.waiters = []
            return state.retire(before: .max)
        }
        retired.removeAll()
    }

    private func open() throws(DatabaseError) -> Connection {
        do { return try Connection(conninfo, settings) } catch {
            state.withLock { $0.give(.place) }
            throw error
        }
    }
}

/// What is handed to whoever asks: a parked session, or leave to open one.
enum Gift {
    case session(Connection)
    case place
}

/// Microseconds of a clock that nobody sets.
private func microseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
}

/// Milliseconds of the same clock.
private func now() -> Int64 { Int64(microseconds() / 1_000) }

extension Pool {
    struct State {
        /// The one parked last is at the end and taken first, so that the others grow old and go.
        var parked: [(connection: Connection, since: Int64)] = []
        var open = 0
        var waiters: [Waiter] = []
        var closed = false

        /// To the one who has waited longest, or to the park.
        mutating func give(_ gift: Gift) {
            if !waiters.isEmpty {
                waiters.removeFirst().hand(gift)
                return
            }
            switch gift {
            case .session(let connection): parked.append((connection, now()))
            case .place: open -= 1
            }
        }

        /// Takes out what was parked before this time.
        mutating func retire(before time: Int64) -> [Connection] {
            let kept = parked.firstIndex { $0.since >= time } ?? parked.count
            if kept == 0 { return [] }
            let retired = parked[..<kept].map(\.connection)
            parked.removeFirst(kept)
            open -= retired.count
            return retired
        }
    }
}

extension Guarded where State == Pool.State {
    func take(_ limits: Pool.Limits, _ wait: inout Pool.Wait?) throws(DatabaseError) -> Gift {
        lock()
        defer { unlock() }
        if value.closed { throw DatabaseError(.exhausted, "the pool of connections is closed") }
        // Where somebody waits nothing is free: gifts go straight to the one who has waited longest.
        if let last = value.parked.popLast() { return .session(last.connection) }
        if value.open < limits.connections {
            value.open += 1
            return .place
        }
        guard value.waiters.count < limits.waiting else {
            wait = Pool.Wait(microseconds: 0, outcome: .refused)
            throw DatabaseError(
                .exhausted, "all \(limits.connections) connections are in use and \(limits.waiting) others wait for one"
            )
        }
        let waiter = Waiter()
        value.waiters.append(waiter)
        let began = microseconds()
        self.wait(for: waiter, limits.wait)
        wait = Pool.Wait(microseconds: microseconds() - began, outcome: waiter.gift == nil ? .late : .served)
        if let gift = waiter.gift { return gift }
        value.waiters.removeAll { $0 === waiter }
        if waiter.refused { throw DatabaseError(.exhausted, "the pool of connections is closed") }
        throw DatabaseError(
            .exhausted, "all \(limits.connections) connections stayed in use for \(limits.wait.milliseconds) ms")
    }
}
