/// What a supervisor does next: a value that is told what happened and answers what to do, with no process in it.
///
/// A generation:
///
///     reload ──> preparing ──refused──────────────────────────────────────────┐
///                    │                                                        │
///                    v                                                        v
///                web starts ──a process ends or is late──> abandoned ──> the old one serves on
///                    │ all ready                              ^   (without an old one: full stop, failed)
///                    v                                        │
///              old delivery stops                             │
///                    │ gone                                   │
///                    v                                        │
///             new delivery starts ──it ends or is late────────┘
///                    │ ready
///                    v
///                 serving ──> the old web processes drain ──the last is gone──> settled
///
/// A plugin that is enabled thus answers requests a moment before its events are delivered, and one that is disabled a moment
/// longer: its events and jobs wait in the database meanwhile, where its cursors have been made before.
///
/// A process:
///
///     starting ──ready──> serving ──SIGTERM / SIGINT──> stopping ──> gone
///         │                  │                              │
///         │ late: SIGKILL    │ crash                        │ late: SIGKILL
///         v                  v                              v
///        gone              gone ──at once, then after 0.1 s, 0.2 s ... 10 s──> starting, in the same slot
///
/// A full stop: the listening socket is shut, web processes get SIGINT (the draining ones first), the delivery process
/// SIGTERM; a second request kills what is left.
public struct SupervisorPlan: Sendable {
    /// What a process is for.
    public enum Role: Hashable, Sendable, CustomStringConvertible {
        /// Answers requests, in this slot.
        case web(slot: Int)
        /// Delivers events.
        case delivery

        /// For messages: `web process 2`, `delivery process`.
        public var description: String {
            switch self {
            case .web(let slot): "web process \(slot)"
            case .delivery: "delivery process"
            }
        }
    }

    /// What happened.
    public enum Event: Sendable, Equatable {
        /// The new generation was prepared: its slots, whether it has a delivery process, and what to call it, by its number
        /// unless told otherwise.
        case prepared(web: Int, delivery: Bool, name: String? = nil)
        /// There is no new generation, for this reason.
        case refused(String)
        /// This process was started and has this id.
        case started(Int, id: Int32)
        /// This process could not be started, for this reason.
        case notStarted(Int, String)
        /// This process said that it is ready.
        case ready(Int)
        /// This process has ended; what it had said before, if anything.
        case ended(Int, Child.Status, said: String)
        /// A new generation is wanted.
        case reload
        /// A full stop is wanted.
        case stop
        /// Time has passed.
        case tick
    }

    /// What to tell a process.
    public enum Command: Sendable, Equatable {
        /// SIGTERM: hand over and end.
        case drain
        /// SIGINT: end without a successor.
        case stop
        /// SIGKILL.
        case kill
    }

    /// What to do.
    public enum Action: Sendable, Equatable {
        /// Make a new generation's processes known.
        case prepare
        /// Start a process of a generation; it is called by this number from now on.
        case start(Int, Role, generation: Int)
        /// Send a process its signal.
        case tell(Int, Command)
        /// Refuse further connections.
        case shutListener
        /// Write a line, which matters so much.
        case log(String, Log.Level = .info)
        /// A generation has taken over.
        case serving(Int)
        /// No process of an earlier generation is left.
        case settled(Int)
        /// A generation was refused or abandoned.
        case notServing(String)
        /// Nothing is left; nil after a stop that was asked for, else the reason.
        case end(String?)
    }

    private enum State: Equatable {
        case starting, ready, stopping
    }

    private struct Process {
        let role: Role
        let generation: Int
        var state = State.starting
        var since: Duration
        var id: Int32 = 0
        var isKilled = false
        /// Of what never served, one line is enough: why its generation was abandoned.
        var hasServed = false

        var name: String { id == 0 ? "\(role)" : "\(role) (\(id))" }
    }

    private enum Phase: Equatable {
        case serving
        case preparing
        case webStarts, oldDeliveryStops, deliveryStarts
        case stopping(String?)
        case ended
    }

    private struct Generation {
        var number: Int
        /// What people call it.
        var name: String
        var web: Int
        var delivery: Bool
    }

    /// A process to start in place of one that crashed.
    private struct Replacement {
        let role: Role
        let at: Duration
    }

    private let readyDeadline: Duration
    private let stopDeadline: Duration
    private var phase = Phase.preparing
    private var current: Generation?
    private var candidate: Generation?
    private var lastGeneration = 0
    private var settledGeneration = 0
    private var isReloadWanted = false
    private var processes: [Int: Process] = [:]
    private var lastProcess = 0
    private var replacements: [Replacement] = []
    private var crashes: [Role: Int] = [:]
    private var actions: [Action] = []

    /// A process that was ready for so long has started well: the next crash is its first.
    private static let settled = Duration.seconds(10)

