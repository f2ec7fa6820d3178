internal import PostgreSQL

extension Pool {
    /// The pool of a region in this process.
    static func make(_ database: String, _ given: Generation.Limits) -> Pool {
        var settings = ConnectionSettings()
        settings.statementTimeout = .milliseconds(given.statementMilliseconds)
        settings.lockTimeout = .milliseconds(given.statementMilliseconds)
        settings.idleTransactionTimeout = .milliseconds(given.statementMilliseconds * 2)
        var limits = Limits()
        limits.connections = given.connections
        limits.waiting = given.waiting
        limits.wait = .milliseconds(given.waitMilliseconds)
        return Pool(database, settings, limits: limits)
    }

    /// Whether the database answers right now.
    func isReachable() -> Bool { (try? withConnection { $0.ping() }) ?? false }
}
