import Foundation
import Jobber
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("A run of a job")
struct RunTests {
    @Test("it is queued with its transaction or not at all, by a plugin that sees none of the kernel's tables")
    func transactional() async throws {
        let world = try await JobsWorld()
        #expect(try await world.queue("complete", 1...3) == 204)
        #expect(try await world.queue("complete", 4...6, more: #", "fail": true"#) == 500)
        #expect(try world.number("select count(*) from lyceum.job") == 3)
        let role = try PluginRoleName.of(world)
        world.database.role = role
        #expect(throws: DatabaseError.self) { try world.database.query("select from lyceum.job") }
        world.database.role = nil
    }

    @Test("its result is kept, its effect and the events of it are committed together")
    func result() async throws {
        let world = try await JobsWorld()
        let process = try world.start()
        defer { world.stop(process) }
        #expect(try await world.queue("complete", 7...7) == 204)
        try await waitUntil("the run to be done") { try world.run("complete").state == .done }
        let run = try world.run("complete")
        #expect(run.result == #"{"number":7,"attempt":1}"#)
        #expect(run.error == nil && run.attempt == 1 && run.endedAt != nil)
        #expect(try world.number("select count(*) from jobber.effect where id = \(run.id)") == 1)
        #expect(try world.number("select count(*) from lyceum.event where topic = 'jobber.number.done'") == 1)
    }

    @Test("what it threw is kept with what caused it, down to the constraint, until it is done")
    func causes() async throws {
        let world = try await JobsWorld()
        let process = try world.start()
        defer { world.stop(process) }
        #expect(try await world.queue("violate", 7...7) == 204)
        try await waitUntil("the run to be dead") { try world.run("violate").state == .dead }
        let run = try world.run("violate")
        #expect(run.error == "the number 7 cannot be kept")
        #expect(run.causes.map(\.kind) == ["FailedStep", "DatabaseError"])
        #expect(run.causes.map(\.sqlState) == [nil, "23505"])
        #expect(run.causes.last?.constraint == "only_number_unique")
        #expect(run.causes.last?.table == "jobber.only")
        #expect(run.causes.last?.statement == "insert into jobber.only values ($1)")
        try world.database.script("delete from jobber.only")
        try world.book.retry(run.id)
        try await waitUntil("the run to be done") { try world.run("violate").state == .done }
        #expect(try world.run("violate").causes == [])
        #expect(try world.run("violate").error == nil)
    }

    @Test("a key queues it once, also when it is over; without one it is queued each time")
    func key() async throws {
        let world = try await JobsWorld()
        #expect(try await world.queue("complete", more: #", "key": "only""#) == 204)
        #expect(try await world.queue("complete", more: #", "key": "only""#) == 204)
        #expect(try await world.queue("steps", more: #", "key": "only""#) == 204)
        let process = try world.start()
        defer { world.stop(process) }
        try await waitUntil("the run to be done") { try world.run("complete").state == .done }
        #expect(try await world.queue("complete", more: #", "key": "only""#) == 204)
        #expect(try world.number("select count(*) from lyceum.job where job = 'jobber.complete'") == 1)
        #expect(try await world.queue("complete") == 204)
        #expect(try world.number("select count(*) from lyceum.job where job = 'jobber.complete'") == 2)
    }

    @Test("it runs not before the moment it was queued for")
    func later() async throws {
        let world = try await JobsWorld()
        let process = try world.start()
        defer { world.stop(process) }
        let at = Instant.now + .milliseconds(1_200)
        #expect(try await world.queue("complete", more: #", "at": "\#(at)""#) == 204)
        #expect(try await world.queue("complete", more: #", "at": "2100-01-01T00:00:00Z""#) == 204)
        try await waitUntil("the run to be done") { try world.number("select count(*) from jobber.effect") == 1 }
        #expect(try world.number("select count(*) from jobber.effect where at >= \(at)") == 1)
        #expect(try world.book.runs(state: .queued).map { "\($0.dueAt)" } == ["2100-01-01T00:00:00Z"])
    }

