internal import Foundation
internal import Kernel
internal import Synchronization

/// A supervisor on a thread of its own; it and its processes end with this object.
///
/// Were the test's process to die, the workers would notice by their pipe and end by themselves.
final class LiveSupervisor: Sendable {
    /// What the supervisor's thread tells, which may outlive the test by a moment.
    private final class News: Sendable {
        struct State {
            var serving = 0
            var prepared = 0
            var refusals: [String] = []
            var lines: [String] = []
            var end: Supervisor.End?
        }
        let state = Mutex(State())
    }

    private let news = News()
    private let supervisor: Supervisor

    /// Starts it, and waits until the first generation serves.
    init(
        socket: String, errors: String, stopDeadline: Duration?,
        generation: @escaping @Sendable (_ number: Int) throws -> GenerationSpec
    ) async throws {
        let news = news
        var settings = SupervisorSettings(
            listener: .path(socket), log: { line, _ in news.state.withLock { $0.lines.append(line) } }
        ) {
            let number = news.state.withLock { state in
                state.prepared += 1
                return state.prepared
            }
            return try generation(number)
        }
        settings.takesSignals = false
        if let stopDeadline { settings.stopDeadline = stopDeadline }
        settings.errors = .file(errors)
        settings.serving = { number in news.state.withLock { $0.serving = number } }
        settings.refused = { reason in news.state.withLock { $0.refusals.append(reason) } }
        let supervisor = try Supervisor(settings)
        self.supervisor = supervisor
        Thread.detachNewThread {
            let end = supervisor.run()
            news.state.withLock { $0.end = end }
        }
        try await waitUntil("the first generation serves") { self.serving == 1 || self.end != nil }
        if let end { throw LiveInstallationError(description: "the supervisor has ended: \(end)") }
    }

    deinit { stop() }

    /// The number of the generation that serves; 0 before the first.
    var serving: Int { news.state.withLock { $0.serving } }
    var refusals: [String] { news.state.withLock { $0.refusals } }
    var lines: [String] { news.state.withLock { $0.lines } }
    var end: Supervisor.End? { news.state.withLock { $0.end } }

    func reload() { supervisor.request(.reload) }

    /// Stops everything; what has not ended after fifty seconds is killed.
    @discardableResult
    func stop() -> Supervisor.End? {
        for seconds in [50.0, 10] where end == nil {
            supervisor.request(.stop)
            let deadline = Date().addingTimeInterval(seconds)
            while end == nil, Date() < deadline { usleep(2_000) }
        }
        return end
    }
}
