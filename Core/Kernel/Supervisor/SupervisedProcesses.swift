internal import FastCGI
@preconcurrency internal import Glibc

/// The processes that run, and the descriptors they were given.
struct SupervisedProcesses: ~Copyable {
    private struct Running {
        let child: Child
        var pipe: Int32
        let role: SupervisorPlan.Role
        let generation: Int
        /// Memory in which it notes what its threads do; -1 where none was to be had.
        let board: Int32
        var said: [UInt8] = []
        var isReady = false
    }

    private static let ready = Array("ready\n".utf8)

    /// By number from 1, as the plan counts those that were accepted.
    private var generations: [Int: GenerationSpec] = [:]
    private var lastGeneration = 0
    private let settings: SupervisorSettings
    private let listener: ListeningSocket
    private let queue: [Int32]
    /// From the web processes to the delivery process; neither end ever closes, so that generations share it.
    private let published: [Int32]
    private var running: [Int: Running] = [:]
    /// What the last few delivery processes were doing when they ended, the latest first, for the next one.
    private var notices: [DeathNotice] = []
    /// What was started in each generation: again means that it had ended by itself.
    private var started: [Int: Set<SupervisorPlan.Role>] = [:]
    /// What web processes may read of what happens to processes.
    let counts = SupervisorBoard()
    /// What processes count, whatever generation they are of; -1 where the system has no shared memory.
    private let counters = CounterTable.memory()
    /// What web processes of all generations share to count who uses how much of which rate limit.
    private let rates = RateBoard.make()

    init(_ settings: SupervisorSettings, _ listener: ListeningSocket) throws(SupervisorError) {
        (queue, published) = try Self.channels()
        self.settings = settings
        self.listener = listener
    }

    private static func channels() throws(SupervisorError) -> (queue: [Int32], published: [Int32]) {
        var queue: [Int32] = [-1, -1]
        let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &queue) == 0 else {
            throw SupervisorError("the hand-over queue cannot be made: \(systemMessage(errno))")
        }
        var published: [Int32] = [-1, -1]
        guard Glibc.pipe(&published) == 0 else {
            for end in queue { close(end) }
            throw SupervisorError("the pipe to the delivery process cannot be made: \(systemMessage(errno))")
        }
        for end in published {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (queue, published)
    }

    deinit {
        if rates >= 0 { close(rates) }
        for process in running.values {
            if process.pipe >= 0 { close(process.pipe) }
            if process.board >= 0 { close(process.board) }
        }
        for end in queue + published { close(end) }
        if counters >= 0 { close(counters) }
    }

    // MARK: - Doing

    /// Takes the next generation's processes.
    mutating func add(_ spec: GenerationSpec) {
        lastGeneration += 1
        generations[lastGeneration] = spec
    }

    /// Forgets generations of which no process is started any more.
    mutating func forget(before number: Int) { generations = generations.filter { $0.key >= number } }

    mutating func start(_ number: Int, _ role: SupervisorPlan.Role, _ generation: Int) -> SupervisorPlan.Event {
        guard let spec = generations[generation] else {
            return .notStarted(number, "generation \(generation) is over")
        }
        if !started[generation, default: []].insert(role).inserted {
            counts.add(role == .delivery ? .deliveryRestarts : .webRestarts)
        }
        // Of those before, none is started again.
        if started.count > 32, let oldest = started.keys.min() { started[oldest] = nil }
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { return .notStarted(number, "no pipe: \(systemMessage(errno))") }
        defer { close(pipe[1]) }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(pipe[0], F_SETFL, O_NONBLOCK)
        let board = ThreadFaults.memory("lyceum threads")
        noteOldest(generation)
        do {
            let child: Child
            var descriptors: [Int32: Int32] = [5: pipe[1]]
            // Without it everything works, and only the reason of a crash stays unknown.
            if board >= 0 { descriptors[WorkerMain.board] = board }
            if counters >= 0 { descriptors[CounterTable.place] = counters }
            switch role {
            case .web(let slot):
                descriptors.merge([0: listener.descriptor, 3: queue[0], 4: queue[1], 6: published[1]]) { $1 }
                if counts.descriptor >= 0 { descriptors[SupervisorBoard.place] = counts.descriptor }
                if rates >= 0 { descriptors[RateBoard.place] = rates }
                child = try launch(generation, spec.web, ["--slot", "\(slot)"], descriptors)
            case .delivery:
                descriptors[6] = published[0]
                child = try launch(generation, spec.delivery ?? spec.web, [], descriptors, notices: notices)
            }
            running[number] = Running(
                child: child, pipe: pipe[0], role: role, generation: generation, board: board)
            return .started(number, id: child.id)
        } catch {
            close(pipe[0])
            if board >= 0 { close(board) }
            return .notStarted(number, error.description)
        }
    }

