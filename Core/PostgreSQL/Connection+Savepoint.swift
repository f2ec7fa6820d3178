/// A place in a transaction that one can return to.
public struct Savepoint: Sendable {
    let number: Int
}

extension Connection {
    /// Marks a place in the transaction; it travels with the next statement.
    public func savepoint() throws(DatabaseError) -> Savepoint {
        guard transaction != .none else { throw DatabaseError(.misuse, "a savepoint needs a transaction") }
        savepoints += 1
        levels.append(Level(number: savepoints))
        pending.append(.savepoint(savepoints))
        return Savepoint(number: savepoints)
    }

    /// Forgets a savepoint, and those after it; their effects stay in the transaction.
    public func release(_ savepoint: Savepoint) throws(DatabaseError) {
        let index = try level(of: savepoint)
        if levels[index].before == .notSent {
            dropPending(from: savepoint.number)
        } else {
            dropPending(from: savepoint.number + 1)
            pending.append(.release(savepoint.number))
        }
        levels.removeSubrange(index...)
    }

    /// Returns to a savepoint and forgets it: what came after it is undone, errors included.
    public func rollback(to savepoint: Savepoint) throws(DatabaseError) {
        let index = try level(of: savepoint)
        dropPending(from: savepoint.number)
        let before = levels[index].before
        levels.removeSubrange(index...)
        guard case .at(let role) = before else { return }
        try enter()
        defer { leave() }
        try command("rollback to savepoint l\(savepoint.number); release savepoint l\(savepoint.number)")
        sessionRole = role
    }

    /// Runs `body` so that an error in it undoes only what it did.
    @discardableResult
    public func savepoint<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        let savepoint = try savepoint()
        do {
            let value = try body(self)
            try release(savepoint)
            return value
        } catch {
            try rollback(to: savepoint)
            throw error
        }
    }

    /// The same for a body that awaits.
    @discardableResult
    public func savepoint<Value>(_ body: (Connection) async throws -> Value) async throws -> Value {
        let savepoint = try savepoint()
        do {
            let value = try await body(self)
            try release(savepoint)
            return value
        } catch {
            try rollback(to: savepoint)
            throw error
        }
    }

    private func level(of savepoint: Savepoint) throws(DatabaseError) -> Int {
        guard let index = levels.firstIndex(where: { $0.number == savepoint.number }), index > 0 else {
            throw DatabaseError(.misuse, "the savepoint is not of this transaction, or was released")
        }
        return index
    }

    /// Savepoints are numbered upwards, so those inside another have greater numbers.
    private func dropPending(from number: Int) {
        pending.removeAll { control in
            switch control {
            case .begin, .command: false
            case .savepoint(let other), .release(let other): other >= number
            }
        }
    }
}