    @Test("it is seen from outside how far it is, and it can be cancelled while it runs")
    func progressAndCancel() async throws {
        let world = try await JobsWorld()
        let process = try world.start()
        defer { world.stop(process) }
        #expect(try await world.queue("steps", 100_000...100_000) == 204)
        try await waitUntil("some progress") { (try world.run("steps").progress?.done ?? 0) > 5 }
        let run = try world.run("steps")
        #expect(run.progress?.total == 100_000)
        #expect(try world.book.cancel(run.id) == .running)
        try await waitUntil("the run to be cancelled") { try world.run("steps").state == .cancelled }
        #expect(throws: JobBookError.self) { try world.book.cancel(run.id) }
        try world.book.retry(run.id)
        try await waitUntil("the run to run again") { try world.run("steps").state == .running }
        #expect(try world.book.cancel(run.id) == .running)
        try await waitUntil("the run to be cancelled") { try world.run("steps").state == .cancelled }
    }

    @Test("it can be cancelled before it runs, and in the middle of a statement")
    func cancelElsewhere() async throws {
        let world = try await JobsWorld()
        #expect(try await world.queue("complete", 1...1, before: 60) == 204)
        let waiting = try world.run("complete")
        #expect(try world.book.cancel(waiting.id) == .queued)
        #expect(try world.run("complete").state == .cancelled)
        try world.book.retry(waiting.id)
        let process = try world.start()
        defer { world.stop(process) }
        try await waitUntil("the statement") {
            try world.number(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")
                == 1
        }
        #expect(try world.book.cancel(waiting.id) == .running)
        try await waitUntil("the run to be cancelled", within: 20) { try world.run("complete").state == .cancelled }
        #expect(try world.number("select count(*) from jobber.effect") == 0)
    }

    @Test("its time-out ends the statement under way; it is tried again, and then dead")
    func timeOut() async throws {
        let world = try await JobsWorld()
        let process = try world.start()
        defer { world.stop(process) }
        #expect(try await world.queue("slow") == 204)
        try await waitUntil("the run to be dead", within: 30) { try world.run("slow").state == .dead }
        let run = try world.run("slow")
        #expect(run.attempt == 2)
        #expect(run.error == "it took longer than its time-out of 0.6 seconds")
        #expect(
            try world.number(
                "select count(*) from pg_stat_activity where datname = current_database() and state = 'active' and query like '%jobber.slow%' and pid <> pg_backend_pid()"
            ) == 0)
        // The thread and its connection serve on.
        #expect(try await world.queue("complete", 1...20) == 204)
        try await waitUntil("runs after it") { try world.number("select count(*) from jobber.effect") == 20 }
    }

    @Test("it is tried again until it succeeds, or is dead with its error; an operator may retry it")
    func retries() async throws {
        let world = try await JobsWorld()
        let process = try world.start()
        defer { world.stop(process) }
        #expect(try await world.queue("fail", 2...2) == 204)
        try await waitUntil("the run to be done") { try world.run("fail").state == .done }
        #expect(try world.run("fail").attempt == 3)
        #expect(try world.number("select count(distinct id) from jobber.effect") == 1)
        try world.database.script("delete from lyceum.job; delete from jobber.effect")
        #expect(try await world.queue("fail", 9...9) == 204)
        try await waitUntil("the run to be dead") { try world.run("fail").state == .dead }
        #expect(try world.run("fail").error == "attempt 3 was unlucky")
        try world.book.retry(try world.run("fail").id)
        try await waitUntil("three more attempts") {
            try world.run("fail").state == .dead && world.number("select count(*) from jobber.effect") == 6
        }
    }

    @Test("one that does not end is given back when its process is told to, and runs elsewhere")
    func givenBack() async throws {
        let world = try await JobsWorld()
        let process = try world.start()
        #expect(try await world.queue("deaf", 100_000...100_000) == 204)
        #expect(try await world.queue("complete", 1...1, before: 60) == 204)
        #expect(try await world.queue("complete", 2...2) == 204)
        try await waitUntil("both to run") { try world.book.runs(state: .running).count == 2 }
        world.stop(process)
        let runs = try world.book.runs()
        #expect(runs.map(\.state) == [.queued, .queued, .queued])
        #expect(runs.map(\.attempt) == [0, 0, 0])
    }

