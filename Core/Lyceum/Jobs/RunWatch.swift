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
        /// Whether a cancellation is under way, to the connection that the run has.
        var isCancelling = false
        var hasCancelled = false
        /// Counts connections: a cancellation that returns late is not taken for that of the next one's.
        var taken = 0
        var waiter: CheckedContinuation<Void, Never>?
        var progress: (done: Int64, total: Int64)?
    }
    private let state = Mutex(State())
    private let onThread: @Sendable (@escaping @Sendable () -> Void) -> Bool

    /// A watch over a run that has not begun.
    ///
    /// - Parameter onThread: starts a thread that nobody waits for, and answers whether there was one to be had.
    package init(onThread: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool) { self.onThread = onThread }

    package var reason: Reason? { state.withLock { $0.reason } }
    package var isCompleted: Bool { state.withLock { $0.isCompleted } }
    package var progress: (done: Int64, total: Int64)? { state.withLock { $0.progress } }

    /// Tells the run to end, and cancels the statement that it waits for; may be said again, for the next statement.
    ///
    /// It does not wait: a server that hangs does not answer a cancellation either, and who says this has more to look after.
    package func end(_ reason: Reason) {
        let (waiter, cancelled) = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            var cancelled: (Canceller, Int)?
            if let canceller = state.canceller, !state.isCompleted, !state.isCancelling {
                // Noted within the lock, so that the connection is not given to somebody else meanwhile.
                (state.isCancelling, state.hasCancelled) = (true, true)
                cancelled = (canceller, state.taken)
            }
            return (state.waiter.take(), cancelled)
        }
        waiter?.resume()
        guard let (canceller, number) = cancelled else { return }
        let isStarted = onThread { [self] in
            canceller.cancel()
            returned(number)
        }
        if !isStarted { returned(number) }
    }

    private func returned(_ number: Int) { state.withLock { if $0.taken == number { $0.isCancelling = false } } }

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
            // What is under way, if anything, goes to another connection, which nobody has any more.
            (state.isCancelling, state.hasCancelled) = (false, false)
            state.taken += 1
            return state.reason != nil
        }
        if isEnding { throw CancellationError() }
    }

    /// It does not any more; answers what is known of the connection.
    package func gaveBack() -> ThreadWatch.Return {
        state.withLock { state in
            state.canceller = nil
            return state.isCancelling ? .unusable : state.hasCancelled ? .cancelled : .clean
        }
    }
}
