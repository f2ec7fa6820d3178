internal import Glibc

/// A value behind a mutex that threads can also wait on, which `Synchronization.Mutex` does not offer.
final class Guarded<State>: @unchecked Sendable {
    // Sendable because `value` is only touched with the mutex held, and what leaves it is handed to one owner.
    var value: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init(_ value: State) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }

    func withLock<Value>(_ body: (inout State) -> Value) -> Value {
        lock()
        defer { unlock() }
        return body(&value)
    }

    /// Waits, without the mutex, until the waiter is handed something or refused or the time is over; the mutex must be held.
    func wait(for waiter: Waiter, _ limit: Duration) {
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        let nanoseconds = Int64(until.tv_nsec) + limit.components.attoseconds / 1_000_000_000
        until.tv_sec += Int(limit.components.seconds + nanoseconds / 1_000_000_000)
        until.tv_nsec = Int(nanoseconds % 1_000_000_000)
        while waiter.gift == nil, !waiter.refused {
            if pthread_cond_timedwait(waiter.condition, mutex, &until) == ETIMEDOUT { return }
        }
    }
}

/// A thread that waits for a connection; only touched with the pool's mutex held.
final class Waiter {
    private(set) var gift: Gift?
    private(set) var refused = false
    let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
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
    }

    func hand(_ gift: Gift) {
        self.gift = gift
        pthread_cond_signal(condition)
    }

    func refuse() {
        refused = true
        pthread_cond_signal(condition)
    }
}
