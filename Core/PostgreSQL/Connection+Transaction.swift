internal import CPostgreSQL

/// How much of what others commit meanwhile a transaction sees.
public enum Isolation: String, Sendable {
    /// Each statement sees what was committed before it: PostgreSQL's own default.
    case readCommitted = "read committed"
    /// Every statement sees what was committed before the first one.
    case repeatableRead = "repeatable read"
    /// As if transactions ran one after the other; expect `.serialization` and try again.
    case serializable = "serializable"
}

/// How far a transaction has come, as the server knows it.
///
///     none ──begin──▶ pending ──first statement──▶ open ──commit, rollback──▶ none
///                        └──commit, rollback: nothing was sent, nothing is──▶ none
enum TransactionState: Equatable {
    case none
    case pending
    case open
}

/// What a rollback returns to: the transaction's beginning, or a savepoint.
struct Level {
    /// The role that the session had then, once the server knows the level.
    enum Before: Equatable {
        case notSent
        case at(Connection.SessionRole)
    }

    let number: Int
    var before = Before.notSent
}

extension Connection {
    /// Whether a transaction has begun and not ended.
    public var isInTransaction: Bool { transaction != .none }

    /// Whether an error ended the transaction, so that only a rollback is possible.
    public var isTransactionAborted: Bool { transaction == .open && PQtransactionStatus(handle) == PQTRANS_INERROR }

    /// Begins a transaction; `BEGIN` travels with the first statement, so a transaction without statements costs nothing.
    public func begin(_ isolation: Isolation = .readCommitted, readOnly: Bool = false) throws(DatabaseError) {
        try enter()
        defer { leave() }
        guard transaction == .none else {
            throw DatabaseError(.misuse, "a transaction has begun already; use a savepoint inside it")
        }
        transaction = .pending
        pending = [.begin(isolation, readOnly: readOnly)]
        if let opening { pending.append(.command(opening)) }
        levels = [Level(number: 0)]
    }

    /// Has a command travel ahead of the transaction's next statement; nobody looks at its answer.
    package func announce(_ command: String) {
        if transaction != .none { pending.append(.command(command)) }
    }

    /// Commits; `last` travels with `COMMIT` in one round trip, and an error in it undoes the transaction.
    ///
    /// The transaction is over when this returns and when it throws. After `.connectionLost` nobody knows whether it took effect.
    @discardableResult
    public func commit(_ last: [Statement] = []) throws(DatabaseError) -> [Result] {
        try enter()
        defer { leave() }
        guard transaction != .none else { throw DatabaseError(.misuse, "there is no transaction to commit") }
        if transaction == .pending, last.isEmpty {
            ended()
            return []
        }
        if isTransactionAborted {
            undo()
            throw DatabaseError(
                .aborted, "an earlier error ended the transaction; it was rolled back", sqlState: "25P02")
        }
        do {
            let results: [Result]
            if last.isEmpty {
                try command("commit")
                results = []
            } else {
                results = try trip(last, commit: true)
            }
            ended()
            return results
        } catch {
            undo()
            throw error
        }
    }

    /// Undoes the transaction; does nothing when there is none.
    ///
    /// A failure to do so breaks the connection, which undoes it too.
    public func rollback() {
        guard transaction != .none, !isBroken, (try? enter()) != nil else {
            if isBroken { ended() }
            return
        }
        defer { leave() }
        undo()
    }

    /// Runs `body` in a transaction: commits when it returns, undoes when it throws, runs it again on `.serialization`,
    /// `.deadlock` and `.stale`, each time from the start, after a pause.
    ///
    /// `body` must not change anything but the database, as it may run several times.
    @discardableResult
    public func transaction<Value>(
        _ isolation: Isolation = .readCommitted, readOnly: Bool = false, retry: Retry = Retry(),
        _ body: (Connection) throws -> Value
    ) throws -> Value {
        try retry.run {
            try begin(isolation, readOnly: readOnly)
            do {
                let value = try body(self)
                try commit()
                return value
            } catch {
                rollback()
                throw error
            }
        }
    }

    /// The same for a body that awaits; the connection must not be used elsewhere meanwhile.
    @discardableResult
    public func transaction<Value>(
        _ isolation: Isolation = .readCommitted, readOnly: Bool = false, retry: Retry = Retry(),
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        try await retry.run {
            try begin(isolation, readOnly: readOnly)
            do {
                let value = try await body(self)
                try commit()
                return value
            } catch {
                rollback()
                throw error
            }
        }
    }

    /// The transaction is over on the server.
    private func ended() {
        transaction = .none
        pending = []
        levels = []
    }

    private func undo() {
        let before = levels.first?.before
        if !isBroken, PQtransactionStatus(handle) != PQTRANS_IDLE {
            do { try command("rollback") } catch { isBroken = true }
        }
        // The server forgets SET ROLE with the transaction it was part of, whichever way that was undone.
        if case .at(let role) = before { sessionRole = role }
        ended()
    }
}

extension Connection {
    /// Whether the server has a transaction open, whoever began it.
    var isInServerTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }
}