    /// Tells who shows the counters which generations have a process, those that are to have one among them.
    private func noteOldest(_ starting: Int? = nil) {
        guard counters >= 0, let oldest = (running.values.map(\.generation) + [starting].compactMap { $0 }).min() else {
            return
        }
        CounterTable.note(oldest: oldest, counters)
    }

    private func launch(
        _ generation: Int, _ spec: ProcessSpec, _ arguments: [String], _ descriptors: [Int32: Int32],
        notices: [DeathNotice] = []
    ) throws(ChildError) -> Child {
        var added = ProcessSpec.tuning.filter { getenv($0.key) == nil }.merging(spec.environment) { $1 }
        added[CounterTable.variable] = "\(generation)"
        if !notices.isEmpty { added[DeathNotice.variable] = DeathNotice.text(notices) }
        if listener.isInherited { added[ProcessSpec.inheritedListener] = "1" }
        // These speak of descriptors that were meant for this process.
        let replaced = Set(added.keys).union([
            "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", ProcessSpec.inheritedListener,
        ])
        let environment =
            Self.ownEnvironment().filter { !replaced.contains(String($0.prefix { $0 != "=" })) }
            + added.map { "\($0.key)=\($0.value)" }
        // A group of its own: a terminal's ctrl-C is the supervisor's to handle, in order.
        return try Child(
            spec.executable, spec.arguments + arguments, environment: environment, descriptors: descriptors,
            errors: settings.errors, ownGroup: true)
    }

    private static func ownEnvironment() -> [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        return variables
    }

    func tell(_ number: Int, _ command: SupervisorPlan.Command) {
        switch command {
        case .drain: running[number]?.child.kill(SIGTERM)
        case .stop: running[number]?.child.kill(SIGINT)
        case .kill: running[number]?.child.kill(SIGKILL)
        }
    }

    // MARK: - Hearing

    /// Waits for a signal, a word or the end of a process, or the time.
    func wait(_ signals: Int32, atMost due: Duration?) {
        var waiting = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
        // A process may end without a word where no signal tells: it is looked after four times a second. One whose
        // pipe has ended is about to.
        var longest = 250
        for process in running.values {
            if process.pipe >= 0 {
                waiting.append(pollfd(fd: process.pipe, events: Int16(POLLIN), revents: 0))
            } else {
                longest = 10
            }
        }
        if let due { longest = max(0, min(longest, Int(due / .milliseconds(1)) + 1)) }
        poll(&waiting, nfds_t(waiting.count), Int32(longest))
    }

    /// Who has become ready or has ended since the last time.
    mutating func news() -> [SupervisorPlan.Event] {
        var events: [SupervisorPlan.Event] = []
        for number in running.keys.sorted() {
            guard var process = running[number] else { continue }
            // Looked at before the pipe: what was said before the end is then read for certain.
            let status = process.child.status()
            Self.read(&process)
            if !process.isReady, process.said.starts(with: Self.ready) {
                process.isReady = true
                events.append(.ready(number))
            }
            running[number] = process
            if let status {
                if process.pipe >= 0 { close(process.pipe) }
                let words = process.board >= 0 ? LastWords(descriptor: process.board) : nil
                if process.board >= 0 { close(process.board) }
                running[number] = nil
                noteOldest()
                if process.role == .delivery, !status.success, let words {
                    notices = [DeathNotice(words, of: process.child.id, status)] + notices.prefix(DeathNotice.most - 1)
                }
                let said = process.isReady && !status.success ? words?.sentence ?? "" : Self.sentence(process.said)
                events.append(.ended(number, status, said: process.isReady && status.success ? "" : said))
            }
        }
        return events
    }

    private static func read(_ process: inout Running) {
        guard process.pipe >= 0 else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { buffer in
            while true {
                let count = Glibc.read(process.pipe, buffer.baseAddress, buffer.count)
                if count > 0 {
                    process.said.append(contentsOf: buffer[..<min(count, max(0, 4096 - process.said.count))])
                } else if count == 0 {
                    close(process.pipe)
                    process.pipe = -1
                    return
                } else {
                    return
                }
            }
        }
    }

    /// What a process said, as one line without white space at its ends.
    private static func sentence(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self).drop { $0.isWhitespace }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
