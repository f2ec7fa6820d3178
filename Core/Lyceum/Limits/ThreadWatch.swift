internal import Glibc
package import PostgreSQL
package import Synchronization

/// What one thread is doing, for how long it may, and the statement it waits for: written by the thread, read by whoever
/// watches over it.
///
///     idle ──begin──▶ at work ──finish──▶ idle
///                      │   ▲ leave
///                      │   └──────── in a hook, with a time of its own
///                      └──time is up──▶ expired: its statement is cancelled, and it gets no further one
///
/// A piece of work, and each hook in it, is a *scope* with a number of its own; so what is said too late of one is never taken
/// for the next. Beginning and finishing is a few stores without a lock; a lock is taken where a connection is.
package final class ThreadWatch: Sendable {
    /// The places of the record's words.
    package enum Word {
        package static let work = 0
        package static let due = 1
        package static let scope = 2
        package static let last = 3
        package static let request = 4
        package static let thread = 5
        package static let count = 8
    }

    /// Where a scope stood that a hook interrupted.
    package struct Outer {
        fileprivate let work: UInt64
        fileprivate let due: UInt64
        fileprivate let scope: UInt64
        /// The hook's own.
        fileprivate let inner: UInt64
        /// Whether the interrupted scope's time is up no later than the hook's.
        package let isSooner: Bool
    }

    /// What is known of the statements of a connection that comes back.
    package enum Return: Sendable {
        /// Nobody interfered.
        case clean
        /// A cancellation was sent, and has arrived.
        case cancelled
        /// A cancellation is under way, or the connection was cut: nobody else may have it.
        case unusable
    }

    private struct State {
        var canceller: Canceller?
        /// The number of the cancellation that is under way.
        var cancelling: UInt64?
        var cancellations: UInt64 = 0
        var cancelled: UInt64?
        var isCut = false
    }

    // Atomics only; the memory outlives the watch, as the thread's place on its board does.
    nonisolated(unsafe) package let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let ownsWords: Bool
    private let expired = Atomic<UInt64>(0)
    private let state = Mutex(State())

    /// A watch over a record of ``Word/count`` words, all 0 unless it had one before; its own without one.
    package init(_ words: UnsafeMutablePointer<Atomic<UInt64>>? = nil) {
        ownsWords = words == nil
        if let words {
            self.words = words
        } else {
            self.words = .allocate(capacity: Word.count)
            // A zero is a valid Atomic<UInt64>, which has the layout of its value.
            UnsafeMutableRawPointer(self.words).initializeMemory(
                as: UInt8.self, repeating: 0, count: Word.count * MemoryLayout<UInt64>.size)
        }
    }

    deinit { if ownsWords { words.deallocate() } }

    @inline(__always)
    private subscript(word: Int) -> UInt64 {
        get { words[word].load(ordering: .relaxed) }
        set { words[word].store(newValue, ordering: .relaxed) }
    }

    /// Microseconds of a clock that never goes back.
    package static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    // MARK: - By the thread

    /// A new piece of work begins; the time may be 0, for as long as it takes.
    package func begin(work: UInt64, due: UInt64) {
        let scope = self[Word.last] &+ 1
        self[Word.last] = scope
        self[Word.scope] = scope
        self[Word.due] = due
        words[Word.work].store(work, ordering: .releasing)
    }

    /// The work is done; answers whether its time was found to be up.
    @discardableResult
    package func finish() -> Bool {
        let wasExpired = isExpired
        words[Word.work].store(0, ordering: .releasing)
        self[Word.due] = 0
        return wasExpired
    }

    /// A hook begins within the work, with so many milliseconds.
    package func enter(work: UInt64, milliseconds: Int) -> Outer {
        let limit = ThreadWatch.clock() &+ UInt64(max(0, milliseconds)) &* 1_000
        let due = self[Word.due]
        let isSooner = due != 0 && due <= limit
        let outer = Outer(
            work: self[Word.work], due: due, scope: self[Word.scope], inner: self[Word.last] &+ 1, isSooner: isSooner)
        self[Word.last] = outer.inner
        self[Word.scope] = outer.inner
        self[Word.due] = isSooner ? due : limit
        if work != 0 { words[Word.work].store(work, ordering: .releasing) }
        return outer
    }

    /// The hook is over; answers whether its time was found to be up.
    package func leave(_ outer: Outer) -> Bool {
        let wasExpired = expired.load(ordering: .acquiring) == outer.inner
        words[Word.work].store(outer.work, ordering: .releasing)
        self[Word.scope] = outer.scope
        self[Word.due] = outer.due
        return wasExpired
    }

    /// The thread itself finds that the time of its present work is up.
    package func endNow() { expired.store(self[Word.scope], ordering: .releasing) }

    /// Whether the present work's time was found to be up.
    @inline(__always)
    package var isExpired: Bool { expired.load(ordering: .acquiring) == self[Word.scope] && self[Word.scope] != 0 }

    /// - Throws: `CancellationError` once the time is up.
    @inline(__always)
    package func check() throws { if isExpired { throw CancellationError() } }

    /// The thread waits for statements of this connection from now on.
    package func took(_ canceller: Canceller) {
        state.withLock { state in
            state.canceller = canceller
            // What is under way, if anything, goes to another connection, which nobody has any more.
            state.cancelling = nil
            state.cancelled = nil
            state.isCut = false
        }
    }

    /// It does not any more.
    package func gaveBack() -> Return {
        state.withLock { state in
            state.canceller = nil
            if state.isCut || state.cancelling != nil { return .unusable }
            return state.cancelled == nil ? .clean : .cancelled
        }
    }

    /// Waits until no cancellation is under way to the connection that the thread has, so that none hits a later statement.
    ///
    /// The connection is abandoned if that takes too long.
    package func settle(_ connection: Connection) {
        for _ in 0..<2_000 {
            let how = state.withLock { state -> Return? in
                if state.isCut { return .unusable }
                if state.cancelling != nil { return nil }
                defer { state.cancelled = nil }
                return state.cancelled == nil ? .clean : .cancelled
            }
            switch how {
            case .clean: return
            case .cancelled:
                // The server's process has been signalled by now: this takes it.
                _ = connection.ping()
                return
            case .unusable: return connection.abandon()
            case nil: usleep(1_000)
            }
        }
        connection.abandon()
    }

    // MARK: - By the watchman

    /// The kernel's number of the thread; 0 when it has no place on a board.
    package var thread: UInt64 { self[Word.thread] }

    /// What the thread does, until when, and the number of that.
    package var present: (work: UInt64, due: UInt64, scope: UInt64) {
        let work = words[Word.work].load(ordering: .acquiring)
        return (work, self[Word.due], self[Word.scope])
    }

    /// Says that the time of a scope is up; to be said again as long as the thread does not come back.
    ///
    /// The first time its statement is cancelled; where that does not help, after `patience` microseconds its connection is cut.
    ///
    /// - Returns: whether it is said for the first time.
    @discardableResult
    package func expire(
        scope: UInt64, now: UInt64, patience: UInt64, _ onThread: (@escaping @Sendable () -> Void) -> Bool
    ) -> Bool {
        var isNew = false
        let asked = state.withLock { state -> (Canceller, UInt64)? in
            // Under the lock, so that the connection is that of this scope's work.
            guard self[Word.scope] == scope, words[Word.work].load(ordering: .acquiring) != 0 else { return nil }
            isNew = expired.exchange(scope, ordering: .acquiringAndReleasing) != scope
            guard let canceller = state.canceller else { return nil }
            guard let since = state.cancelled else {
                state.cancelled = now
                state.cancellations += 1
                state.cancelling = state.cancellations
                return (canceller, state.cancellations)
            }
            if now &- since > patience, !state.isCut {
                state.isCut = true
                canceller.cut()
            }
            return nil
        }
        guard let (canceller, number) = asked else { return isNew }
        // On a thread of its own: a server that hangs does not answer a cancellation either.
        let isStarted = onThread { [self] in
            canceller.cancel()
            ended(number)
        }
        if !isStarted { ended(number) }
        return isNew
    }

    private func ended(_ cancellation: UInt64) {
        state.withLock { if $0.cancelling == cancellation { $0.cancelling = nil } }
    }
}
