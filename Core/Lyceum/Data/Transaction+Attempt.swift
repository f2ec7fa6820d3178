internal import PostgreSQL

extension Transaction {
    /// Runs a part of the work that may fail by itself: then all that it did is undone, with the events it emitted, its error
    /// is thrown, and the transaction can go on.
    ///
    /// Without it a statement's error, such as a unique violation, leaves a transaction in which nothing but its end is
    /// possible. It costs two round trips at most; where a statement can say `on conflict`, let it.
    ///
    ///     do { try await transaction.attempt { transaction in … } } catch let error as DatabaseError
    ///     where error.kind == .unique { … }
    public func attempt<Outcome>(_ body: (borrowing Transaction) async throws -> Outcome) async throws -> Outcome {
        let connection = scope.connection
        let before = try connection.savepoint()
        let emitted = scope.emitted
        let acting = scope.database.plugin
        do {
            let outcome = try await body(self)
            try connection.release(before)
            return outcome
        } catch {
            scope.database.act(as: acting)
            // Where the connection is lost there is nothing to go on with.
            if !connection.isBroken { try connection.rollback(to: before) }
            scope.forget(since: emitted)
            throw error
        }
    }
}
