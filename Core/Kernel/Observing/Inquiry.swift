internal import FastCGI
internal import Glibc

/// Finds something out on a thread of its own, for those who cannot wait for ever: a database that hangs hangs no answer.
///
///     idle ──begin──▶ under way ──it ends──▶ idle
///
/// One is under way at a time, and who asks meanwhile shares it. One that takes longer than `patience` goes on by itself; until
/// it ends nobody waits for it any more.
final class Inquiry<Answer: Sendable>: @unchecked Sendable {
    // Sendable because what changes is only touched with the mutex held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let ended = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var rounds = 0
    private var begun: UInt64?
    private var last: Answer?
    private let patience: UInt64
    private let ask: @Sendable () async -> Answer

    /// - Parameters:
    ///   - patience: how long anybody waits for an answer.
    ///   - ask: finds it out; may block.
    init(patience: Duration, _ ask: @escaping @Sendable () async -> Answer) {
        self.patience = UInt64(patience.inSeconds * 1e6)
        self.ask = ask
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        ended.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(ended, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(ended)
        pthread_mutex_destroy(mutex)
        ended.deallocate()
        mutex.deallocate()
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Asks, unless somebody has and there is no answer yet; the outcome is for ``answer(to:)``.
    func begin() -> Int {
        let (round, isFirst) = locked {
            let isFirst = begun == nil
            if isFirst { begun = Metrics.clock() }
            return (rounds + 1, isFirst)
        }
        if isFirst, !Thread.detached({ ThreadRunner.run { await self.run() } }) { end(nil) }
        return round
    }

    private func run() async { end(await ask()) }

    private func end(_ answer: Answer?) {
        locked {
            (last, begun) = (answer, nil)
            rounds += 1
            pthread_cond_broadcast(ended)
        }
    }

    /// Waits for the answer; nil when there is none in time.
    func answer(to round: Int) -> Answer? {
        locked {
            while rounds < round, let begun {
                var until = timespec()
                until.tv_sec = Int((begun + patience) / 1_000_000)
                until.tv_nsec = Int((begun + patience) % 1_000_000) * 1_000
                if pthread_cond_timedwait(ended, mutex, &until) == ETIMEDOUT { return nil }
            }
            return last
        }
    }
}
