import CFastCGI
import Glibc
import Synchronization

/// Answers FastCGI requests on a pool of threads, each with a ``Lane`` of its own.
///
///     run ──> starting ──> serving ──SIGTERM──> passing on ──nothing in flight──> .drained
///                             │                     │
///                             │                   SIGINT
///                             │                     v
///                             └──SIGINT, orphaned─> ending ──no connection open──> .stopped
///
///     passing on, ending ──the deadline passes──> .deadline(open:)
///
/// *Passing on*: a kept connection is never closed, because the web server may be sending on it. Idle ones go to the
/// hand-over queue, busy ones after their answer. *Ending*: there is no successor; each further answer makes the web
/// server close its connection, and idle ones go when its `keepalive_timeout` is up. Without a hand-over queue SIGTERM
/// means the same as SIGINT.
public final class Server: Sendable {
    /// How to stop.
    public enum Stop: Sendable {
        /// Hand kept connections to successors (SIGTERM).
        case drain
        /// There is no successor (SIGINT).
        case full
    }

    /// How a server ended.
    public enum End: Equatable, Sendable {
        /// Successors have every connection.
        case drained
        /// No connection was left open.
        case stopped
        /// The deadline passed with this many connections open; their threads still run, so end the process now.
        case deadline(open: Int)
        /// No thread could be started.
        case failed(String)
    }

    private static let ended: Int32 = 255

    private let settings: ServerSettings
    private let connections: Connections
    private let signals: SignalPipe

    /// Checks the settings and begins to listen; requests wait until ``run(makeLane:)``.
    ///
    /// - Throws: ``ServerError`` when `listener` is no listening socket, or the limit of open files is too low.
    public init(_ settings: ServerSettings) throws(ServerError) {
        guard settings.threads > 0 else {
            throw ServerError("a server needs at least one thread, not \(settings.threads)")
        }
        let failure = lyceum_fcgi_start()
        guard failure == 0 else { throw ServerError("libfcgi does not start: \(ErrorNumber(failure))") }
        lyceum_wake_prepare()
        self.settings = settings
        signals = try SignalPipe()
        connections = try Connections(settings)
    }

    /// Ends the server as the signal would; from any thread.
    public func stop(_ stop: Stop) { signals.send(stop == .drain ? SIGTERM : SIGINT) }

    /// Serves until told to stop and drained; call it once.
    ///
    /// `makeLane` is called on each thread. SIGPIPE is ignored from here on.
    @discardableResult public func run(makeLane: @escaping @Sendable () -> any Lane) -> End {
        if settings.takesSignals {
            lyceum_signal_ignore(SIGHUP)
            signals.catching([SIGTERM, SIGINT])
        }
        let count = settings.threads
        let executors = (0..<count).map { _ in ThreadExecutor() }
        let alive = Counter(count), unready = Counter(count)
        var threads: [pthread_t] = []
        SignalMask.blocking {
            for executor in executors {
                let started = Thread.start { [self] in
                    executor.run { [self] in await serve(executor, unready, makeLane) }
                    if alive.decrement() == 0 { signals.send(Self.ended) }
                }
                switch started {
                case .success(let thread): threads.append(thread)
                case .failure(let why):
                    settings.log("thread \(threads.count + 1) of \(count) does not start: \(why)")
                    if unready.decrement() == 0, !threads.isEmpty { settings.ready() }
                    if alive.decrement() == 0, !threads.isEmpty { signals.send(Self.ended) }
                }
            }
        }
        if threads.isEmpty { return .failed("no thread could be started") }
        let end = waitForEnd(executors)
        if case .deadline = end { return end }
        for thread in threads { pthread_join(thread, nil) }
        if end == .drained { connections.sweep() }
        return end
    }

    /// Waits for a signal, then for the threads.
    private func waitForEnd(_ executors: [ThreadExecutor]) -> End {
        var deadline: Int64?
        while true {
            let left = deadline.map { Duration.milliseconds(max(0, $0 - lyceum_now())) }
            // Once stopping, a lost supervisor changes nothing.
            let lifeline = connections.phase == .ending ? nil : settings.lifeline
            let phase: Connections.Phase
            switch signals.wait(timeout: left, lifeline: lifeline) {
            case .signal(Self.ended): return connections.phase == .passing ? .drained : .stopped
            case .timeout:
                let open = connections.open
                settings.log(
                    "stopping after the deadline of \(settings.drainDeadline): \(open) connections are still open")
                return .deadline(open: open)
            case .signal(SIGTERM):
                if connections.phase != .serving { continue }
                phase = settings.handOver == nil ? .ending : .passing
                if phase == .ending, settings.shutsListener { shutListener() }
            case .signal(SIGINT):
                if connections.phase == .ending { continue }
                phase = .ending
                if settings.shutsListener { shutListener() }
            case .signal: continue
            case .orphaned:
                settings.log("stopping: the supervisor is gone")
                phase = .ending
                shutListener()
            }
            let end = deadline ?? lyceum_now() + settings.drainDeadline.milliseconds
            deadline = end
            connections.begin(phase, deadline: end)
            for executor in executors { executor.wake() }
        }
    }

    /// For every process that shares it, and for good; so never what others will use again.
    private func shutListener() {
        if !settings.isInherited { shutdown(settings.listener, Int32(SHUT_RD)) }
    }

    // MARK: - A thread

    /// The thread's one task: takes a connection, answers one request, parks it.
    private func serve(
        _ executor: ThreadExecutor, _ unready: Counter, _ makeLane: @Sendable () -> any Lane
    ) async {
        let lane = makeLane()
        let raw = lyceum_exchange_make(settings.bodyLimit)
        if unready.decrement() == 0 { settings.ready() }
        guard let raw else { return settings.log("a thread ends: no memory") }
        defer { lyceum_exchange_free(raw) }
        while let connection = await next(executor) {
            guard lyceum_exchange_begin(raw, connection) else {
                connections.closed()
                continue
            }
            await lane.answer(Exchange(raw))
            connections.park(lyceum_exchange_end(raw, connections.phase == .ending))
        }
    }

    private func next(_ executor: ThreadExecutor) async -> Int32? {
        while true {
            guard executor.prepareToWait() else {
                await executor.giveWay()
                continue
            }
            let next = connections.wait()
            executor.awake()
            switch next {
            case .connection(let connection): return connection
            case .again: continue
            case .none: return nil
            }
        }
    }
}

/// Counts down.
private final class Counter: Sendable {
    private let value: Atomic<Int>

    init(_ value: Int) { self.value = Atomic(value) }

    /// What is left.
    func decrement() -> Int { value.subtract(1, ordering: .sequentiallyConsistent).newValue }
}
