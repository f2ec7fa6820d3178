import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

/// Eight writers and two delivery processes, killed at random, over a server of their own.
private final class Storm {
    enum Role: Hashable {
        case writer(Int)
        case delivery(Int)
    }

    let cluster: Cluster
    let world: TestInstallation
    let directory: String
    private var random: SeededRandom
    private let mutant: String?
    private(set) var running: [Role: Child] = [:]
    private(set) var kills = 0

    init(seed: UInt64, mutant: String? = nil) async throws {
        cluster = try TestCluster.own()
        // Killed from outside as often as this test does it, a listener would be quarantined.
        var limits = Generation.Limits()
        limits.listenerDeaths = 0
        world = try await TestInstallation(plugins: [StormPlugin.self], limits: limits, cluster: cluster)
        directory = try world.writeGeneration()
        random = SeededRandom(state: seed)
        self.mutant = mutant
        try startWriters()
        for number in 0..<2 { try start(.delivery(number)) }
    }

    /// More is written.
    func startWriters() throws { for number in 0..<8 { try start(.writer(number)) } }

    func end() {
        for child in running.values { child.kill(SIGKILL) }
        for child in running.values { _ = child.wait() }
        running = [:]
        _ = try? cluster.stop()
    }

    private func start(_ role: Role) throws {
        var environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        environment += [
            "SWIFT_BACKTRACE=enable=no", "LYCEUM_TEST_STORM=1", "LYCEUM_TEST_SEED=\(random.next())",
        ]
        if let mutant { environment.append("LYCEUM_TEST_MUTANT=\(mutant)") }
        let arguments =
            switch role {
            case .writer(let number): ["--write", "\(number)"]
            case .delivery: ["--delivery"]
            }
        running[role] = try Child(
            TestPrograms.path("TestWorker"), ["--generation", directory] + arguments, environment: environment,
            errors: .nowhere)
    }

    /// Kills one of them after a while, and starts another in its place.
    func kill() async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: 0..<60, using: &random)))
        let role: Role =
            Bool.random(using: &random)
            ? .delivery(Int.random(in: 0..<2, using: &random)) : .writer(Int.random(in: 0..<8, using: &random))
        running[role]?.kill(SIGKILL)
        #expect(running[role]?.wait() == .signalled(SIGKILL))
        kills += 1
        try start(role)
    }

    /// The server dies without a farewell, and comes again.
    func restartServer() async throws {
        let file = try String(contentsOfFile: cluster.directory + "/postmaster.pid", encoding: .utf8)
        let id = try #require(file.split(separator: "\n").first.flatMap { Int32($0) })
        Glibc.kill(id, SIGQUIT)
        for _ in 0..<500 where Glibc.kill(id, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        try cluster.start()
    }

    /// No more is written, and all that was is delivered.
    func settle() async throws {
        for role in running.keys {
            guard case .writer = role else { continue }
            running[role]?.kill(SIGKILL)
            _ = running[role]?.wait()
            running[role] = nil
        }
        let database = try world.connection()
        var last = (seen: -1, waiting: -1)
        var still = 0
        // However slow the machine is: as long as something is delivered.
        while still < 300 {
            let seen: Int = try database.query("select count(*) from storm.seen").row(0).next()
            let waiting: Int = try database.query("select count(*) from lyceum.retry where not dead").row(0).next()
            still = (seen, waiting) == last ? still + 1 : 0
            if still == 20, waiting == 0 { return }
            last = (seen, waiting)
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("deliveries do not come to an end: \(last.seen) seen, \(last.waiting) wait")
    }

    /// What is wrong: lost, twice, never sent, out of order; at most a few of each.
    func complaints() throws -> [String] {
        let rows = try world.connection().query(
            """
            with listeners as (select 'listener-' || i as listener from generate_series(0, 5) as i)
            (select 'lost ' || listener || ' ' || key || ' ' || number from storm.sent cross join listeners
            where not exists (select from storm.seen
                where seen.listener = listeners.listener and seen.key = sent.key and seen.number = sent.number) limit 3)
            union all
            (select 'twice ' || listener || ' ' || key || ' ' || number from storm.seen
            group by listener, key, number having count(*) > 1 limit 3)
            union all
            (select 'never sent ' || listener || ' ' || key || ' ' || number from storm.seen
            where not exists (select from storm.sent where sent.key = seen.key and sent.number = seen.number) limit 3)
            union all
            (select 'out of order ' || listener || ' ' || key || ' ' || number from (
                select listener, key, number, lag(number) over (partition by listener, key order by place) as before
                from storm.seen) as s
            where before > number limit 3)
            """)
        return try rows.map { row in try row.next(as: String.self) }
    }
}

extension Row {
    fileprivate func next() throws -> Int {
        var row = self
        return try row.next(as: Int.self)
    }
}

@Suite("A storm of kills", .serialized, .timeLimit(.minutes(15)))
struct StormTests {
    @Test("8 writers, 6 listeners, 200 kills and a crash of the server: every event once, in the order of its key")
    func storm() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("the storm's seed is \(seed)")
        let storm = try await Storm(seed: seed)
        defer { storm.end() }
        while storm.kills < 200 {
            try await storm.kill()
            if storm.kills == 100 { try await storm.restartServer() }
        }
        try await storm.settle()
        #expect(try storm.complaints() == [], "seed \(seed)")
        let database = try storm.world.connection()
        let sent: Int = try database.query("select count(*) from storm.sent").row(0).next()
        let dead: Int = try database.query("select count(*) from lyceum.retry where dead").row(0).next()
        print("\(sent) events sent, \(storm.kills) kills")
        #expect(sent > 1_000)
        #expect(dead == 0)
    }

    @Test(
        "the same storm finds a delivery that is wrong",
        arguments: [("cursorFirst", "lost"), ("byID", "lost"), ("retryOvertakes", "out of order")])
    func mutants(_ mutant: String, _ complaint: String) async throws {
        let storm = try await Storm(seed: 1, mutant: mutant)
        defer { storm.end() }
        // Where little happens at the same time, as on a slow machine, it takes more than one round.
        for round in 1...12 {
            while storm.kills < 60 * round { try await storm.kill() }
            try await storm.settle()
            if try storm.complaints().contains(where: { $0.hasPrefix(complaint) }) { return }
            try storm.startWriters()
        }
        Issue.record("\(storm.kills) kills did not show what is wrong")
    }
}
