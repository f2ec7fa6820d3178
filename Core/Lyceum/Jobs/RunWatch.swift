package import PostgreSQL
internal import Synchronization

/// What a run and those who watch over it know of each other: how far it is, and whether it is to end.
///
///     going ──end(reason)──▶ ending          the first reason stays; the statement under way is cancelled
///     going, ending ──complete──▶ completed   its effect is committed: nothing can be taken back
package final class RunWatch: Sendable {
    /// Why a run is to end before it has.
    package enum Reason: Sendable, Equatable {
        /// An operator said so.
        case cancelled
        /// It took too long.
        case timeOut
        /// Its lease lapsed, and it is somebody else's.
        case lost
        /// The process ends.
        case stopping
    }

    private struct State {
        var reason: Reason?
        var isOver = false
        var isCompleted = false
        var canceller: Canceller?
        var hasCancelled = false
        var waiter: CheckedContinuation<Void, Never>?
        var progress: (done: Int64, total: Int64)?
    }
    private let state = Mutex(State())

    package init() {}

    package var reason: Reason? { state.withLock { $0.reason } }
    package var isCompleted: Bool { state.withLock { $0.isCompleted } }
    package var progress: (done: Int64, total: Int64)? { state.withLock { $0.progress } }

    /// Tells the run to end, and cancels the statement that it waits for; may be said again, for the next statement.
    package func end(_ reason: Reason) {
        // Within the lock, so that the connection cannot be given back, and be somebody else's, meanwhile.
        let waiter = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            if let canceller = state.canceller, !state.isCompleted {
                state.hasCancelled = true
                canceller.cancel()
            }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// - Throws: `CancellationError` once the run is to end.
    package func check() throws { if reason != nil { throw CancellationError() } }

    /// Returns when the run is to end, or when this task is cancelled.
    package func untilEnding() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isOver || state.reason != nil { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                state.isOver = true
                return state.waiter.take()
            }?.resume()
        }
    }

    package func progressed(_ done: Int, of total: Int) {
        state.withLock { $0.progress = (Int64(done), Int64(total)) }
    }

    package func completed() { state.withLock { $0.isCompleted = true } }

    /// The run waits for statements of this connection from now on.
    package func took(_ canceller: Canceller) throws {
        let isEnding = state.withLock { state in
            state.canceller = canceller
            state.hasCancelled = false
            return state.reason != nil
        }
        if isEnding { throw CancellationError() }
    }

    /// It does not any more; answers whether a cancellation was sent that may not have arrived yet.
    package func gaveBack() -> Bool {
        state.withLock { state in
            state.canceller = nil
            return state.hasCancelled
        }
    }
}
