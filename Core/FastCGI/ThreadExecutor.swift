import CFastCGI
import Glibc
import Synchronization

/// Runs the jobs of one thread, on that thread.
///
/// As a task executor preference it keeps `async let`, group children and `@concurrent` functions of the thread's one
/// long-lived task on the thread, and brings it back there after a sleep or a continuation resumed elsewhere. `Task {}`
/// and `Task.detached` leave it.
///
///     ready job ----------------> run it --------------------+
///        ^                                                   |
///        | enqueue (wakes the thread if it is asleep)        v
///     asleep <--- nothing ready <--- nobody gave way <--- more ready?
///                                          |
///                                          +-- else resume the one that gave way
final class ThreadExecutor: TaskExecutor, SerialExecutor {
    private struct State {
        var ready: [UnownedJob] = []
        var next = 0
        var waiting: UnsafeContinuation<Void, Never>?
        var thread: pthread_t?
        var number = 0
        var isAsleep = false
        var isEnded = false
        var isGone = false
    }

    private enum Step: Sendable {
        case run(UnownedJob)
        case resume(UnsafeContinuation<Void, Never>)
        case sleep
        case end
    }

    private let state = Mutex(State())

    /// Runs `body` on the calling thread and returns when it has.
    func run(_ body: @escaping @Sendable () async -> Void) {
        lyceum_wake_prepare()
        state.withLock { state in
            state.thread = pthread_self()
            state.number = lyceum_thread()
        }
        Task(executorPreference: self) {
            await body()
            self.state.withLock { $0.isEnded = true }
        }
        while true {
            // One job at a time: jobs held back in a local batch would be invisible to `prepareToWait`, and starve.
            switch state.withLock({ Self.step(&$0) }) {
            case .run(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .resume(let continuation): continuation.resume()
            case .sleep:
                lyceum_sleep()
                awake()
            case .end: return
            }
        }
    }

    private static func step(_ state: inout State) -> Step {
        if state.next < state.ready.count {
            let job = state.ready[state.next]
            state.next += 1
            if state.next == state.ready.count {
                state.ready.removeAll(keepingCapacity: true)
                state.next = 0
            }
            return .run(job)
        }
        if let continuation = state.waiting.take() { return .resume(continuation) }
        if state.isEnded {
            state.isGone = true
            state.thread = nil
            return .end
        }
        state.isAsleep = true
        return .sleep
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isGone = state.withLock { state in
            if state.isGone { return true }
            state.ready.append(job)
            Self.wake(&state)
            return false
        }
        // What an unstructured task left behind would wait for ever here.
        if isGone { globalConcurrentExecutor.enqueue(job) }
    }

    /// Ends the thread's wait for a connection, or the next one.
    func wake() {
        state.withLock { state in
            state.isAsleep = true
            Self.wake(&state)
        }
    }

    /// Under the lock, so that the thread cannot have ended.
    private static func wake(_ state: inout State) {
        guard state.isAsleep, let thread = state.thread else { return }
        state.isAsleep = false
        pthread_kill(thread, SIGUSR2)
    }

    /// Whether the thread may block: no job is ready, and one that comes from now on wakes it.
    func prepareToWait() -> Bool {
        state.withLock { state in
            state.isAsleep = state.next == state.ready.count
            return state.isAsleep
        }
    }

    /// The thread waits no more.
    func awake() { state.withLock { $0.isAsleep = false } }

    /// Lets the ready jobs run first.
    ///
    /// Unlike `Task.yield` it does not pass through the global pool.
    func giveWay() async {
        await withUnsafeContinuation { continuation in state.withLock { $0.waiting = continuation } }
    }

    func checkIsolated() {
        precondition(state.withLock { $0.number } == lyceum_thread(), "not on this executor's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { state.withLock { $0.number } == lyceum_thread() }
}
