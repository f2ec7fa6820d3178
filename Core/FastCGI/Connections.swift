import CFastCGI
import Glibc
import Synchronization

/// The one epoll set of a server: the listening socket, the hand-over queue and every kept connection that waits.
///
/// libfcgi by itself keeps a connection on the thread that accepted it, and with no fewer kept connections than threads
/// further requests hang for ever. Here a connection belongs to no thread:
///
///     arrives / is handed over ---> busy (a thread's) <---claimed--- parked (in the epoll set)
///                                        |                               ^   |
///                                        +-------- END_REQUEST ----------+   |
///                                        |                                   |
///                                        v     while passing on              v
///                               closed by the peer                    given to the queue
///
/// A thread claims what epoll reports; only one can, and the drain claims in the same way.
final class Connections: Sendable {
    enum Next {
        case connection(Int32)
        /// Look for jobs, then ask again.
        case again
        /// Nothing more will come to this thread.
        case none
    }

    enum Phase: UInt8 {
        case serving
        /// To the queue with everything.
        case passing
        /// There is no successor: answer so that the web server closes, until none is open.
        case ending
    }

    private let epoll: Int32
    private let settings: ServerSettings
    private let limit: Int
    private let margin: Int
    private let phaseNumber = Atomic<UInt8>(Phase.serving.rawValue)
    private let openCount = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)
    private let pausedUntil = Atomic<Int64>(0)
    /// The listening socket was shut down, perhaps by another process that shares it; nothing arrives any more.
    private let isShut = Atomic<Bool>(false)
    private let deadline = Atomic<Int64>(.max)
    /// By descriptor: 1 while it is parked.
    ///
    /// Its bytes are read and written atomically only (lyceum_mark, lyceum_claim), and it is freed with the last user.
    private nonisolated(unsafe) let parked: UnsafeMutablePointer<UInt8>
    /// Copies of connections that were given away.
    private let given = Mutex<[Int32]>([])

    init(_ settings: ServerSettings) throws(ServerError) {
        self.settings = settings
        guard lyceum_is_listening(settings.listener) else {
            throw ServerError("descriptor \(settings.listener) is not a listening socket")
        }
        // A thread that loses the race for an arrival must not block in accept.
        guard lyceum_nonblocking(settings.listener) == 0 else {
            throw ServerError("descriptor \(settings.listener) cannot be made non-blocking: \(ErrorNumber.last)")
        }
        limit = Int(lyceum_descriptor_limit(1 << 20))
        margin = settings.threads + 32
        guard limit > 2 * margin else {
            throw ServerError(
                "\(limit) open files are too few for \(settings.threads) threads; allow at least \(2 * margin + 1)")
        }
        epoll = lyceum_epoll_make()
        guard epoll >= 0 else { throw ServerError("cannot make an epoll set: \(ErrorNumber.last)") }
        // From fresh pages, which take up no memory until a descriptor of that number was parked.
        guard let table = calloc(limit, 1) else {
            close(epoll)
            throw ServerError("no memory for a table of \(limit) connections")
        }
        parked = table.assumingMemoryBound(to: UInt8.self)
        listen()
    }

    deinit {
        for copy in given.withLock({ $0 }) { close(copy) }
        close(epoll)
        free(parked)
    }

    var phase: Phase { Phase(rawValue: phaseNumber.load(ordering: .sequentiallyConsistent)) ?? .ending }

    /// Connections this process answers for.
    var open: Int { openCount.load(ordering: .relaxed) }

    // MARK: - Waiting

    /// Waits for a readable connection.
    func wait() -> Next {
        let phase = self.phase
        var ready: Int32 = -1
        switch lyceum_epoll_wait(epoll, &ready, timeout(phase)) {
        case 0: return phase == .passing || phase == .ending && open == 0 ? .none : .again
        case 1: break
        default: return .again
        }
        if ready == settings.listener { return accept() }
        if let queue = settings.handOver, ready == queue.receive {
            _ = adopt(queue.receive)
            return .again
        }
        // Else the drain was faster.
        return lyceum_claim(parked, ready) ? .connection(ready) : .again
    }

    /// Milliseconds; -1 is for ever.
    private func timeout(_ phase: Phase) -> Int32 {
        switch phase {
        case .serving:
            let until = pausedUntil.load(ordering: .relaxed)
            if until == 0 { return -1 }
            let left = until - lyceum_now()
            if left > 0 { return Int32(clamping: left) }
            resume()
            return -1
        case .passing: return 0
        case .ending: return 50
        }
    }

    // MARK: - Arrivals

    private func listen() {
        if !isShut.load(ordering: .sequentiallyConsistent) { _ = lyceum_epoll_listen(epoll, settings.listener) }
        if let queue = settings.handOver { _ = lyceum_epoll_listen(epoll, queue.receive) }
    }

    private func accept() -> Next {
        let connection = lyceum_accept(settings.listener)
        guard connection >= 0 else {
            let failure = ErrorNumber.last
            switch failure.number {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: pause(failure)
            // Else another process was faster.
            case EINVAL, EAGAIN: if lyceum_is_shut(settings.listener) { unlisten() }
            default: break
            }
            return .again
        }
        arrived(connection)
        // One that says nothing yet must not hold a thread.
        if lyceum_has_input(connection) { return .connection(connection) }
        park(connection)
        return .again
    }

    private func arrived(_ connection: Int32) {
        openCount.add(1, ordering: .relaxed)
        highest.max(Int(connection), ordering: .relaxed)
        lyceum_peer_timeout(connection, Int32(clamping: settings.peerTimeout.milliseconds))
    }

    /// Takes one connection from the queue; false when there is none or no room for it.
    private func adopt(_ queue: Int32) -> Bool {
        // The kernel closes a descriptor that finds no number here, and its request would be lost. So leave it to
        // others in good time: numbers are given lowest first.
        let lowest = Int(lyceum_lowest_free())
        if lowest < 0 || lowest >= limit - margin {
            pause(ErrorNumber(EMFILE))
            return false
        }
        let connection = lyceum_receive(queue)
        guard connection >= 0 else { return false }
        arrived(connection)
        park(connection)
        return true
    }

    /// Stops listening for a moment: what cannot be accepted stays readable, and threads would spin on it.
    private func pause(_ why: ErrorNumber) {
        let until = lyceum_now() + 100
        if pausedUntil.compareExchange(expected: 0, desired: until, ordering: .sequentiallyConsistent).exchanged {
            settings.log("no further connection is taken for now: \(why); \(open) are open, \(limit) files allowed")
        } else {
            pausedUntil.store(until, ordering: .sequentiallyConsistent)
        }
        forgetListening()
    }

    /// What was shut down stays readable, and threads would spin on it.
    private func unlisten() {
        isShut.store(true, ordering: .sequentiallyConsistent)
        _ = lyceum_epoll_forget(epoll, settings.listener)
    }

    private func forgetListening() {
        _ = lyceum_epoll_forget(epoll, settings.listener)
        if let queue = settings.handOver { _ = lyceum_epoll_forget(epoll, queue.receive) }
    }

    private func resume() {
        guard pausedUntil.exchange(0, ordering: .sequentiallyConsistent) != 0 else { return }
        listen()
        if phase != .serving { forgetListening() }
    }

    // MARK: - Departures

    /// A connection that the peer or libfcgi closed.
    func closed() {
        openCount.subtract(1, ordering: .relaxed)
        if pausedUntil.load(ordering: .relaxed) != 0 { resume() }
    }

    /// Puts a connection between two requests into the epoll set, or on to the queue; -1 was closed.
    func park(_ connection: Int32) {
        if connection < 0 { return closed() }
        if phase == .passing { return give(connection) }
        guard connection < limit else {
            close(connection)
            return closed()
        }
        lyceum_mark(parked, connection)  // before epoll: its event may come at once
        if lyceum_epoll_park(epoll, connection) != 0 {
            settings.log("a connection is closed because it cannot be waited for: \(ErrorNumber.last)")
            if lyceum_claim(parked, connection) { close(connection) }
            return closed()
        }
        if phase == .passing, lyceum_claim(parked, connection) { give(connection) }
    }

    // MARK: - The end

    /// Begins to drain, or turns a drain into a full stop, while the threads go on.
    func begin(_ phase: Phase, deadline: Int64) {
        self.deadline.store(deadline, ordering: .sequentiallyConsistent)
        phaseNumber.store(phase.rawValue, ordering: .sequentiallyConsistent)
        forgetListening()
        // EPOLLEXCLUSIVE may have told only this process of an arrival: take what is there, nobody else was woken for
        // it.
        while case let connection = lyceum_accept(settings.listener), connection >= 0 {
            arrived(connection)
            park(connection)
        }
        if let queue = settings.handOver {
            while adopt(queue.receive) {}
            // Others may still drain.
            if phase == .ending { _ = lyceum_epoll_listen(epoll, queue.receive) }
        }
        if phase == .passing { sweep() }
    }

    /// Gives away whatever is parked.
    func sweep() {
        for connection in 0...highest.load(ordering: .sequentiallyConsistent)
        where connection < limit && lyceum_claim(parked, Int32(connection)) {
            give(Int32(connection))
        }
    }

    /// Our copy stays open until the end: no end-of-file reaches the peer, and the number does not come back while a
    /// stale event is about.
    private func give(_ connection: Int32) {
        guard let queue = settings.handOver else { return }
        _ = lyceum_epoll_forget(epoll, connection)
        let left = max(0, deadline.load(ordering: .relaxed) - lyceum_now())
        let failure = lyceum_give(queue.send, connection, Int32(clamping: left))
        if failure != 0 { settings.log("a connection could not be handed over: \(ErrorNumber(failure))") }
        given.withLock { $0.append(connection) }
        openCount.subtract(1, ordering: .relaxed)
    }
}
