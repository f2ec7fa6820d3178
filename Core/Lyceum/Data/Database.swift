public import PostgreSQL

/// A region's database, as one plugin may use it in one request.
///
/// A call takes a connection from the process's pool, and gives it back when it ends; a ``transaction(_:)`` keeps it for as
/// long as it runs. A request holds at most one connection: using the database inside a transaction, other than through the
/// transaction, is an error that says so. It is bound to the thread of its request and not Sendable on purpose.
public final class Database {
    package let runtime: Runtime
    /// Types described and plans made on this thread, so that no lock is needed.
    package let plans = PlanCache()
    /// The plugin on whose behalf statements run.
    @exclusivity(unchecked) package private(set) var plugin = ""
    @exclusivity(unchecked) private var role: String?
    @exclusivity(unchecked) private var busy = false
    /// The transaction that every unit of work joins meanwhile; nil where each is one of its own.
    @exclusivity(unchecked) private var whole: TransactionScope?
    /// What the error passed through that ended the last transaction that failed.
    package private(set) var trail = ErrorTrail()
    /// Who watches over the job that uses this, so that its statements can be cancelled; nil in a request.
    @exclusivity(unchecked) package var watch: RunWatch?
    /// Who watches over the thread that uses this, so that its statements can be cancelled; nil where nobody does.
    @exclusivity(unchecked) package var guardian: ThreadWatch?

    /// Who is behind what is done, where that is audited; nil where it is not, or nothing is changed.
    @exclusivity(unchecked) package var author: Author?

    /// The trace of the work that this is used for, where that is no request.
    @exclusivity(unchecked) package var origin: TraceContext?

    package init(_ runtime: Runtime) { self.runtime = runtime }

    /// The trace of the request or the work that this is used for.
    package var trace: TraceContext? { origin ?? plans.request?.trace }

    /// The id of the request that this is used for.
    package var requestID: String? { plans.request?.parameters.requestID.map { String(cString: $0) } }

    /// From here on statements run as this plugin's role.
    package func act(as plugin: String) {
        self.plugin = plugin
        role = runtime.roles[plugin]
    }

    /// The same for a plugin whose role is known already.
    package func act(as plugin: String, role: String?) { (self.plugin, self.role) = (plugin, role) }

    /// The moment, by the injected clock.
    public var now: Instant { runtime.world.now() }

    /// A new id (UUIDv7).
    public func newID<ID: Identifier>(_ type: ID.Type = ID.self) -> ID { ID(runtime.world.newID()) }

    /// Runs one statement and answers its rows as PostgreSQL sent them.
    public func query(_ statement: Statement) async throws -> Result {
        try connected { try $0.query(statement) }
    }

    /// Runs one statement and answers how many rows it changed.
    @discardableResult
    public func run(_ statement: Statement) async throws -> Int {
        try connected { try $0.run(statement) }
    }

    /// Runs one statement whose columns are the fields of a view, ready to be an answer.
    public func rows<V: View>(_ type: V.Type, _ statement: Statement) async throws -> Rows<V> {
        try plans.rows(type, statement, try connected { try $0.query(statement) })
    }

    /// Runs one statement whose columns are the fields of a view, and answers the rows as values.
    public func values<V: View>(_ type: V.Type, _ statement: Statement) async throws -> [V] {
        try await rows(type, statement).values()
    }

    /// Runs one statement for a single row, which is written to the answer without becoming a value.
    ///
    /// - Throws: ``Problem/notFound`` when there is no such row.
    public func row<V: View>(_ type: V.Type, _ statement: Statement) async throws -> SingleRow<V> {
        let rows = try await rows(type, statement)
        guard rows.count > 0 else { throw Problem.notFound }
        return SingleRow(rows)
    }

    /// Runs one page of a list.
    ///
    /// The statement asks for one row more than the limit, which tells whether there is a next page.
    ///
    ///     try await context.database.listing(CourseView.self, limit: filter.limit, key: ["published_at", "id"], """
    ///         select … where (published_at, id) < (\(after.at), \(after.id)) order by published_at desc, id desc
    ///         limit \(filter.limit + 1)
    ///         """)
    public func listing<V: View>(
        _ type: V.Type, limit: Int, key: [String], _ statement: Statement
    ) async throws -> Listing<V> {
        try await rows(type, statement).listing(limit: limit, key: key)
    }

