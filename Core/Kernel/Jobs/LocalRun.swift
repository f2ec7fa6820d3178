internal import FastCGI
internal import Lyceum
internal import PostgreSQL

/// A run that this process has: what it is, who watches it, and until when it is surely its own.
final class LocalRun: RunLease {
    let claimed: JobStore.Claimed
    let job: DeclaredJob
    let watch = RunWatch(onThread: Thread.detached)
    /// When it has taken too long, in microseconds of ``Metrics/clock()``.
    let deadline: UInt64
    /// The trace that queued the run, or the run's own; each attempt is a piece of work of its own in it.
    let trace: TraceContext?
    private let isFenced: Bool

    init(_ claimed: JobStore.Claimed, _ job: DeclaredJob, isFenced: Bool) {
        (self.claimed, self.job, self.isFenced) = (claimed, job, isFenced)
        trace = (claimed.trace.flatMap { TraceContext($0) } ?? TraceContext(beginning: claimed.handle.id.raw))?.child()
        deadline = Metrics.clock() + UInt64(max(0, job.timeOut.inSeconds) * 1e6)
    }

    var handle: JobStore.Handle { claimed.handle }

    func complete(_ scope: TransactionScope, result: String?) throws {
        let store = JobStore(connection: scope.connection, isFenced: isFenced)
        guard try store.end(handle, .done(result: result)) else { throw RunLost(job: job.name, id: handle.id) }
    }
}

/// A run was another's before it was done.
struct RunLost: Error, CustomStringConvertible {
    let job: String
    let id: Job.ID

    var description: String {
        "the run \(id) of \(job) is no longer this process's, so that it cannot be completed here"
    }
}
