internal import Glibc

/// Lets few threads at a time do what costs memory and a core for long; others wait briefly for a turn.
final class HashingTurns: @unchecked Sendable {
    // Sendable because `free` is only touched with the mutex held.
    private var free: Int
    /// In milliseconds.
    private let patience: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// As many turns at a time as `limit` says, for which others wait at most so many milliseconds.
    init(_ limit: Int, patience: Int) {
        (free, self.patience) = (limit, patience)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Does some work when it is its turn.
    ///
    /// - Throws: ``Problem/busy``, when its turn does not come in time.
    func take<Outcome>(_ work: () -> Outcome) throws -> Outcome {
        try begin()
        defer { end() }
        return work()
    }

    private func begin() throws {
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        let nanoseconds = until.tv_nsec + patience % 1_000 * 1_000_000
        until.tv_sec += patience / 1_000 + nanoseconds / 1_000_000_000
        until.tv_nsec = nanoseconds % 1_000_000_000
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while free == 0 {
            guard pthread_cond_timedwait(condition, mutex, &until) != ETIMEDOUT else { throw Problem.busy }
        }
        free -= 1
    }

    private func end() {
        pthread_mutex_lock(mutex)
        free += 1
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }
}
