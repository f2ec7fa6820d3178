@preconcurrency internal import Glibc
internal import Synchronization

/// A process started by this one, and how it ended.
///
/// A child is waited for exactly once, whoever asks: the first to learn how it ended remembers it, and a signal is never sent to
/// a number that no longer belongs to the child.
///
///     started ──wait/status──▶ ended(exited | signalled)     kill: only while started
public final class Child: Sendable {
    /// The process id; no longer this child's once `status()` is not nil.
    public let id: Int32
    /// The executable, for messages.
    public let name: String
    private let end = Mutex<Status?>(nil)

    /// How a process ended.
    public enum Status: Sendable, Equatable, CustomStringConvertible {
        /// It left by itself, with this code (0-255).
        case exited(Int32)
        /// It was killed by this signal.
        case signalled(Int32)

        /// Whether it left by itself with code 0.
        public var success: Bool { self == .exited(0) }

        /// For messages: `ended with code 1`, `was killed by signal 9`.
        public var description: String {
            switch self {
            case .exited(let code): "ended with code \(code)"
            case .signalled(let signal): "was killed by signal \(signal)"
            }
        }
    }

    /// Where the child's standard output or standard error goes.
    public enum Output: Sendable, Equatable {
        /// Where this process's own goes.
        case inherit
        /// To /dev/null.
        case nowhere
        /// Appended to a file, which is made with mode 0600 when it does not exist.
        case file(String)
        /// To an open descriptor of this process, for instance a pipe's end.
        case descriptor(Int32)
    }

    /// Starts a program.
    ///
    /// The child begins with no signal blocked, every signal at its default, and no descriptor open but 0, 1, 2 and those of
    /// `descriptors`.
    ///
    /// - Parameters:
    ///   - executable: A path, or a name without a slash that is looked up in this process's PATH.
    ///   - arguments: What follows the program's name.
    ///   - environment: `NAME=VALUE` each; nil hands on this process's own.
    ///   - directory: The working directory; nil means this process's own.
    ///   - descriptors: The child's number -> an open descriptor of this process; 0 may be given and is /dev/null otherwise.
    ///   - ownGroup: Whether it leads a process group of its own, so that a terminal's ctrl-C does not reach it.
    /// - Throws: `ChildError` when the program cannot be started; says whether it is missing or not executable.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String]? = nil, directory: String? = nil,
        descriptors: [Int32: Int32] = [:], output: Output = .inherit, errors: Output = .inherit, ownGroup: Bool = false
    ) throws(ChildError) {
        var launch = Launch()
        defer { launch.end() }
        try launch.descriptors(descriptors, output: output, errors: errors)
        if let directory { try launch.directory(directory) }
        launch.attributes(ownGroup: ownGroup)
        name = executable
        id = try launch.start(executable, arguments, environment)
    }

    /// How it ended, or nil while it runs; does not wait.
    public func status() -> Status? {
        end.withLock { end in
            if let end { return end }
            var raw: Int32 = 0
            var ended: Int32
            repeat { ended = waitpid(id, &raw, WNOHANG) } while ended == -1 && errno == EINTR
            if ended == id { end = Status(raw) }
            // Somebody else reaped it (a handler of SIGCHLD, or SIGCHLD is ignored): it is gone, with an unknown code.
            if ended == -1 { end = .exited(255) }
            return end
        }
    }

    /// Waits until it has ended.
    public func wait() -> Status {
        while true {
            if let status = status() { return status }
            // Blocks without reaping, and without the lock, so that `kill` works meanwhile.
            var info = siginfo_t()
            _ = waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT)
        }
    }

    /// Waits until it has ended, at most this long; nil when it still runs then.
    public func wait(atMost limit: Duration) -> Status? {
        let deadline = ContinuousClock.now + limit
        var pause: UInt32 = 500
        while true {
            if let status = status() { return status }
            if ContinuousClock.now >= deadline { return nil }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }

    /// Sends a signal, SIGTERM unless told otherwise, unless it has ended.
    ///
    /// - Returns: Whether the signal was sent.
    @discardableResult
    public func kill(_ signal: Int32 = 15) -> Bool {
        if status() != nil { return false }
        return end.withLock { $0 == nil && Glibc.kill(id, signal) == 0 }
    }

    /// Asks it to end with `signal` (SIGTERM unless told otherwise), and kills it when it has not ended in time.
    public func stop(_ signal: Int32 = 15, within limit: Duration = .seconds(5)) -> Status {
        kill(signal)
        if let status = wait(atMost: limit) { return status }
        kill(SIGKILL)
        return wait()
    }
}

extension Child.Status {
    /// From the number that `waitpid` writes: the macros of <sys/wait.h> take it apart, and Swift does not see macros.
    init(_ raw: Int32) {
        self = raw & 0x7f == 0 ? .exited((raw >> 8) & 0xff) : .signalled(raw & 0x7f)
    }
}
