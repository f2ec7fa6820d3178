internal import Synchronization

/// A lane of a listener, and what the threads of this process know of it; one thread at a time works on it.
@dynamicMemberLookup
final class DeliveryLane: Sendable {
    /// What is known of a lane from one step to the next, whichever thread takes them.
    struct Knowledge: Sendable {
        /// How many events went well before one that failed, and are now to be taken together without it; 0 is none.
        var safe = 0
        /// How many events are then to be taken one by one.
        var singles = 0
        /// Whether a batch of this process ended with its connection, so that nobody knows what it did.
        var isUnfinished = false
        /// When events that were put aside are to be looked at, in microseconds; 0: now.
        var retryAt: UInt64 = 0
        /// Whether such an event had its turn, and new ones have theirs.
        var isTurnOfNew = false
        /// Whether its trouble has been logged.
        var isStuck = false
        /// When its idle cursor was last moved on, in microseconds.
        var rested: UInt64 = 0
    }

    let listener: DeclaredListener
    let number: Int
    /// How many the listener has in the database, which may for a while not be what it declares.
    let count: Int
    private let isTaken = Atomic<Bool>(false)
    private let knowledge = Mutex(Knowledge())

    init(_ listener: DeclaredListener, number: Int, of count: Int) {
        (self.listener, self.number, self.count) = (listener, number, count)
    }

    /// Takes the lane, unless another thread has it.
    func take() -> Bool { !isTaken.exchange(true, ordering: .acquiring) }
    func give() { isTaken.store(false, ordering: .releasing) }

    subscript<Value: Sendable>(dynamicMember path: WritableKeyPath<Knowledge, Value>) -> Value {
        get { knowledge.withLock { $0[keyPath: path] } }
        set { knowledge.withLock { $0[keyPath: path] = newValue } }
    }
}
