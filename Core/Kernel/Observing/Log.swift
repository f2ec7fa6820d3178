internal import Glibc
public import Lyceum
internal import Synchronization

/// Where a process says what happens: one line each, an object of JSON for machines or a sentence for people.
///
/// Nothing that a client sends can forge a line or break its form, and no line is longer than 4,096 bytes, so that one system
/// call writes it whole, between those of other processes.
public struct Log: Sendable {
    /// How much a line matters.
    public enum Level: String, Sendable {
        /// It is as it should be.
        case info
        /// Something failed, and is tried again or was answered for.
        case warning
        /// Something failed that somebody should look at.
        case error
    }

    /// How lines look.
    public enum Form: String, Codable, CaseIterable, Sendable {
        /// An object each, for machines.
        case json
        /// A sentence each, for people.
        case text
    }

    private let process: String
    private let form: @Sendable () -> Form
    private let sink: @Sendable (String) -> Void

    /// Writes lines to a sink.
    ///
    /// - Parameters:
    ///   - form: how they look.
    ///   - process: what the process does, such as `web 0`.
    ///   - sink: takes a line without its line break, from any thread.
    public init(_ form: Form = .text, process: String = "lyceum", _ sink: @escaping @Sendable (String) -> Void) {
        self.init(process, { form }, sink)
    }

    private init(
        _ process: String, _ form: @escaping @Sendable () -> Form, _ sink: @escaping @Sendable (String) -> Void
    ) {
        (self.process, self.form, self.sink) = (process, form, sink)
    }

    /// Writes to standard error, each line in one system call so that lines of several processes do not mix.
    ///
    /// Its form is what the variable `LYCEUM_LOG` says, else what was chosen by ``choose(_:)``, else text on a terminal and
    /// JSON elsewhere.
    public static let standardError = Log("lyceum", { Log.chosen }) { line in
        var text = line + "\n"
        text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    }

    /// The same log of a process that does something particular.
    public func named(_ process: String) -> Log { Log(process, form, sink) }

    /// Says something, with what it is about as far as that is known.
    ///
    /// - Parameters:
    ///   - level: how much it matters.
    ///   - region: the region's id.
    ///   - plugin: the plugin's id.
    ///   - request: the request's id.
    ///   - trace: the trace that it belongs to.
    ///   - route: the method and the path as it was declared, such as `GET /api/courses/{course}`.
    ///   - status: the status code of the answer.
    ///   - listener: the listener's name with its plugin's.
    ///   - event: the id of the event that is delivered.
    ///   - job: the job's name with its plugin's.
    ///   - run: the id of the job's run.
    ///   - message: a sentence.
    public func write(
        level: Level = .info, region: String? = nil, plugin: String? = nil, request: String? = nil,
        trace: TraceContext? = nil, route: String? = nil, status: Int? = nil, listener: String? = nil,
        event: Int64? = nil,
        job: String? = nil, run: String? = nil, _ message: String
    ) {
        let line = LogLine(
            level: level, process: process, region: region, plugin: plugin, request: request, trace: trace,
            route: route,
            status: status, listener: listener, event: event, job: job, run: run, message: message)
        sink(form() == .json ? line.json(at: .now) : line.text)
    }

    // MARK: - The form of standard error

    /// 0: nobody has chosen; else the place of the form among all, from 1.
    private static let choice = Atomic<Int>(0)

    /// Chooses the form of standard error in this process; nil leaves it to where that leads.
    public static func choose(_ form: Form?) {
        choice.store(form.flatMap { Form.allCases.firstIndex(of: $0) }.map { $0 + 1 } ?? 0, ordering: .relaxed)
    }

    /// The variable by which a process is told the form, whatever its configuration says.
    public static let variable = "LYCEUM_LOG"

    /// What the environment says and where standard error leads, which never change.
    private static let told = getenv(variable).flatMap { Form(rawValue: String(cString: $0)) }
    private static let usual = isatty(2) == 1 ? Form.text : .json

    /// The form of standard error.
    public static var chosen: Form {
        if let told { return told }
        let choice = choice.load(ordering: .relaxed)
        return choice > 0 ? Form.allCases[choice - 1] : usual
    }
}
