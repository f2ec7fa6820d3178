internal import FastCGI
internal import Glibc
internal import PostgreSQL
internal import Synchronization

/// Lets a host that serves notice what was decided on others, and tells them what it serves: a thread and a connection for
/// each region, so that a database that is away holds up nobody else.
///
/// It hears of a decision by NOTIFY, or sees it a second later.
public final class HostWatch: Sendable {
    /// Who this host is.
    public struct Host: Sendable {
        /// The name by which it stays the same over restarts.
        public let id: String
        /// Its name for people.
        public let name: String

        /// Names a host.
        public init(id: String, name: String) { (self.id, self.name) = (id, name) }
    }

    private struct State {
        var regions: [String: RegionWatch] = [:]
        var isBusy = false
        var refusals = 0
        var reason: String?
    }

    private let host: Host
    private let log: Log
    private let reload: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - host: this host.
    ///   - log: where it says that a database is away.
    ///   - reload: has the supervisor make a new generation.
    public init(_ host: Host, log: Log, reload: @escaping @Sendable () -> Void) {
        (self.host, self.log, self.reload) = (host, log, reload)
    }

    /// A new generation is being made.
    public func prepares() { state.withLock { $0.isBusy = true } }

    /// A generation was refused or abandoned.
    public func refused(_ reason: String) {
        state.withLock { state in
            state.isBusy = false
            state.refusals += 1
            state.reason = reason
        }
    }

    /// A generation has taken over; processes of an earlier one may still be left.
    public func takes(_ generation: Generation) {
        state.withLock { state in
            state.reason = nil
            let wanted = Set(generation.regions.map { RegionWatch.key($0) })
            for (key, region) in state.regions where !wanted.contains(key) {
                region.stop()
                state.regions[key] = nil
            }
            for entry in generation.regions {
                let key = RegionWatch.key(entry)
                if state.regions[key] == nil {
                    let region = RegionWatch(entry, host, log, reload) { [weak self] situation in
                        self?.fill(&situation)
                    }
                    guard region.start() else { continue }
                    state.regions[key] = region
                }
                state.regions[key]?.takes(entry.revision)
            }
        }
    }

    /// A generation serves, and no process of an earlier one is left.
    ///
    /// - Parameter outline: the generation's; without it the databases are not told what is served, only up to which decision.
    public func serves(_ generation: Generation, _ outline: Outline?) {
        state.withLock { state in
            state.isBusy = false
            for entry in generation.regions {
                let region = outline?.regions.first { $0.id == entry.id }
                state.regions[RegionWatch.key(entry)]?.serves(
                    HostPulse.Served(
                        revision: entry.revision, plugins: region?.plugins ?? "", digest: region?.digest ?? ""))
            }
        }
    }

    /// Takes this host off the lists, and returns once that is done, or after two seconds.
    public func stop() {
        let regions = state.withLock { state in
            defer { state.regions = [:] }
            return state.regions.values.map { $0 }
        }
        for region in regions { region.stop() }
        for _ in 0..<200 where regions.contains(where: { !$0.hasEnded }) { usleep(10_000) }
    }

    private func fill(_ situation: inout HostPulse.Situation) {
        state.withLock { state in
            (situation.isBusy, situation.refusals, situation.reason) = (state.isBusy, state.refusals, state.reason)
        }
    }
}

/// The watch over one region.
final class RegionWatch: Sendable {
    private let region: String
    private let database: String
    private let host: HostWatch.Host
    private let log: Log
    private let reload: @Sendable () -> Void
    private let fill: @Sendable (inout HostPulse.Situation) -> Void
    private let situation = Mutex(HostPulse.Situation())
    private let stopping = Atomic<Bool>(false)
    private let ended = Atomic<Bool>(false)

    init(
        _ entry: Generation.RegionEntry, _ host: HostWatch.Host, _ log: Log, _ reload: @escaping @Sendable () -> Void,
        fill: @escaping @Sendable (inout HostPulse.Situation) -> Void
    ) {
        (region, database, self.host, self.log) = (entry.id, entry.database, host, log)
        (self.reload, self.fill) = (reload, fill)
    }

