import Foundation
import Glibc
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

/// A region whose events are delivered by a process that can be killed.
struct DeliveryWorld {
    let world: TestInstallation
    let client: InProcessClient
    let directory: String
    let database: Connection

    /// The recorder in a region; killed from outside as often as tests do it, a listener would be quarantined, so none is.
    init(
        plugins: [any Plugin.Type] = [RecorderPlugin.self], copied: Bool = true,
        _ change: (inout Generation.Limits) -> Void = { _ in }
    ) async throws {
        var limits = Generation.Limits()
        limits.listenerDeaths = 0
        change(&limits)
        world = try await TestInstallation(plugins: plugins, limits: limits, copied: copied)
        client = world.client()
        directory = try world.writeGeneration()
        database = try world.connection()
    }

    /// Starts a delivery process; the environment may make it a mutant, or so patient that no number of kills makes an event
    /// dead.
    func start(mutant: String? = nil, isPatient: Bool = false) throws -> Child {
        try start(
            (mutant.map { ["LYCEUM_TEST_MUTANT=\($0)"] } ?? []) + (isPatient ? ["LYCEUM_TEST_STORM=1"] : []))
    }

    /// The same with other variables and descriptors, or of another generation; what it says goes to a file.
    func start(
        _ variables: [String], generation: Generation? = nil, descriptors: [Int32: Int32] = [:],
        errors: Child.Output = .inherit
    ) throws -> Child {
        let own = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let directory = try generation.map { try world.writeGeneration($0) } ?? directory
        return try Child(
            TestPrograms.path("TestWorker"), ["--generation", directory, "--delivery"],
            environment: own + ["SWIFT_BACKTRACE=enable=no"] + variables, descriptors: descriptors, errors: errors)
    }

    /// Where a process may say something, and what it has said.
    var log: String { directory + "/log" }
    var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Has a process deliver while `body` runs, and end as it should.
    func delivering(
        _ variables: [String] = [], generation: Generation? = nil, errors: Child.Output = .inherit,
        _ body: () async throws -> Void
    ) async throws {
        let process = try start(variables, generation: generation, errors: errors)
        do { try await body() } catch {
            process.kill(SIGKILL)
            _ = process.wait()
            throw error
        }
        #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0))
    }

    /// Has a process deliver until `body` is over, and kills it then; answers which process it was.
    @discardableResult
    func killing(isPatient: Bool = false, mutant: String? = nil, _ body: () async throws -> Void) async throws -> Int32
    {
        let process = try start(mutant: mutant, isPatient: isPatient)
        defer {
            process.kill(SIGKILL)
            #expect(process.wait() == .signalled(SIGKILL))
        }
        try await body()
        return process.id
    }

    func send(_ key: String, _ numbers: ClosedRange<Int>) async throws -> Int {
        try await client.sendNumbers(key, numbers)
    }

    func number(_ statement: Statement) throws -> Int {
        var row = try database.query(statement).row(0)
        return try row.next()
    }

    /// Slows the listener down: before its effect or after it, so that a process can be killed exactly there.
    func sleep(_ when: String, milliseconds: Int) throws {
        try database.script(
            """
            create or replace function recorder.doze() returns trigger language plpgsql as
                $$ begin perform pg_sleep(\(Double(milliseconds) / 1_000)); return new; end $$;
            drop trigger if exists doze on recorder.seen;
            \(when.isEmpty ? "" : "create trigger doze \(when) insert on recorder.seen for each row execute function recorder.doze();")
            """)
    }

