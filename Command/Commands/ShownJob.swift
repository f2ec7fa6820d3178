internal import Kernel
internal import Lyceum

/// A job and how its runs stand, for programs, with the names that the API has.
struct ShownJob: Encodable {
    let job: String
    let isDeclared: Bool
    @OrNull var schedule: String?
    @OrNull var zone: String?
    @OrNull var nextAt: Instant?
    let queued: Int
    let running: Int
    let failed: Int
    let dead: Int
    let cancelled: Int
    let done: Int

    init(_ standing: JobBook.Standing, isDeclared: Bool) {
        (job, self.isDeclared) = (standing.job, isDeclared)
        (_schedule, _zone) = (OrNull(wrappedValue: standing.schedule), OrNull(wrappedValue: standing.zone))
        _nextAt = OrNull(wrappedValue: standing.next)
        func count(_ state: JobBook.State) -> Int { standing.counts[state] ?? 0 }
        (queued, running, failed) = (count(.queued), count(.running), count(.failed))
        (dead, cancelled, done) = (count(.dead), count(.cancelled), count(.done))
    }
}

/// A run of a job, for programs, with the names that the API has.
struct ShownRun: Encodable {
    let id: Job.ID
    let job: String
    let state: JobBook.State
    let attempt: Int
    @OrNull var key: String?
    @OrNull var scheduledAt: Instant?
    let queuedAt: Instant
    let dueAt: Instant
    @OrNull var startedAt: Instant?
    @OrNull var endedAt: Instant?
    let isCancelling: Bool
    @OrNull var progressDone: Int64?
    @OrNull var progressTotal: Int64?
    @OrNull var error: String?
    /// What it is told; only where one run is shown.
    var payload: StoredJSON?
    /// What it answered, or null; only where one run is shown.
    var result: StoredJSON?
    /// Only where one run is shown.
    var causes: [FailureCause]?

    init(_ run: JobBook.Run, isWhole: Bool = false) {
        (id, job, state, attempt) = (run.id, run.job, run.state, run.attempt)
        (queuedAt, dueAt, isCancelling) = (run.queuedAt, run.dueAt, run.isCancelling)
        (_key, _error) = (OrNull(wrappedValue: run.key), OrNull(wrappedValue: run.error))
        _scheduledAt = OrNull(wrappedValue: run.scheduledAt)
        (_startedAt, _endedAt) = (OrNull(wrappedValue: run.startedAt), OrNull(wrappedValue: run.endedAt))
        _progressDone = OrNull(wrappedValue: run.progress?.done)
        _progressTotal = OrNull(wrappedValue: run.progress?.total)
        guard isWhole else { return }
        payload = StoredJSON(run.payload)
        result = run.result.map { StoredJSON($0) } ?? .null
        causes = run.causes
    }
}
