internal import CPostgreSQL
internal import Glibc
internal import Synchronization

/// One session with PostgreSQL: statements, prepared once each, over libpq.
///
/// A call blocks its thread until the server has answered. A connection belongs to one task at a time and is not Sendable; two
/// uses that overlap all the same (an `async let` beside the connection's owner) are an error of kind `.misuse`, not a mixed-up
/// answer. Transactions begin and end through `begin`, `commit`, `rollback`, never through statements of the caller's.
///
///     ready ──error of a statement──▶ ready            (or, inside a transaction, only a rollback is possible)
///       └────connection lost────────▶ broken           every later use is `.connectionLost`; make another
public final class Connection {
    let handle: OpaquePointer
    /// Cancels what this connection is running, from another thread.
    public let canceller: Canceller
    /// Whether the session is lost; nothing works any more.
    @exclusivity(unchecked) public internal(set) var isBroken = false
    /// The role that statements run as; nil is the login role itself.
    ///
    /// Setting it sends nothing. `SET ROLE` travels ahead of the next statement, in the same round trip, and only if the
    /// session is not in that role already. Rollbacks and errors undo a `SET ROLE` on the server; the connection follows.
    /// Statements must not set the role themselves.
    @exclusivity(unchecked) public var role: String?

    /// A command that every transaction begins with, also that of a statement by itself, in the same round trip; nil is none.
    @exclusivity(unchecked) package var opening: String?

    // Exclusive access to these needs no check at run time: one task at a time is what `busy` enforces, no closure of a caller's
    // runs while one is being changed, and the checks were a sixth of what Swift added to libpq's work.
    @exclusivity(unchecked) var sessionRole: SessionRole = .known(nil)
    @exclusivity(unchecked) var transaction: TransactionState = .none
    /// Commands that the next statement takes along.
    @exclusivity(unchecked) var pending: [Control] = []
    /// What rollbacks return to: the transaction itself, then its savepoints.
    var levels: [Level] = []
    var savepoints = 0
    @exclusivity(unchecked) var prepared = PreparedStatements()
    private let busy = Atomic<Bool>(false)

    /// What the server holds as this session's role.
    enum SessionRole: Equatable {
        case known(String?)
        case unknown
    }

