internal import PostgreSQL

extension Transaction {
    /// Queues a job of the plugin that is acting: it is stored with this transaction, or not at all, and runs afterwards.
    ///
    ///     try await transaction.enqueue("send-reminder", Reminder(course: id), at: start - .seconds(86_400), key: "\(id)")
    ///
    /// - Parameters:
    ///   - name: the job.
    ///   - payload: what it is told.
    ///   - at: when it runs at the earliest; nil: as soon as it can.
    ///   - key: where one is given, the job is queued once for it, for as long as the run is kept: a second call changes
    ///     nothing and answers the run that is there, whatever its state.
    /// - Returns: the id of the run.
    /// - Throws: ``MisuseError`` when the acting plugin has no such job.
    @discardableResult
    public func enqueue<Payload: Codable & Sendable>(
        _ name: JobName<Payload>, _ payload: Payload, at: Instant? = nil, key: String? = nil
    ) async throws -> Job.ID {
        let database = scope.database
        try database.runtime.jobs.check(database.plugin, name.id, Payload.self)
        let text = try EventCoding.text(payload)
        let id = database.newID(Job.ID.self)
        let trace = scope.trace?.description
        var row = try scope.query(
            """
            select lyceum.enqueue(\(id), \(database.plugin), \(name.id), \(text), \(at), \(key), \(scope.causation), \(trace))
            """
        ).row(0)
        return try row.next()
    }
}
