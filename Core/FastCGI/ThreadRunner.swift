/// Runs async functions on a thread of one's own, with the executor that web threads have.
public enum ThreadRunner {
    /// Runs `body` on the calling thread and returns when it has.
    ///
    /// Everything structured in it stays on this thread: `async let`, task groups, what follows a sleep. So a blocking
    /// call blocks nothing else. `Task {}` and `Task.detached` run on the global pool. SIGUSR2 wakes the thread and is
    /// blocked in it otherwise, as is every other signal that could interrupt a system call: wait for them with
    /// ``SignalPipe``, which catches them on other threads, or before this call.
    public static func run(_ body: @escaping @Sendable () async -> Void) {
        SignalMask.blocking { ThreadExecutor().run(body) }
    }
}