    /// Connects.
    ///
    /// - Parameters:
    ///   - conninfo: libpq's connection string: `key=value …` or `postgresql://…`, several hosts included.
    ///   - settings: Time-outs; a session is always in UTC, with ISO dates, hex bytea and UTF-8.
    /// - Throws: Kind `.connectionLost` with libpq's sentence.
    public init(_ conninfo: String, _ settings: ConnectionSettings = ConnectionSettings()) throws(DatabaseError) {
        handle = try connect(conninfo, settings)
        canceller = Canceller(handle)
        // libpq would print notices to standard error.
        _ = PQsetNoticeReceiver(handle, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    /// The server's process for this session, as in `pg_stat_activity.pid`.
    public var serverProcess: Int32 { PQbackendPID(handle) }

    /// The server's version: 150020 is 15.20.
    public var serverVersion: Int { Int(PQserverVersion(handle)) }

    /// The login role.
    public var login: String { PQuser(handle).map { String(cString: $0) } ?? "" }

    /// The database.
    public var database: String { PQdb(handle).map { String(cString: $0) } ?? "" }

    /// Runs a statement and returns its rows.
    public func query(_ statement: Statement) throws(DatabaseError) -> Result {
        try enter()
        defer { leave() }
        open()
        // The short way: nothing to send ahead, and the server knows the statement.
        if pending.isEmpty, sessionRole == .known(role), let entry = prepared.find(statement.pieces),
            prepared.isReady(entry)
        {
            try check(statement)
            let name = prepared.name(entry)
            let count = Int32(truncatingIfNeeded: statement.bindCount)
            let raw = statement.withParameters { PQexecPrepared(handle, name, count, $0, nil, nil, 0) }
            if let raw, isGood(raw) { return Result(owning: raw) }
            let error = failure(raw, statement)
            guard error.kind == .stale else { throw error }
            forget(entry)
            if transaction != .none { throw error }
        }
        let results = try trip(statement)
        guard let result = results.first else { throw DatabaseError(.connectionLost, "the server did not answer") }
        return result
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    public func run(_ statement: Statement) throws(DatabaseError) -> Int { try query(statement).affectedRows }

    /// Runs statements in one round trip and returns their results in order.
    ///
    /// Outside a transaction they make one: an error undoes all of them. The first error is thrown; what follows it is not run.
    public func pipeline(_ statements: [Statement]) throws(DatabaseError) -> [Result] {
        if statements.isEmpty { return [] }
        try enter()
        defer { leave() }
        open()
        return try trip(statements)
    }

    /// Runs SQL as `psql` would: any number of commands, no binds, nothing prepared.
    ///
    /// Outside a transaction the commands make one, unless they are of the kind that refuses one (`CREATE DATABASE`).
    public func script(_ sql: String) throws(DatabaseError) {
        try enter()
        defer { leave() }
        if !pending.isEmpty || sessionRole != .known(role) { _ = try trip([]) }
        let raw = PQexec(handle, sql)
        guard let raw, isGood(raw) else { throw failure(raw, nil, script: sql) }
        PQclear(raw)
    }

    /// Whether the server still answers; a lost connection becomes broken.
    public func ping() -> Bool {
        guard !isBroken, (try? enter()) != nil else { return false }
        defer { leave() }
        guard let raw = PQexec(handle, "") else { return false }
        defer { PQclear(raw) }
        if PQresultStatus(raw) == PGRES_EMPTY_QUERY { return true }
        isBroken = PQstatus(handle) == CONNECTION_BAD
        return false
    }

    /// Gives the session up: a pool closes it instead of handing it on.
    package func abandon() { isBroken = true }

    /// Is used by somebody else from now on.
    func change() {
        role = nil
        guard opening != nil else { return }
        opening = nil
        if transaction == .none { pending = [] }
    }

    func enter() throws(DatabaseError) {
        if busy.exchange(true, ordering: .acquiring) {
            throw DatabaseError(
                .misuse, "a connection was used by two tasks at once; each needs a connection of its own")
        }
        if isBroken {
            busy.store(false, ordering: .releasing)
            throw DatabaseError(.connectionLost, "the connection was lost earlier; a new one is needed")
        }
    }

    func leave() { busy.store(false, ordering: .releasing) }

    func check(_ statement: borrowing Statement) throws(DatabaseError) {
        if let zero = statement.zeroByte {
            throw DatabaseError(
                .invalidValue, "bind $\(zero) holds a zero byte, which text in PostgreSQL cannot", sqlState: "22021")
        }
        if statement.bindCount > 65_535 {
            throw DatabaseError(.misuse, "a statement takes at most 65535 binds; this one has \(statement.bindCount)")
        }
    }

    /// Whether a result is rows or a command's success.
    ///
    /// Anything but an error besides these (COPY) is not spoken here.
    @inline(__always)
    func isGood(_ raw: OpaquePointer) -> Bool {
        let status = PQresultStatus(raw)
        return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY
    }

    /// The error a bad result stands for; takes the result.
    func failure(_ raw: OpaquePointer?, _ statement: Statement?, script: String? = nil) -> DatabaseError {
        var error: DatabaseError
        if let raw {
            switch PQresultStatus(raw) {
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // The server waits for data in the middle of a command, where even other sessions can come to wait for it.
                isBroken = true
                shutdown(PQsocket(handle), Int32(SHUT_RDWR))
                error = DatabaseError(.misuse, "COPY is not supported; the connection is closed")
            default:
                error = DatabaseError(raw, handle, script: script)
            }
            PQclear(raw)
        } else {
            error = DatabaseError(connection: handle)
        }
        let asked = canceller.takeAsked()
        if asked, error.sqlState == "57014" { error.kind = .cancelled }
        // A write that reached a standby: another connection may find the primary; a read-only transaction is the caller's own.
        if error.kind == .readOnly, isStandby { error.kind = .connectionLost }
        if error.kind == .connectionLost || PQstatus(handle) == CONNECTION_BAD { isBroken = true }
        error.statement = statement?.text
        return error
    }

    private var isStandby: Bool {
        PQparameterStatus(handle, "in_hot_standby").map { strcmp($0, "on") == 0 } ?? false
    }

    func forget(_ entry: Int) {
        let old = prepared.forget(entry)
        guard transaction == .none, !isBroken else { return }
        PQclear(PQexec(handle, "deallocate \(old)"))
    }
}

/// Opens a session; the settings are added to the options that the connection string itself brings.
private func connect(_ conninfo: String, _ settings: ConnectionSettings) throws(DatabaseError) -> OpaquePointer {
    var options = settings.options
    if let given = try ConnectionParameters(conninfo).values["options"] { options = given + " " + options }
    let seconds = max(2, settings.connectTimeout.components.seconds)
    // What stands before `dbname` is a default, what stands after it is imposed.
    let parameters: [(String, String)] = [
        ("connect_timeout", "\(seconds)"), ("fallback_application_name", settings.applicationName),
        // A server's machine that is gone without a word is noticed within 35 s; libpq itself would wait for hours.
        ("tcp_user_timeout", "20000"), ("keepalives_idle", "20"), ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
        ("dbname", conninfo),
        ("client_encoding", "UTF8"), ("options", options),
    ]
    var keywords: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.0)) } + [nil]
    var values: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.1)) } + [nil]
    defer {
        for keyword in keywords { free(UnsafeMutablePointer(mutating: keyword)) }
        for value in values { free(UnsafeMutablePointer(mutating: value)) }
    }
    guard let handle = PQconnectdbParams(&keywords, &values, 1) else {
        throw DatabaseError(.connectionLost, "there is no memory for a connection")
    }
    guard PQstatus(handle) == CONNECTION_OK else {
        defer { PQfinish(handle) }
        throw DatabaseError(connection: handle)
    }
    return handle
}
