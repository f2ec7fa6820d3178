internal import JSON
/// Work that is done by itself, later, in a process of its own: queued by a transaction, or at the times of a schedule.
///
///     Job("send-reminder", Reminder.self) { reminder, run in
///         try await Mailer.send(reminder, key: run.id)
///     }
///     Job("nightly-close", at: "0 2 * * *") { run in
///         try await run.completing { transaction in try await Ledger.close(transaction) }
///     }
///
/// A job may take minutes; it is no transaction, but makes its own. It runs at least once: a process may die after the work
/// and before that is noted. What must happen exactly once in the database is done in `completing` of its ``JobRun``, which
/// commits the effect together with the note; a call to another system carries ``JobRun/id`` as its idempotency key.
///
/// States of a run:
///
///     queued ──▶ running ──▶ done
///       ▲           ├──error, time-out──▶ failed ──(later)──▶ running …──▶ dead (after so many attempts)
///       │           ├──cancelled by an operator──▶ cancelled ◀── queued, failed
///       └───────────┘ its process was told to end, died, or let its lease lapse
///     done, failed, dead, cancelled ──an operator retries it──▶ queued
///
/// A failed run is tried again after attempt^4 seconds, at most a day. The jobs of a disabled plugin wait. What a run answers
/// is kept as JSON, with its errors, for as many days as the configuration says.
public struct Job: Contribution {
    /// The id of one run, the same over all its attempts.
    public struct ID: Identifier {
        /// The id without its type.
        public let raw: RawID
        /// Gives an id its type.
        public init(_ raw: RawID) { self.raw = raw }
    }

    /// The job's name within its plugin; changing it makes another job, and leaves what is queued waiting.
    public let id: String
    /// When it runs by itself; nil for a job that only runs when it is queued.
    public let schedule: Schedule?
    /// How long an attempt may take.
    public let timeOut: Duration
    /// The attempts after which a run is dead.
    public let attempts: Int
    package let payload: ObjectIdentifier
    package let prepare: @Sendable (Book) throws -> PreparedJob

    /// Declares a job that runs when it is queued, and answers something worth keeping.
    ///
    /// - Parameters:
    ///   - name: its name within the plugin.
    ///   - payload: what it is told; fields of it may be added as optional ones, because what is queued stays as it was.
    ///   - timeOut: how long an attempt may take; then it is cancelled, and counts as failed.
    ///   - attempts: how often a run is tried.
    ///   - body: does the work. It should look at ``JobRun/checkCancellation()`` now and then.
    public init<Payload: Codable & Sendable, Outcome: Encodable & Sendable>(
        _ name: JobName<Payload>, _ payload: Payload.Type = Payload.self, timeOut: Duration = .seconds(300),
        attempts: Int = 25, _ body: @escaping @Sendable (Payload, borrowing JobRun) async throws -> Outcome
    ) {
        self.init(name, nil, timeOut, attempts) { payload, run in try EventCoding.text(try await body(payload, run)) }
    }

    /// Declares a job that runs when it is queued; the parameters are those of the other one.
    public init<Payload: Codable & Sendable>(
        _ name: JobName<Payload>, _ payload: Payload.Type = Payload.self, timeOut: Duration = .seconds(300),
        attempts: Int = 25, _ body: @escaping @Sendable (Payload, borrowing JobRun) async throws -> Void
    ) {
        self.init(name, nil, timeOut, attempts) { payload, run in
            try await body(payload, run)
            return nil
        }
    }

    /// Declares a job that runs at the times of a schedule, and answers something worth keeping.
    ///
    /// Each time runs once, whichever process comes first. Times that passed while no process ran, or while the plugin was
    /// disabled, are not made up for one by one: the latest of them runs. A new or changed schedule begins from now. Runs of two
    /// times may overlap when the first takes so long, or is tried again.
    public init<Outcome: Encodable & Sendable>(
        _ name: JobName<NoPayload>, at schedule: Schedule, timeOut: Duration = .seconds(300), attempts: Int = 25,
        _ body: @escaping @Sendable (borrowing JobRun) async throws -> Outcome
    ) {
        self.init(name, schedule, timeOut, attempts) { _, run in try EventCoding.text(try await body(run)) }
    }

    /// Declares a job that runs at the times of a schedule; see the other one.
    public init(
        _ name: JobName<NoPayload>, at schedule: Schedule, timeOut: Duration = .seconds(300), attempts: Int = 25,
        _ body: @escaping @Sendable (borrowing JobRun) async throws -> Void
    ) {
        self.init(name, schedule, timeOut, attempts) { _, run in
            try await body(run)
            return nil
        }
    }

    private init<Payload: Codable & Sendable>(
        _ name: JobName<Payload>, _ schedule: Schedule?, _ timeOut: Duration, _ attempts: Int,
        _ body: @escaping @Sendable (Payload, borrowing JobRun) async throws -> String?
    ) {
        (id, self.schedule, self.timeOut, self.attempts) = (name.id, schedule, timeOut, attempts)
        payload = ObjectIdentifier(Payload.self)
        prepare = { book in
            let schema = try book.object(Payload.self)
            return PreparedJob(
                check: { text in
                    guard Payload.self == NoPayload.self else {
                        _ = try EventCoding.value(Payload.self, text, schema, isLenient: false)
                        return
                    }
                    // Whoever tells it something expects something of that.
                    guard try Document(text).withRoot({ $0.kind == .object && $0.count == 0 }) else {
                        throw Faults([
                            Fault(
                                pointer: "", code: "unknown",
                                sentence: "must be {}, or left out: the job is told nothing")
                        ])
                    }
                },
                run: { text, run in try await body(try EventCoding.value(Payload.self, text, schema), run) })
        }
    }

    /// `job send-reminder`, `job nightly-close at 0 2 * * *`.
    public var summary: String { "job \(id)" + (schedule.map { " at \($0.summary)" } ?? "") }
}

/// A job whose payload has been described.
package struct PreparedJob: Sendable {
    /// Throws ``Faults`` when a text that somebody wrote is no payload of the job.
    package let check: @Sendable (_ payload: String) throws -> Void
    /// Does the work, and answers its result as JSON, if it has one.
    package let run: @Sendable (_ payload: String, borrowing JobRun) async throws -> String?
}
