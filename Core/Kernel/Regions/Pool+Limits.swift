internal import PostgreSQL

extension Pool {
    /// The pool of a region in this process.
    ///
    /// - Parameter counter: takes note of whoever has to wait.
    static func make(_ database: String, _ given: Generation.Limits, _ counter: RegionCounter?) -> Pool {
        var settings = ConnectionSettings()
        settings.statementTimeout = .milliseconds(given.statementMilliseconds)
        settings.lockTimeout = .milliseconds(given.statementMilliseconds)
        settings.idleTransactionTimeout = .milliseconds(given.statementMilliseconds * 2)
        var limits = Limits()
        limits.connections = given.connections
        limits.waiting = given.waiting
        limits.wait = .milliseconds(given.waitMilliseconds)
        guard let counter else { return Pool(database, settings, limits: limits) }
        return Pool(database, settings, limits: limits, waited: { counter.waited($0) })
    }
}
