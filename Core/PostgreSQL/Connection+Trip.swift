internal import CPostgreSQL

/// A command that travels ahead of the next statement.
enum Control: Equatable {
    case begin(Isolation, readOnly: Bool)
    case savepoint(Int)
    case release(Int)
    /// A command whose answer nobody looks at.
    case command(String)

    var text: String {
        switch self {
        case .begin(let isolation, let readOnly):
            (isolation == .readCommitted ? "begin" : "begin isolation level \(isolation.rawValue)")
                + (readOnly ? " read only" : "")
        case .savepoint(let number): "savepoint l\(number)"
        case .release(let number): "release savepoint l\(number)"
        case .command(let text): text
        }
    }
}

/// One round trip: everything is sent at once, then every answer is read.
///
/// In this order: pending commands, SET ROLE if the role is another, the statements (each preceded by its preparation where
/// this connection has not prepared it), COMMIT if wished. The server skips all that follows an error.
extension Connection {
    private enum Step {
        case control(Control)
        case role
        case prepare(entry: Int)
        case statement(Int)
        case commit
    }

    func trip(_ statement: Statement) throws(DatabaseError) -> [Result] { try trip([statement]) }

    /// A statement by itself is a transaction too.
    @inline(__always)
    func open() {
        if let opening, transaction == .none { pending = [.command(opening)] }
    }

    func trip(_ statements: [Statement], commit: Bool = false) throws(DatabaseError) -> [Result] {
        for statement in statements { try check(statement) }
        let fresh = transaction != .open
        let ahead = pending
        do {
            return try attempt(statements, commit)
        } catch {
            guard error.kind == .stale else { throw error }
            for statement in statements {
                if let entry = prepared.find(statement.pieces) { _ = prepared.forget(entry) }
            }
            // Nothing happened before this trip that could be lost: undo it, and send it once more.
            guard fresh, !isBroken else { throw error }
            if PQtransactionStatus(handle) != PQTRANS_IDLE { try command("rollback") }
            if transaction != .none { transaction = .pending }
            try command("deallocate all")
            prepared.forgetAll()
            pending = ahead
            return try attempt(statements, commit)
        }
    }

    private func attempt(_ statements: [Statement], _ commit: Bool) throws(DatabaseError) -> [Result] {
        guard PQenterPipelineMode(handle) == 1 else {
            isBroken = true
            throw DatabaseError(connection: handle)
        }
        let wanted = role
        var steps: [Step] = []
        steps.reserveCapacity(pending.count + 2 * statements.count + 2)
        let sent = send(statements, wanted, commit, &steps)
        guard PQpipelineSync(handle) == 1 else {
            isBroken = true
            throw DatabaseError(connection: handle)
        }
        let (results, error) = read(steps, statements)
        if !isBroken, PQexitPipelineMode(handle) != 1 { isBroken = true }
        if let error {
            // A SET ROLE in a failed trip of its own transaction was undone with it, unless a statement committed in between.
            if transaction == .none, steps.contains(where: { if case .role = $0 { true } else { false } }) {
                sessionRole = .unknown
            }
            throw error
        }
        guard sent else {
            isBroken = true
            throw DatabaseError(connection: handle)
        }
        sessionRole = .known(wanted)
        return results
    }

    /// Sends all steps; false when libpq refused one, after which it is not to be trusted with more.
    private func send(_ statements: [Statement], _ wanted: String?, _ commit: Bool, _ steps: inout [Step]) -> Bool {
        for control in pending {
            steps.append(.control(control))
            guard PQsendQueryParams(handle, control.text, 0, nil, nil, nil, nil, 0) == 1 else { return false }
        }
        if sessionRole != .known(wanted) {
            steps.append(.role)
            let text = wanted.map { "set role \(quoted(identifier: $0))" } ?? "set role none"
            guard PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 0) == 1 else { return false }
        }
        for (index, statement) in statements.enumerated() {
            let count = Int32(truncatingIfNeeded: statement.bindCount)
            guard let entry = prepared.findOrMake(statement.pieces) else {
                steps.append(.statement(index))
                let text = statement.text
                let done = statement.withParameters { PQsendQueryParams(handle, text, count, nil, $0, nil, nil, 0) }
                guard done == 1 else { return false }
                continue
            }
            let name = prepared.name(entry)
            if !prepared.isReady(entry) {
                steps.append(.prepare(entry: entry))
                // Believed from here on, so that the same statement later in this trip is not prepared twice; an answer that
                // is not yes takes it back.
                prepared.setReady(entry, true)
                guard PQsendPrepare(handle, name, prepared.text(entry), 0, nil) == 1 else { return false }
            }
            steps.append(.statement(index))
            let done = statement.withParameters { PQsendQueryPrepared(handle, name, count, $0, nil, nil, 0) }
            guard done == 1 else { return false }
        }
        if commit {
            steps.append(.commit)
            guard PQsendQueryParams(handle, "commit", 0, nil, nil, nil, nil, 0) == 1 else { return false }
        }
        return true
    }

    /// Reads the answers to all steps and the synchronisation after them.
    private func read(_ steps: [Step], _ statements: [Statement]) -> ([Result], DatabaseError?) {
        var results: [Result] = []
        results.reserveCapacity(statements.count)
        var error: DatabaseError?
        var at = 0
        var silent = 0
        while true {
            guard let raw = PQgetResult(handle) else {
                // Null ends the answer to a step. Several in a row mean that nobody is answering any more.
                silent += 1
                if silent == 1 { at += 1 }
                if silent > 3 || PQstatus(handle) == CONNECTION_BAD {
                    isBroken = true
                    return (results, error ?? DatabaseError(connection: handle))
                }
                continue
            }
            silent = 0
            let status = PQresultStatus(raw)
            if status == PGRES_PIPELINE_SYNC {
                PQclear(raw)
                return (results, error)
            }
            let step = at < steps.count ? steps[at] : nil
            if isGood(raw) {
                took(step)
                if case .statement = step { results.append(Result(owning: raw)) } else { PQclear(raw) }
                continue
            }
            if case .prepare(let entry) = step { prepared.setReady(entry, false) }
            if status == PGRES_PIPELINE_ABORTED {
                PQclear(raw)
                continue
            }
            var statement: Statement?
            switch step {
            case .statement(let index): statement = statements[index]
            case .prepare:
                let following = at + 1 < steps.count ? steps[at + 1] : nil
                if case .statement(let index) = following { statement = statements[index] }
            default: break
            }
            let found = failure(raw, statement)
            error = error ?? found
            if isBroken { return (results, error) }
        }
    }

    /// Follows what a step has changed on the server.
    private func took(_ step: Step?) {
        switch step {
        case .control(let control):
            if !pending.isEmpty { pending.removeFirst() }
            switch control {
            case .begin:
                transaction = .open
                if !levels.isEmpty { levels[0].before = .at(sessionRole) }
            case .savepoint(let number):
                if let index = levels.firstIndex(where: { $0.number == number }) {
                    levels[index].before = .at(sessionRole)
                }
            case .release, .command: break
            }
        case .role:
            // Told apart from what rollbacks return to; the caller's role takes effect for what follows in this trip.
            break
        case .commit: transaction = .none
        case .prepare, .statement, nil: break
        }
    }

    /// Sends a command by itself, in none of the ways above.
    func command(_ text: String) throws(DatabaseError) {
        let raw = PQexec(handle, text)
        guard let raw, isGood(raw) else { throw failure(raw, nil) }
        PQclear(raw)
    }
}
