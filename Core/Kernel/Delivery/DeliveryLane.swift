internal import Synchronization

/// A lane of a listener, and what the threads of this process know of it; one thread at a time works on it.
final class DeliveryLane: Sendable {
    let listener: DeclaredListener
    let number: Int
    /// How many the listener has in the database, which may for a while not be what it declares.
    let count: Int
    private let isTaken = Atomic<Bool>(false)
    private let untilFailure = Atomic<Int>(0)
    private let oneByOne = Atomic<Int>(0)
    private let unfinished = Atomic<Bool>(false)
    private let retries = Atomic<Bool>(true)
    private let stuck = Atomic<Bool>(false)
    private let lastRest = Atomic<UInt64>(0)

    init(_ listener: DeclaredListener, number: Int, of count: Int) {
        (self.listener, self.number, self.count) = (listener, number, count)
    }

    /// Takes the lane, unless another thread has it.
    func take() -> Bool { !isTaken.exchange(true, ordering: .acquiring) }
    func give() { isTaken.store(false, ordering: .releasing) }

    /// How many events went well before one that failed, and are now to be taken together without it; 0 is none.
    var safe: Int {
        get { untilFailure.load(ordering: .relaxed) }
        set { untilFailure.store(newValue, ordering: .relaxed) }
    }

    /// How many events are then to be taken one by one.
    var singles: Int {
        get { oneByOne.load(ordering: .relaxed) }
        set { oneByOne.store(newValue, ordering: .relaxed) }
    }

    /// Whether a batch of this process ended with its connection, so that nobody knows what it did.
    var isUnfinished: Bool {
        get { unfinished.load(ordering: .relaxed) }
        set { unfinished.store(newValue, ordering: .relaxed) }
    }

    /// Whether events may wait to be tried again.
    var hasRetries: Bool {
        get { retries.load(ordering: .relaxed) }
        set { retries.store(newValue, ordering: .relaxed) }
    }

    /// Whether its trouble has been logged.
    var isStuck: Bool {
        get { stuck.load(ordering: .relaxed) }
        set { stuck.store(newValue, ordering: .relaxed) }
    }

    /// When its idle cursor was last moved on, in microseconds.
    var rested: UInt64 {
        get { lastRest.load(ordering: .relaxed) }
        set { lastRest.store(newValue, ordering: .relaxed) }
    }
}