    /// What must not change while a watch goes on.
    static func key(_ entry: Generation.RegionEntry) -> String { entry.id + "\n" + entry.database }

    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    func takes(_ revision: Int) { situation.withLock { $0.taken = revision } }
    func serves(_ served: HostPulse.Served) { situation.withLock { $0.served = served } }
    func stop() { stopping.store(true, ordering: .releasing) }

    /// Starts the thread; false when there is none to be had, which the next generation tries again.
    func start() -> Bool {
        switch Thread.start({ self.run() }) {
        case .success(let thread):
            pthread_detach(thread)
            return true
        case .failure(let reason):
            log.write(
                level: .warning, region: region, "what other hosts decide is not noticed: no thread: \(reason)")
            return false
        }
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func run() {
        var pulse = HostPulse(host: host.id)
        let begin = ContinuousClock.now
        var isAway = false
        while !isStopping {
            do {
                var settings = ConnectionSettings()
                settings.applicationName = "lyceum host"
                settings.statementTimeout = .seconds(10)
                let connection = try Connection(database, settings)
                pulse.lost()
                try watch(connection, &pulse, since: begin) {
                    if isAway { log.write(region: region, "the database answers again; decisions are noticed") }
                    isAway = false
                }
            } catch {
                if !isAway, !isStopping {
                    log.write(
                        level: .warning, region: region,
                        "the database does not answer; decisions of other hosts are not noticed: \(error)")
                }
                isAway = true
                for _ in 0..<10 where !isStopping { usleep(100_000) }
            }
        }
        ended.store(true, ordering: .releasing)
    }

    private func watch(
        _ connection: Connection, _ pulse: inout HostPulse, since begin: ContinuousClock.Instant, works: () -> Void
    ) throws {
        // Of a database that an older release made, nothing can be known before it is migrated.
        while try !RegionDecisions.isCounted(connection) {
            for _ in 0..<10 where !isStopping { usleep(100_000) }
            if isStopping { return }
        }
        // Whether the last second's heartbeat survives a crash of the server is of no matter.
        try connection.script("set synchronous_commit = off; listen \(RegionDecisions.channel)")
        while !isStopping {
            var row = try connection.query("select revision, host from lyceum.wanted").row(0)
            let wanted = HostPulse.Wanted(revision: try row.next(), host: try row.next())
            var situation = situation.withLock { $0 }
            fill(&situation)
            let action = pulse.look(wanted, situation, at: ContinuousClock.now - begin)
            if let row = action.row { try write(row, connection) }
            works()
            if action.reloads {
                log.write(region: region, "what was decided elsewhere (\(wanted.revision)) is taken up")
                reload()
            }
            let isMoving = situation.isBusy || situation.taken != situation.served.revision || action.reloads
            try rest(connection, isMoving)
        }
        try connection.run("delete from lyceum.host where id = \(host.id)")
    }

    /// Waits for a notification, or a second; while something is going on, only until what became of it can be told.
    private func rest(_ connection: Connection, _ isMoving: Bool) throws {
        if isMoving {
            _ = try connection.notifications(atMost: .milliseconds(50))
            return
        }
        for _ in 0..<4 where !isStopping {
            guard try connection.notifications(atMost: .milliseconds(250)).isEmpty else { return }
            var now = HostPulse.Situation()
            fill(&now)
            if now.isBusy { return }
        }
    }

    private func write(_ row: HostPulse.Row, _ connection: Connection) throws {
        try connection.run(
            """
            insert into lyceum.host (id, name, revision, plugins, digest, refused, reason)
            values (\(host.id), \(host.name), \(row.served.revision), \(row.served.plugins), \(row.served.digest),
                \(row.refused), \(row.reason))
            on conflict (id) do update set name = excluded.name, revision = excluded.revision,
                plugins = excluded.plugins, digest = excluded.digest, refused = excluded.refused,
                reason = excluded.reason, seen_at = clock_timestamp()
            """)
    }
}
