/// One forward step of a schema: SQL that is run once, and never changed after it was.
public struct Migration: Sendable, Equatable {
    /// Its place in the order: 1 or more, greater than that of the step before.
    public let version: Int
    /// What it does, in a few words, for people.
    public let name: String
    /// The SQL: any number of commands, no `BEGIN` and no `COMMIT`.
    public let sql: String

    /// Declares a step.
    public init(_ version: Int, _ name: String, _ sql: String) {
        (self.version, self.name, self.sql) = (version, name, sql)
    }
}

/// Why a schema cannot be brought up to date.
public struct MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence that names the plugin and the version.
    public let description: String
    /// What the database said, where it was the database.
    public let cause: DatabaseError?

    init(_ description: String, cause: DatabaseError? = nil) {
        self.description = cause.map { "\(description): \($0)" } ?? description
        self.cause = cause
    }
}