    /// Nothing runs; the first actions are those of `begin`.
    public init(readyDeadline: Duration, stopDeadline: Duration) {
        self.readyDeadline = readyDeadline
        self.stopDeadline = stopDeadline
    }

    /// The first thing to do.
    public func begin() -> [Action] { [.prepare] }

    /// When something is due though nothing happens; nil: never.
    public func next() -> Duration? {
        var times = replacements.map(\.at)
        for process in processes.values where !process.isKilled {
            switch process.state {
            case .starting: times.append(process.since + readyDeadline)
            case .stopping: times.append(process.since + stopDeadline)
            case .ready: continue
            }
        }
        return times.min()
    }

    /// Takes note of what happened at a time, counted from any start, and answers what to do, in order.
    public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        actions = []
        switch event {
        case .prepared(let web, let delivery, let name): prepared(web, delivery, name, now)
        case .refused(let reason): refused(reason, now)
        case .started(let number, let id): processes[number]?.id = id
        case .notStarted(let number, let reason): notStarted(number, reason, now)
        case .ready(let number): ready(number, now)
        case .ended(let number, let status, let said): ended(number, status, said, now)
        case .reload: reload()
        case .stop: stop(nil, now)
        case .tick: break
        }
        due(now)
        return actions
    }

    // MARK: - Generations

    private mutating func reload() {
        switch phase {
        case .serving:
            phase = .preparing
            actions.append(.prepare)
        case .stopping, .ended: break
        default: isReloadWanted = true
        }
    }

    private mutating func prepared(_ web: Int, _ delivery: Bool, _ name: String?, _ now: Duration) {
        guard phase == .preparing else { return }
        guard web > 0 else { return refused("a generation needs at least one web process, not \(web)", now) }
        lastGeneration += 1
        candidate = Generation(
            number: lastGeneration, name: name ?? "\(lastGeneration)", web: web, delivery: delivery)
        phase = .webStarts
        for slot in 0..<web { start(.web(slot: slot), lastGeneration, now) }
    }

    private mutating func refused(_ reason: String, _ now: Duration) {
        guard phase == .preparing else { return }
        actions.append(.notServing(reason))
        guard let current else { return stop(reason, now) }
        actions.append(.log("the new generation is refused: \(reason); generation \(current.name) serves on", .error))
        serve()
    }

    /// The candidate's next step, if the present one is done.
    private mutating func advance(_ now: Duration) {
        guard let candidate else { return }
        let own = processes.values.filter { $0.generation == candidate.number && $0.state == .ready }
        switch phase {
        case .webStarts:
            guard own.count == candidate.web else { return }
            phase = .oldDeliveryStops
            replacements.removeAll { $0.role == .delivery }
            for (number, process) in ordered() where process.role == .delivery { tell(number, .drain, now) }
            advance(now)
        case .oldDeliveryStops:
            guard !processes.values.contains(where: { $0.role == .delivery }) else { return }
            phase = .deliveryStarts
            if candidate.delivery { start(.delivery, candidate.number, now) } else { advance(now) }
        case .deliveryStarts:
            if own.count == candidate.web + (candidate.delivery ? 1 : 0) { commit(candidate, now) }
        case .serving, .preparing, .stopping, .ended: return
        }
    }

    private mutating func commit(_ generation: Generation, _ now: Duration) {
        current = generation
        candidate = nil
        replacements = []
        crashes = [:]
        let processes = generation.web == 1 ? "1 web process" : "\(generation.web) web processes"
        actions.append(.log("generation \(generation.name) serves: \(processes)"))
        actions.append(.serving(generation.number))
        for (number, process) in ordered() where process.generation != generation.number { tell(number, .drain, now) }
        settle()
        serve()
    }

    /// Says once that nothing of the generations before the present one is left.
    private mutating func settle() {
        guard let current, settledGeneration != current.number,
            processes.values.allSatisfy({ $0.generation >= current.number })
        else { return }
        settledGeneration = current.number
        actions.append(.settled(current.number))
    }

    private mutating func abandon(_ reason: String, _ now: Duration) {
        guard let failed = candidate else { return }
        candidate = nil
        actions.append(.notServing(reason))
        guard let current else { return stop(reason, now) }
        actions.append(
            .log("generation \(failed.name) is abandoned: \(reason); generation \(current.name) serves on", .error))
        for (number, process) in ordered() where process.generation == failed.number { tell(number, .drain, now) }
        serve()
        ensureDelivery(now)
    }

    private mutating func serve() {
        phase = .serving
        if isReloadWanted {
            isReloadWanted = false
            reload()
        }
    }

    /// Starts the present generation's delivery process where a generation that failed had taken its place.
    private mutating func ensureDelivery(_ now: Duration) {
        guard let current, current.delivery, phase == .serving || phase == .preparing || phase == .webStarts else {
            return
        }
        let isPlanned = replacements.contains { $0.role == .delivery }
        if !isPlanned, !processes.values.contains(where: { $0.role == .delivery }) {
            start(.delivery, current.number, now)
        }
    }

    // MARK: - Processes

    private mutating func start(_ role: Role, _ generation: Int, _ now: Duration) {
        lastProcess += 1
        processes[lastProcess] = Process(role: role, generation: generation, since: now)
        actions.append(.start(lastProcess, role, generation: generation))
    }

    private mutating func tell(_ number: Int, _ command: Command, _ now: Duration) {
        guard var process = processes[number], !process.isKilled else { return }
        if command == .kill {
            process.isKilled = true
        } else {
            // A full stop tells draining processes too, and leaves them their time.
            if process.state == .stopping, command == .drain { return }
            if process.state != .stopping { process.since = now }
            process.state = .stopping
        }
        processes[number] = process
        actions.append(.tell(number, command))
    }

    /// Oldest first.
    private func ordered() -> [(Int, Process)] { processes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    private mutating func ready(_ number: Int, _ now: Duration) {
        guard processes[number]?.state == .starting else { return }
        processes[number]?.state = .ready
        processes[number]?.hasServed = true
        processes[number]?.since = now
        advance(now)
    }

    private mutating func notStarted(_ number: Int, _ reason: String, _ now: Duration) {
        guard let process = processes.removeValue(forKey: number) else { return }
        lost(process, "\(process.role) does not start: \(reason)", now)
        endIfNothingIsLeft()
    }

    private mutating func ended(_ number: Int, _ status: Child.Status, _ said: String, _ now: Duration) {
        guard let process = processes.removeValue(forKey: number) else { return }
        let told: [Child.Status] = [.exited(0), .signalled(15), .signalled(2)]
        if process.state != .stopping {
            let when = process.state == .starting && !process.isKilled ? " before it was ready" : ""
            let late = process.isKilled ? " because it was not ready after \(readyDeadline.seconds) s" : ""
            let why = said.isEmpty ? "" : ": \(said)"
            lost(process, "\(process.name) \(status)\(when)\(late)\(why)", now)
        } else if process.hasServed, !process.isKilled, !told.contains(status) {
            actions.append(.log("\(process.name) \(status) while it was stopping", .warning))
        }
        advance(now)
        ensureDelivery(now)
        settle()
        endIfNothingIsLeft()
    }

    /// A process has gone that nobody told to.
    private mutating func lost(_ process: Process, _ what: String, _ now: Duration) {
        if case .stopping = phase { return }
        if process.generation == candidate?.number { return abandon(what, now) }
        guard process.generation == current?.number else { return }
        if process.state == .ready, now - process.since >= Self.settled { crashes[process.role] = 0 }
        let count = crashes[process.role, default: 0]
        crashes[process.role] = count + 1
        let pause = count == 0 ? Duration.zero : min(.milliseconds(100 << min(count - 1, 10)), .seconds(10))
        let after = count == 0 ? "" : " in \(pause.seconds) s"
        actions.append(.log("\(what); its replacement starts\(after)", .warning))
        replacements.append(Replacement(role: process.role, at: now + pause))
    }

    // MARK: - Time

    private mutating func due(_ now: Duration) {
        if let current {
            for replacement in replacements where replacement.at <= now { start(replacement.role, current.number, now) }
        }
        replacements.removeAll { $0.at <= now }
        for (number, process) in ordered() where !process.isKilled {
            switch process.state {
            case .starting where now - process.since >= readyDeadline: tell(number, .kill, now)
            case .stopping where now - process.since >= stopDeadline:
                actions.append(
                    .log(
                        "\(process.name) is killed: it had not ended \(stopDeadline.seconds) s after it was told to",
                        .warning))
                tell(number, .kill, now)
            default: continue
            }
        }
    }

    // MARK: - Full stop

    private mutating func stop(_ reason: String?, _ now: Duration) {
        replacements = []
        candidate = nil
        if case .stopping = phase {
            for (number, _) in ordered() { tell(number, .kill, now) }
            return
        }
        if phase == .ended { return }
        phase = .stopping(reason)
        actions.append(.shutListener)
        let all = ordered()
        for (number, process) in all where process.state == .stopping && process.role != .delivery {
            tell(number, .stop, now)
        }
        for (number, process) in all where process.state != .stopping {
            tell(number, process.role == .delivery ? .drain : .stop, now)
        }
        endIfNothingIsLeft()
    }

    private mutating func endIfNothingIsLeft() {
        guard case .stopping(let reason) = phase, processes.isEmpty else { return }
        phase = .ended
        actions.append(.end(reason))
    }
}
