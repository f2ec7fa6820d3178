import Foundation
import Glibc
import Jobber
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The effect of a job happens once, whatever dies", .serialized)
struct KillTests {
    @Test("30 kills: before the effect, between effect and commit, and anywhere")
    func kills() async throws {
        let world = try await JobsWorld()
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the kills: \(seed)")
        var chance = SplitMix(seed)
        for round in 0..<30 {
            let seen = try world.number("select count(*) from jobber.effect")
            let process = try world.start()
            let (before, after) = [(5.0, 0.0), (0.0, 5.0), (0.01, 0.01)][round % 3]
            let numbers = (round * 10 + 1)...(round * 10 + 10)
            #expect(try await world.queue("complete", numbers, before: before, after: after) == 204)
            if round % 3 == 2 {
                try await waitUntil("an effect") { try world.number("select count(*) from jobber.effect") > seen }
            } else {
                try await waitUntil("a run in its middle") {
                    try world.number(
                        """
                        select count(*) from lyceum.job
                        where state = 'running' and holder like \("%/\(process.id)/%")
                          and (payload->>'number')::int > \(round * 10)
                        """) > 0
                }
            }
            usleep(UInt32.random(in: 0..<50_000, using: &chance))
            process.kill(SIGKILL)
            #expect(process.wait() == .signalled(SIGKILL))
            // Whoever takes them over need not wait so long.
            try world.database.run(
                """
                update lyceum.job set payload = (payload::jsonb || '{"before": 0, "after": 0}')::json where state <> 'done'
                """)
        }
        let process = try world.start()
        defer { world.stop(process) }
        try await waitUntil("all runs to be done") {
            try world.number("select count(*) from lyceum.job where job = 'jobber.complete' and state <> 'done'") == 0
        }
        #expect(try world.number("select count(*) from jobber.effect where job = 'complete'") == 300)
        #expect(try world.number("select count(distinct number) from jobber.effect where job = 'complete'") == 300)
        #expect(try world.number("select count(*) from lyceum.event where topic = 'jobber.number.done'") == 300)
        // Some were interrupted, or this shows nothing.
        #expect(try world.number("select count(*) from lyceum.job where job = 'jobber.complete' and attempt > 1") >= 15)
    }

    /// A process is stopped in the middle of a run, until another has done it, and goes on then; answers how often it was done.
    private func stopped(_ more: String...) async throws -> Int {
        let world = try await JobsWorld()
        // Those who are stopped within a transaction are not thrown out for being idle.
        let environment = more.first ?? "LYCEUM_TEST_NOTHING=1"
        let first = try world.start(environment)
        #expect(try await world.queue("complete", 1...1, before: 5) == 204)
        try await waitUntil("the run in its middle") {
            try world.number(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")
                > 0
        }
        first.kill(SIGSTOP)
        let second = try world.start(environment)
        defer { world.stop(second) }
        try await waitUntil("another to do it") { try world.run("complete").state == .done }
        #expect(try world.run("complete").attempt == 2)
        let once = try world.number("select count(*) from jobber.effect")
        #expect(once == 1)
        first.kill(SIGCONT)
        // It has either committed or given up by the time it has ended.
        world.stop(first)
        return try world.number("select count(*) from jobber.effect")
    }

    @Test("a process whose lease lapsed while it was stopped cannot commit")
    func fenced() async throws {
        let effects = try await stopped()
        #expect(effects == 1)
    }

    @Test("the same finds writes without fences")
    func mutant() async throws {
        let effects = try await stopped("LYCEUM_TEST_UNFENCED=1")
        #expect(effects == 2)
    }

    @Test("a process of this host that is dead is noticed before its lease lapses")
    func atOnce() async throws {
        let world = try await JobsWorld()
        let first = try world.start()
        #expect(try await world.queue("complete", 1...1, before: 5) == 204)
        try await waitUntil("the run in its middle") { try world.run("complete").state == .running }
        first.kill(SIGKILL)
        _ = first.wait()
        try world.database.script("update lyceum.job set lease_until = clock_timestamp() + interval '1 hour'")
        let second = try world.start()
        defer { world.stop(second) }
        try await waitUntil("another to do it", within: 20) { try world.run("complete").state == .done }
        #expect(try world.number("select count(*) from jobber.effect") == 1)
    }

    @Test("three processes compete, one is killed now and then: each time of a schedule runs once")
    func schedule() async throws {
        let world = try await JobsWorld(minutely: true)
        // Ten minutes a second, across the night in which Berlin puts its clocks forward.
        let night = 1_774_742_400_000_000 as Int64
        let start = Int64(Date().timeIntervalSince1970 * 1_000_000)
        let clock = ["LYCEUM_TEST_CLOCK=\(night)", "LYCEUM_TEST_CLOCK_START=\(start)"]
        var processes = try (0..<3).map { _ in try world.start(clock[0], clock[1]) }
        for round in 0..<6 {
            try await Task.sleep(for: .milliseconds(1_000))
            processes[round % 3].kill(SIGKILL)
            _ = processes[round % 3].wait()
            processes[round % 3] = try world.start(clock[0], clock[1])
        }
        try await waitUntil("enough runs") { try world.number("select count(*) from jobber.effect") > 60 }
        for process in processes { world.stop(process) }
        let last = try world.start(clock[0], clock[1])
        try await waitUntil("what was under way") {
            try world.number("select count(*) from lyceum.job where state <> 'done'") == 0
        }
        world.stop(last)
        #expect(try world.number("select count(*) - count(distinct number) from jobber.effect") == 0)
        #expect(
            try world.number("select count(*) from lyceum.job where extract(second from scheduled_at) <> 0") == 0)
        print(
            "minutes that ran: \(try world.number("select count(*) from jobber.effect")) of",
            try world.number("select max(number) - min(number) + 1 from jobber.effect"))
    }

    @Test("what was missed while nothing ran is made up for by one run, of the latest time")
    func missed() async throws {
        let world = try await JobsWorld(minutely: true)
        let process = try world.start()
        try await waitUntil("the schedule to be known") {
            try world.number("select count(*) from lyceum.schedule") == 1
        }
        world.stop(process)
        try world.database.script(
            "delete from lyceum.job; delete from jobber.effect; update lyceum.schedule set since = now() - interval '3 days'"
        )
        let begun = try world.number("select (extract(epoch from now()) / 60)::bigint - 1")
        let next = try world.start()
        defer { world.stop(next) }
        try await waitUntil("the latest of them") { try world.number("select count(*) from jobber.effect") >= 1 }
        #expect(try world.number("select min(number) from jobber.effect") >= begun)
        #expect(try world.number("select count(*) from lyceum.job") <= 2)
    }
}

/// Chance from a seed, so that a run of the tests can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
