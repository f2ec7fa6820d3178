/// How connections behave, beyond where they lead.
public struct ConnectionSettings: Sendable {
    /// How long a statement may run before the server ends it (`.timeout`); zero means as long as it likes.
    public var statementTimeout: Duration = .zero
    /// How long a statement may wait for a lock (`.timeout`); zero means as long as it likes.
    public var lockTimeout: Duration = .zero
    /// How long a transaction may stand idle before the server closes the connection; zero means for ever.
    public var idleTransactionTimeout: Duration = .zero
    /// How long opening a connection may take, in whole seconds, at least 2; a `connect_timeout` in the connection string wins.
    public var connectTimeout: Duration = .seconds(5)
    /// What `pg_stat_activity` shows, unless the connection string says otherwise.
    public var applicationName = "lyceum"

    /// The settings with their defaults.
    public init() {}

    /// The server's options for the start of a session; all that decoding relies on is fixed here.
    var options: String {
        var options = [
            "TimeZone=UTC", "DateStyle=ISO", "IntervalStyle=iso_8601", "bytea_output=hex", "extra_float_digits=1",
            "standard_conforming_strings=on",
            // Statements here are short, and compiling one takes seconds where its cost is guessed too high: that of the backlog,
            // which is read in a millisecond, took 2.3 s.
            "jit=off",
        ]
        for (name, limit) in [
            ("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout),
            ("idle_in_transaction_session_timeout", idleTransactionTimeout),
        ] where limit > .zero {
            options.append("\(name)=\(max(1, limit.milliseconds))")
        }
        return options.map { "-c \($0)" }.joined(separator: " ")
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