    @Test("a job that there is not is refused where it is queued, and in the book")
    func unknown() async throws {
        let world = try await JobsWorld(minutely: true)
        #expect(try await world.queue("compleet") == 500)
        #expect(
            world.world.log.lines.contains {
                $0.contains("jobber has no job \"compleet\"; its jobs are complete, deaf, fail, minutely, slow, steps")
            })
        #expect(try await world.queue("minutely") == 500)
        #expect(
            world.world.log.lines.contains { $0.contains("the job jobber.minutely is told something else than a Task") }
        )
        do { _ = try world.book.enqueue("jobber.compleet", payload: "{}") } catch let error as JobBookError {
            #expect(
                error.description == "region test has no job \"jobber.compleet\"; did you mean \"jobber.complete\"?")
        }
        #expect(throws: Faults.self) { try world.book.enqueue("jobber.complete", payload: #"{"number": 1}"#) }
        for (job, payload) in [
            ("complete", #"{"number": 1, "before": 0, "after": 0, "befroe": 1}"#), ("minutely", #"{"number": 1}"#),
            ("minutely", "[]"),
        ] {
            #expect(throws: Faults.self, "\(payload)") { try world.book.enqueue("jobber.\(job)", payload: payload) }
        }
        let id = try world.book.enqueue("jobber.complete", payload: #"{"number": 1, "before": 0, "after": 0}"#)
        #expect(try world.run("complete").id == id)
    }

    @Test("the platform's own delivery process runs five hundred of them, and their events reach listeners' log")
    func delivery() async throws {
        let world = try await JobsWorld()
        let process = try world.start("LYCEUM_TEST_DELIVERY=1")
        defer { world.stop(process) }
        #expect(try await world.queue("complete", 1...1) == 204)
        try await waitUntil("the first run") { try world.run("complete").state == .done }
        let start = ContinuousClock.now
        #expect(try await world.queue("complete", 2...500) == 204)
        try await waitUntil("all runs") {
            try world.number("select count(*) from lyceum.job where state = 'done'") == 500
        }
        print("runs in a second, two threads: \(Int(500 / ((ContinuousClock.now - start) / .seconds(1))))")
        #expect(try world.number("select count(*) from lyceum.event where topic = 'jobber.number.done'") == 500)
    }

    @Test("the runs of a disabled plugin wait, and run once it is enabled again")
    func disabled() async throws {
        let world = try await JobsWorld()
        #expect(try await world.queue("complete", 1...3) == 204)
        var without = world.world.generation
        without.regions[0].plugins = []
        let directory = world.directory + "-without"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try GenerationFile.write(without, directory: directory)
        let idle = try world.start(in: directory)
        try await Task.sleep(for: .milliseconds(500))
        world.stop(idle)
        #expect(try world.book.runs(state: .queued).count == 3)
        let process = try world.start()
        defer { world.stop(process) }
        try await waitUntil("them to run") { try world.book.runs(state: .done).count == 3 }
    }

    @Test("how the runs of each job stand is counted, and when a schedule comes next")
    func standings() async throws {
        let world = try await JobsWorld(minutely: true)
        #expect(try await world.queue("complete", 1...3) == 204)
        let now = Instant.now
        let standings = try world.book.standings(now: now)
        #expect(
            standings.map(\.job)
                == ["complete", "deaf", "fail", "minutely", "slow", "steps", "violate"].map { "jobber.\($0)" })
        #expect(standings[0].counts == [.queued: 3])
        let minutely = standings[3]
        #expect(minutely.schedule == "* * * * *" && minutely.zone == "Europe/Berlin")
        let next = try #require(minutely.next)
        #expect(next > now && next <= now + .seconds(60) && next.microseconds % 60_000_000 == 0)
    }

    @Test("what is over is forgotten after so many days, and nothing else")
    func forgotten() async throws {
        let world = try await JobsWorld()
        #expect(try await world.queue("complete", 1...3) == 204)
        try world.database.script(
            """
            update lyceum.job set due_at = 'infinity';
            update lyceum.job set state = 'done', ended_at = clock_timestamp() - interval '31 days'
                where (payload->>'number')::int = 1;
            update lyceum.job set state = 'dead', ended_at = clock_timestamp() - interval '29 days'
                where (payload->>'number')::int = 2;
            """)
        let process = try world.start()
        defer { world.stop(process) }
        try await waitUntil("the clean-up") {
            try world.number("select count(*) from lyceum.job where scheduled_at is null") == 2
        }
        #expect(try world.number("select count(*) from lyceum.job where state = 'dead'") == 1)
    }

    @Test("a long clean-up holds up no run, and what operators did is forgotten with it, but for the last 30 days")
    func longCleanUp() async throws {
        let world = try await JobsWorld()
        try world.database.script(
            """
            insert into lyceum.job (id, plugin, job, payload, due_at, state, ended_at)
            select gen_random_uuid(), 'jobber', 'jobber.complete', '{}', 'infinity', 'done', now() - interval '31 days'
            from generate_series(1, 30000);
            insert into lyceum.intervention (subject, action, name, means, at)
            select 'old', 'retry', 'ada', 'command', now() - interval '91 days' from generate_series(1, 2500);
            insert into lyceum.intervention (subject, action, name, means, at)
            values ('new', 'retry', 'ada', 'command', now() - interval '89 days');
            create function slowly() returns trigger language plpgsql as 'begin perform pg_sleep(0.5); return null; end';
            create trigger slowly after delete on lyceum.job for each statement execute function slowly();
            """)
        #expect(try await world.queue("complete", 1...1) == 204)
        let process = try world.start()
        defer { world.stop(process) }
        try await waitUntil("the run to be done") {
            try world.number("select count(*) from jobber.effect") > 0
        }
        // It took one part of the clean-up until it was claimed, and not the whole.
        #expect(try world.number("select count(*) from lyceum.job where ended_at < now() - interval '31 days'") > 0)
        try world.database.script("drop trigger slowly on lyceum.job")
        try await waitUntil("the clean-up") {
            try world.number(
                """
                select (select count(*) from lyceum.job where ended_at < now() - interval '31 days')
                    + (select count(*) from lyceum.intervention where subject = 'old')
                """) == 0
        }
        #expect(try world.number("select count(*) from lyceum.intervention where subject = 'new'") == 1)
        #expect(try world.number("select lyceum.forget_interventions(0, 1000)") == 1)
        try world.database.run(
            "insert into lyceum.intervention (subject, action, name, means, at) values ('x', 'retry', '', 'page', now() - interval '29 days')"
        )
        #expect(try world.number("select lyceum.forget_interventions(0, 1000)") == 0)
    }

    @Test("what is left of jobs is forgotten where no plugin has any more")
    func withoutJobs() async throws {
        let world = try await JobsWorld()
        try world.database.run(
            """
            insert into lyceum.job (id, plugin, job, payload, due_at, state, ended_at)
            values (gen_random_uuid(), 'jobber', 'jobber.complete', '{}', now(), 'done', now() - interval '31 days')
            """)
        var without = world.world.generation
        without.regions[0].plugins = []
        let directory = world.directory + "-none"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try GenerationFile.write(without, directory: directory)
        let process = try world.start(in: directory)
        defer { world.stop(process) }
        try await waitUntil("the clean-up") { try world.number("select count(*) from lyceum.job") == 0 }
    }
}

/// The role that the jobber's statements run as.
enum PluginRoleName {
    static func of(_ world: JobsWorld) throws -> String {
        var row = try world.database.query(
            "select rolname from pg_roles where rolname = \(world.world.generation.regions[0].databaseName + "_jobber_app")"
        ).row(0)
        return try row.next()
    }
}
