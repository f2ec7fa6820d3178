/// A program to run as one of the supervisor's processes.
public struct ProcessSpec: Sendable, Equatable {
    /// A path, or a name without a slash that is looked up in PATH.
    public var executable: String
    /// What follows the program's name; `--slot N` is added for a web process.
    public var arguments: [String]
    /// Variables added to this process's own, or in place of them; those of ``tuning`` unless they are named in either.
    public var environment: [String: String]

    /// What a process of the platform runs best with.
    ///
    /// Without a backtrace a crash takes a millisecond instead of two seconds. libfcgi allocates and frees 35 blocks
    /// per request, three of them kilobytes long; where the thread's cache keeps all of those, a request takes 3,300
    /// instructions less of 16,900 (measured with glibc 2.36).
    public static let tuning = [
        "SWIFT_BACKTRACE": "enable=no",
        "GLIBC_TUNABLES": "glibc.malloc.tcache_count=100:glibc.malloc.tcache_max=16400",
    ]

    /// The variable that a web process finds when the supervisor was handed its listening socket: then no process shuts
    /// the socket down, as it will be handed to the next supervisor.
    public static let inheritedListener = "LYCEUM_LISTENER_INHERITED"

    /// A program with its arguments and added variables.
    public init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }
}

/// The processes of one generation: what a reload replaces as a whole.
public struct GenerationSpec: Sendable, Equatable {
    /// What each web process runs.
    ///
    /// It finds the listening socket on descriptor 0, the hand-over queue on 3 (to take from) and 4 (to give to), a
    /// pipe on 5, on 6 the writing end of a pipe to the delivery process, on 8 what the supervisor counts, on 9 memory in which
    /// all processes count, of whatever generation, and on 10 who used how much of which rate limit. To 5 it
    /// writes `ready` and a newline when it answers requests, or a sentence that says why it cannot before it ends; it keeps
    /// 5 open, and ends when nobody reads it any more. In the memory on 7 it may note what its threads do, which is read when
    /// it has ended.
    public var web: ProcessSpec
    /// How many there are, in slots 0 and up.
    public var webProcesses: Int
    /// What the one delivery process runs, or nil; it has the pipe on 5, the reading end of
    /// the web processes' pipe on 6, the memory on 7 and 9, and /dev/null on 0.
    public var delivery: ProcessSpec?

    /// What the log calls it, such as `28, which is 12 again`; nil: by the supervisor's own count.
    public var name: String?

    /// A generation's processes.
    public init(web: ProcessSpec, webProcesses: Int, delivery: ProcessSpec? = nil, name: String? = nil) {
        self.web = web
        self.name = name
        self.webProcesses = webProcesses
        self.delivery = delivery
    }
}
