internal import FastCGI
internal import Glibc
internal import Synchronization

/// Keeps the processes of an installation running: N that answer requests on one socket, and one that delivers events.
///
/// It never loads a plugin itself. ``SupervisorPlan`` decides, and draws the states; this does what it says. If it is
/// killed, its processes notice by the pipe on their descriptor 5 and stop by themselves.
public final class Supervisor: Sendable {
    /// What to ask of a running supervisor.
    public enum Request: Sendable {
        /// A new generation (SIGHUP).
        case reload
        /// A full stop (SIGTERM, SIGINT); the second time it kills what is left.
        case stop
    }

    /// How it ended.
    public enum End: Equatable, Sendable {
        /// As it was asked to; nothing is left running.
        case stopped
        /// The first generation did not start, for this reason; nothing is left running.
        case failed(String)
    }

    private static let prepared: Int32 = 255

    private let settings: SupervisorSettings
    private let listener: ListeningSocket
    private let signals: SignalPipe
    /// What `generation` answered, on its way from the task that called it.
    private let made = Mutex<Result<GenerationSpec, SupervisorError>?>(nil)

    /// Makes or adopts the listening socket; nothing is started before ``run()``.
    ///
    /// - Throws: `SupervisorError` when there is no socket to be had.
    public init(_ settings: SupervisorSettings) throws(SupervisorError) {
        self.settings = settings
        do { signals = try SignalPipe() } catch { throw SupervisorError(error.description) }
        listener = try ListeningSocket(settings.listener)
    }

    /// Asks a running supervisor for something; from any thread.
    public func request(_ request: Request) { signals.send(request == .reload ? SIGHUP : SIGTERM) }

    /// Runs until it is stopped; call it once, on a thread that may block.
    public func run() -> End {
        if settings.takesSignals {
            signal(SIGPIPE, SIG_IGN)
            signals.catching([SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        }
        var processes: SupervisedProcesses
        do { processes = try SupervisedProcesses(settings, listener) } catch { return .failed("\(error)") }
        var plan = SupervisorPlan(readyDeadline: settings.readyDeadline, stopDeadline: settings.stopDeadline)
        let begin = ContinuousClock.now
        var actions = plan.begin()
        while true {
            var events: [SupervisorPlan.Event] = []
            for action in actions {
                switch action {
                case .prepare: prepare()
                case .start(let number, let role, let generation):
                    events.append(processes.start(number, role, generation))
                case .tell(let number, let command): processes.tell(number, command)
                case .shutListener: listener.shut()
                case .log(let line, let level): settings.log(line, level)
                case .serving(let number):
                    processes.counts.add(.generations)
                    processes.forget(before: number)
                    settings.serving(number)
                case .settled(let number): settings.settled(number)
                case .notServing(let reason):
                    processes.counts.add(.refusals)
                    settings.refused(reason)
                case .end(let reason):
                    listener.remove()
                    return reason.map { .failed($0) } ?? .stopped
                }
            }
            if events.isEmpty {
                let due = plan.next().map { $0 - (ContinuousClock.now - begin) }
                processes.wait(signals.descriptor, atMost: due)
                events = received(&processes) + processes.news()
                if events.isEmpty { events = [.tick] }
            }
            actions = events.flatMap { plan.handle($0, at: ContinuousClock.now - begin) }
        }
    }

    /// On a thread of its own, which owes nothing to the global pool and may block.
    private func prepare() {
        let started = Thread.start { [self] in
            ThreadRunner.run { [self] in
                let result: Result<GenerationSpec, SupervisorError>
                do { result = .success(try await settings.generation()) } catch {
                    result = .failure(SupervisorError("\(error)"))
                }
                made.withLock { $0 = result }
            }
            signals.send(Self.prepared)
        }
        switch started {
        case .success(let thread): pthread_detach(thread)
        case .failure(let reason):
            made.withLock { $0 = .failure(SupervisorError("no thread to make it on: \(reason)")) }
            signals.send(Self.prepared)
        }
    }

    /// What signals and requests ask for.
    private func received(_ processes: inout SupervisedProcesses) -> [SupervisorPlan.Event] {
        var events: [SupervisorPlan.Event] = []
        while let number = signals.next() {
            switch number {
            case SIGTERM, SIGINT: events.append(.stop)
            case SIGHUP: events.append(.reload)
            case Self.prepared:
                switch made.withLock({ $0.take() }) {
                case .success(let spec)?:
                    // The plan refuses one without a web process, and does not count it.
                    if spec.webProcesses > 0 { processes.add(spec) }
                    events.append(.prepared(web: spec.webProcesses, delivery: spec.delivery != nil, name: spec.name))
                case .failure(let error)?: events.append(.refused(error.description))
                case nil: continue
                }
            default: continue
            }
        }
        return events
    }
}
