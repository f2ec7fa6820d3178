/// Why the database did not do what was asked.
///
/// Safe to log: it holds no bind and no row. PostgreSQL's DETAIL, which quotes rows, is never read, and values that PostgreSQL
/// quotes in its message are cut out of it. It is still not for strangers: it names tables and constraints.
public struct DatabaseError: Error, Sendable, Equatable {
    /// What went wrong, as far as a program can act on it.
    public enum Kind: Sendable, Equatable {
        /// The server is away or went away; whether the last statement took effect is unknown.
        case connectionLost
        /// The pool had no free connection in time.
        case exhausted
        /// Two transactions did not fit one after the other (40001); trying again helps.
        case serialization
        /// Two transactions waited for each other (40P01); trying again helps.
        case deadlock
        /// The schema changed under a prepared statement in mid-transaction; trying again helps.
        case stale
        /// A unique constraint (23505).
        case unique
        /// A foreign key (23503).
        case foreignKey
        /// A check constraint (23514).
        case check
        /// A column that must not be NULL (23502).
        case notNull
        /// An exclusion constraint (23P01).
        case exclusion
        /// A value the column's type does not take (class 22).
        case invalidValue
        /// The role may not do this (42501).
        case permission
        /// A statement or the wait for a lock took longer than it may (57014, 55P03).
        case timeout
        /// The statement was cancelled through `Canceller`.
        case cancelled
        /// An earlier error ended the transaction; only a rollback is possible (25P02).
        case aborted
        /// The transaction only reads (25006); on a standby this is `.connectionLost`.
        case readOnly
        /// A function raised it (P0001 and what functions raise with a code of their own in class P0).
        case raised
        /// A column was read as something it is not.
        case decoding
        /// The program used a connection as it must not be used.
        case misuse
        /// Anything else; `sqlState` says what.
        case other
    }

    /// What went wrong, as far as a program can act on it.
    public var kind: Kind
    /// PostgreSQL's code of five characters; empty where the error is not PostgreSQL's.
    public var sqlState: String
    /// One sentence, without values.
    public var message: String
    /// The violated constraint's name.
    public var constraint: String?
    /// The table concerned, as `schema.table`.
    public var table: String?
    /// The SQL with `$1` for binds.
    public var statement: String?
    /// Where PostgreSQL found the error in ``statement``: which character, from 1; nil where it is of no certain place.
    public var position: Int?

    /// An error that is not PostgreSQL's own.
    public init(_ kind: Kind, _ message: String, sqlState: String = "") {
        (self.kind, self.message, self.sqlState) = (kind, message, sqlState)
    }

    /// Whether the same transaction, begun anew, may well succeed.
    public var isTransient: Bool { kind == .serialization || kind == .deadlock || kind == .stale }

    /// Whether the database could not be had at all: a 503.
    public var isUnavailable: Bool { kind == .connectionLost || kind == .exhausted }
}

extension DatabaseError: CustomStringConvertible {
    /// `courses.enrollment: duplicate key value violates unique constraint "enrollment_seat_unique" (23505)`.
    public var description: String {
        let place = table.map { "\($0): " } ?? ""
        return sqlState.isEmpty ? place + message : "\(place)\(message) (\(sqlState))"
    }
}

extension DatabaseError.Kind {
    /// What PostgreSQL's code means here.
    init(sqlState: String) {
        switch sqlState {
        case "40001": self = .serialization
        case "40P01": self = .deadlock
        case "23505": self = .unique
        case "23503": self = .foreignKey
        case "23514": self = .check
        case "23502": self = .notNull
        case "23P01": self = .exclusion
        case "42501": self = .permission
        case "57014", "55P03": self = .timeout
        case "25P02": self = .aborted
        case "25006": self = .readOnly
        // The server ends the session after these, so the connection is lost whatever libpq has noticed so far.
        case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "53300": self = .connectionLost
        default:
            switch sqlState.prefix(2) {
            case "08": self = .connectionLost
            case "22": self = .invalidValue
            case "P0": self = .raised
            default: self = .other
            }
        }
    }
}