    /// Whether the listener is dozing right now.
    func isDozing() throws -> Bool {
        try number(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and wait_event = 'PgSleep'
            """) > 0
    }

    func wait(_ what: String, seconds: Double = 60, until done: () throws -> Bool) async throws {
        let deadline = Date().addingTimeInterval(seconds)
        while try !done() {
            try #require(Date() < deadline, "waited \(Int(seconds)) s for \(what)")
            try await Task.sleep(for: .milliseconds(3))
        }
    }

    /// What is wrong with what was seen: lost, twice, never sent, or out of order.
    func complaints() throws -> [String] {
        let rows = try database.query(
            """
            select 'lost ' || key || ' ' || number from recorder.sent
            where number >= 0 and not exists (
                select from recorder.seen where seen.key = sent.key and seen.number = sent.number)
            union all
            select 'twice ' || key || ' ' || number from recorder.seen group by key, number having count(*) > 1
            union all
            select 'never sent ' || key || ' ' || number from recorder.seen
            where not exists (select from recorder.sent where sent.key = seen.key and sent.number = seen.number)
            union all
            select 'out of order ' || key || ' ' || number from (
                select key, number, lag(number) over (partition by key order by place) as before from recorder.seen) as s
            where before > number
            """)
        return try rows.map { row in try row.next(as: String.self) }
    }
}

extension InProcessClient {
    /// Emits events in one transaction, which fails after all when it is to.
    func sendNumbers(_ key: String, _ numbers: ClosedRange<Int>, fail: Bool = false) async throws -> Int {
        let list = numbers.map(String.init).joined(separator: ", ")
        return try await send(
            "POST", "/api/recorder/numbers", json: #"{"key": "\#(key)", "numbers": [\#(list)], "fail": \#(fail)}"#
        ).status
    }
}

@Suite("Events reach their listeners once, whatever dies", .serialized)
struct KillTests {
    /// Keeps sending until told to stop: four writers, each with keys of its own, and a transaction now and then that fails.
    private func writing(_ world: DeliveryWorld, _ body: () async throws -> Void) async throws {
        let client = world.client
        let writers = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var next = 1
                        while !Task.isCancelled {
                            let failing = next % 5 == 0
                            // A failed transaction's numbers are sent again: they were never sent.
                            if failing { _ = try await client.sendNumbers("w\(writer)", next...(next + 2), fail: true) }
                            let status = try await client.sendNumbers("w\(writer)", next...(next + 2))
                            if status == 204 { next += 3 }
                            try? await Task.sleep(for: .milliseconds(25))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        do { try await body() } catch {
            writers.cancel()
            _ = await writers.result
            throw error
        }
        writers.cancel()
        _ = await writers.result
    }

    /// Kills delivery processes at one point, so and so often, and lets the last one finish.
    private func kill(
        _ world: DeliveryWorld, times: Int, mutant: String? = nil, at ready: (DeliveryWorld) async throws -> Void
    ) async throws {
        for _ in 0..<times { try await world.killing(isPatient: true, mutant: mutant) { try await ready(world) } }
    }

    private func finish(_ world: DeliveryWorld, mutant: String? = nil) async throws {
        try world.sleep("", milliseconds: 0)
        let process = try world.start(mutant: mutant, isPatient: true)
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        // The last event of all: when it has arrived and nothing waits to be tried again, all that will arrive has.
        #expect(try await world.send("end", 1...1) == 204)
        try await world.wait("delivery to come to its end") {
            try world.number("select count(*) from recorder.seen where key = 'end'") > 0
                && world.number("select count(*) from lyceum.retry where not dead") == 0
        }
    }

    @Test("45 kills: 15 before the effect, 15 between effect and commit, 15 after the commit")
    func kills() async throws {
        let world = try await DeliveryWorld()
        try await writing(world) {
            try world.sleep("before", milliseconds: 40)
            try await kill(world, times: 15) { world in
                try await world.wait("a listener about to work") { try world.isDozing() }
            }
            try world.sleep("after", milliseconds: 40)
            try await kill(world, times: 15) { world in
                try await world.wait("a listener about to commit") { try world.isDozing() }
            }
            try world.sleep("", milliseconds: 0)
            try await kill(world, times: 15) { world in
                let before = try world.number("select count(*) from recorder.seen")
                try await world.wait("a commit") { try world.number("select count(*) from recorder.seen") > before }
            }
        }
        try await finish(world)
        #expect(try world.complaints() == [])
        #expect(try world.number("select count(*) from recorder.seen") > 100)
        #expect(try world.number("select count(*) from lyceum.retry where dead") == 0)
    }

    @Test("the same kills find a delivery that moves its cursor first")
    func mutant() async throws {
        let world = try await DeliveryWorld()
        try await writing(world) {
            try world.sleep("before", milliseconds: 40)
            try await kill(world, times: 5, mutant: "cursorFirst") { world in
                try await world.wait("a listener about to work") { try world.isDozing() }
            }
        }
        try await finish(world, mutant: "cursorFirst")
        #expect(try world.complaints().contains { $0.hasPrefix("lost ") })
    }

    @Test(
        "an event that always fails is tried so often, then is dead; others of its key wait for it, and those of other keys do not"
    )
    func poison() async throws {
        let world = try await DeliveryWorld()
        #expect(try await world.send("good", 1...5) == 204)
        #expect(try await world.send("bad", 1...2) == 204)
        #expect(try await world.send("bad", -1...(-1)) == 204)
        #expect(try await world.send("bad", 3...4) == 204)
        #expect(try await world.send("good", 6...8) == 204)
        let process = try world.start()
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        try await world.wait("the good events") {
            try world.number("select count(*) from recorder.seen where key = 'good'") == 8
        }
        try await world.wait("the poison to be dead") {
            try world.number(
                "select count(*) from lyceum.retry where dead and attempt = 4 and error = 'a negative number'") == 1
        }
        try await world.wait("what waited behind it") {
            try world.number("select count(*) from recorder.seen where key = 'bad'") == 4
        }
        #expect(try world.complaints() == [])
    }

    @Test("a listener that emits the event it listens to is told of those too")
    func chain() async throws {
        let world = try await DeliveryWorld()
        // The recorder sends every number from 1,000,001 on again, one less, down to 1,000,000.
        for _ in 0..<5 { #expect(try await world.send("chain", 1_000_020...1_000_020) == 204) }
        let process = try world.start()
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        // Other transactions come and go meanwhile, so that snapshots have something between their ends.
        try await world.wait("five chains of twenty-one") {
            _ = try world.number("select count(*) from lyceum.event where id > 0 and pg_current_xact_id() is not null")
            return try world.number("select count(*) from recorder.seen where key = 'chain'") == 105
        }
    }

    @Test("an event that kills its process every time is dead in the end, and its key goes on")
    func killer() async throws {
        let world = try await DeliveryWorld()
        #expect(try await world.send("deadly", 1...1) == 204)
        #expect(try await world.send("deadly", 2...2) == 204)
        try world.database.script(
            """
            create function recorder.die() returns trigger language plpgsql security definer as
                $$ begin if new.number = 1 then perform pg_terminate_backend(pg_backend_pid()); end if; return new; end $$;
            create trigger die before insert on recorder.seen for each row execute function recorder.die();
            """)
        let process = try world.start()
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        try await world.wait("the deadly event to be dead") {
            try world.number(
                """
                select count(*) from lyceum.retry
                where dead and attempt = 4 and error = 'its process died with it, or its connection'
                """) == 1
        }
        try await world.wait("the one behind it") {
            try world.number("select count(*) from recorder.seen where key = 'deadly' and number = 2") == 1
        }
    }

    @Test("a listener added later begins from now")
    func fromNow() async throws {
        let world = try await DeliveryWorld()
        #expect(try await world.send("early", 1...3) == 204)
        _ = try world.database.query("delete from lyceum.cursor")
        let process = try world.start()
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        try await world.wait("the new cursor") { try world.number("select count(*) from lyceum.cursor") == 1 }
        #expect(try await world.send("late", 1...3) == 204)
        try await world.wait("the late events") { try world.number("select count(*) from recorder.seen") == 3 }
        #expect(try world.number("select count(*) from recorder.seen where key = 'early'") == 0)
    }
}