    /// Runs a unit of work: all of it happens, with the events it emitted, or none of it.
    ///
    /// A serialization failure or deadlock runs the body again, at most ten times; so the body must not change anything
    /// outside the transaction. An error thrown by the body rolls back and is thrown on.
    public func transaction<Outcome>(
        _ body: (borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome {
        try claim()
        defer { busy = false }
        // It is undone by itself where it fails, as it would be by itself.
        if let whole { return try await Transaction(whole).attempt(body) }
        let connection = try checkOut()
        defer { checkIn(connection) }
        var attempt = 1
        // The same loop stands below: a closure in its place crashes the optimiser of Swift 6.3.1.
        while true {
            let scope = TransactionScope(self, connection)
            do {
                try connection.begin()
                let outcome = try await body(Transaction(scope))
                try scope.commit()
                return outcome
            } catch {
                try await undo(scope, error, &attempt)
            }
        }
    }

    /// Runs what may be several units of work as a single one: all of them happen, or none.
    ///
    /// A serialization failure or deadlock runs the body again, at most ten times.
    ///
    /// - Parameters:
    ///   - first: runs before the body, and decides whether it runs at all.
    ///   - last: the statements that go with the COMMIT, as the login.
    package func whole(
        first: (Connection) throws -> Bool, _ body: () async throws -> Void, last: () -> [Statement]
    ) async throws {
        try claim()
        defer { busy = false }
        let connection = try checkOut()
        defer { checkIn(connection) }
        var attempt = 1
        while true {
            let scope = TransactionScope(self, connection)
            do {
                try connection.begin()
                connection.role = nil
                guard try first(connection) else { return connection.rollback() }
                try await join(scope, body)
                try scope.flush()
                try guardian?.check()
                connection.role = nil
                try connection.commit(last())
                if scope.published > 0 { runtime.published(scope.published) }
                return
            } catch {
                try await undo(scope, error, &attempt)
            }
        }
    }

    /// Has every unit of work join a transaction.
    private func join(_ scope: TransactionScope, _ body: () async throws -> Void) async throws {
        whole = scope
        busy = false
        defer {
            whole = nil
            busy = true
        }
        try await body()
    }

    /// Undoes an attempt, and waits for the next one, if there is one.
    private func undo(_ scope: TransactionScope, _ error: any Error, _ attempt: inout Int) async throws {
        scope.connection.rollback()
        trail = scope.trail
        let retry = Retry()
        guard let error = error as? DatabaseError, error.isTransient, attempt < retry.tries else { throw error }
        try await Task.sleep(for: retry.pause(after: attempt))
        attempt += 1
    }

    /// Lends a connection, for what works with one: the kernel's books.
    package func withConnection<Outcome>(_ body: (Connection) throws -> Outcome) throws -> Outcome {
        try connected(body)
    }

    private func claim() throws {
        guard !busy else {
            throw MisuseError("a request holds one connection: inside a transaction, use the transaction")
        }
        busy = true
    }

    private func connected<Outcome>(_ body: (Connection) throws -> Outcome) throws -> Outcome {
        try claim()
        defer { busy = false }
        if let whole {
            // Undone by itself where it fails, as a statement outside of transactions is.
            return try whole.connection.savepoint { connection in
                connection.role = role
                return try body(connection)
            }
        }
        let connection = try checkOut()
        defer { checkIn(connection) }
        connection.role = role
        return try body(connection)
    }

    @inline(__always)
    private func checkOut() throws -> Connection {
        try guardian?.check()
        let connection = try runtime.pool.checkOut()
        if let author { connection.opening = author.command }
        guardian?.took(connection.canceller)
        if let watch {
            do { try watch.took(connection.canceller) } catch {
                checkIn(connection)
                throw error
            }
        }
        return connection
    }

    @inline(__always)
    private func checkIn(_ connection: Connection) {
        if let guardian { settle(connection, guardian.gaveBack()) }
        if let watch { settle(connection, watch.gaveBack()) }
        runtime.pool.checkIn(connection)
    }

    /// A cancellation that comes late must not hit whoever has the connection next.
    @inline(__always)
    private func settle(_ connection: Connection, _ how: ThreadWatch.Return) {
        switch how {
        case .clean: break
        case .cancelled:
            connection.rollback()
            // The server's process has been signalled by now: this takes it.
            _ = connection.ping()
        case .unusable: connection.abandon()
        }
    }

    /// The role of the plugin that is acting, for a connection that somebody else holds.
    package var actingRole: String? { role }
}

/// A mistake of a plugin's author, told where it happens.
public struct MisuseError: Error, CustomStringConvertible {
    /// What is wrong, and what to do instead.
    public let description: String

    package init(_ description: String) { self.description = description }
}
