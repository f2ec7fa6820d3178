import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("An operator sees deliveries and does something about them")
struct BooksTests {
    private func deliver(_ world: DeliveryWorld, _ body: () async throws -> Void) async throws {
        let process = try world.start()
        do { try await body() } catch {
            _ = process.stop(SIGTERM, within: .seconds(30))
            throw error
        }
        #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0))
    }

    @Test("a listener's backlog, failures and dead events are listed; retry tries again, skip lets go")
    func failures() async throws {
        let world = try await DeliveryWorld()
        let books = DeliveryBooks(world.database)
        #expect(try await world.send("good", 1...3) == 204)
        var listener = try #require(try books.listeners().first)
        #expect(listener.name == "recorder.write-down")
        #expect(listener.event == "recorder.number.sent v1")
        #expect((listener.behind, listener.waiting, listener.dead) == (3, 0, 0))
        #expect(try await world.send("bad", -1...(-1)) == 204)
        try await deliver(world) {
            try await world.wait("the bad one to be dead") { try books.listeners().first?.dead == 1 }
            listener = try #require(try books.listeners().first)
            #expect((listener.behind, listener.lag, listener.waiting) == (0, 0, 0))
            let failed = try books.failed("recorder.write-down")
            #expect(failed.map(\.key) == ["bad"])
            #expect(failed.first?.error == "a negative number")
            #expect(failed.first?.due == nil)
            let event = try #require(failed.first?.event)
            let metrics = try await world.world.client(region: "").get("/metrics").text
            #expect(metrics.contains("\nlyceum_region_up{region=\"test\"} 1\n"))
            #expect(
                metrics.contains("\nlyceum_events_dead{region=\"test\",listener=\"recorder.write-down\"} 1\n"))
            #expect(
                metrics.contains("\nlyceum_events_behind{region=\"test\",listener=\"recorder.write-down\"} 0\n"))
            #expect(try books.retry("recorder.write-down", event: event) == 1)
            try await world.wait("it to be dead again") { try books.listeners().first?.dead == 1 }
            try books.skip("recorder.write-down", event: event)
            #expect(try books.failed().isEmpty)
            let error = #expect(throws: DeliveryBooks.Refusal.self) {
                try books.skip("recorder.write-down", event: event)
            }
            #expect(error?.description.hasPrefix("event \(event) has not failed for recorder.write-down") == true)
            let unknown = #expect(throws: DeliveryBooks.Refusal.self) { try books.retry("recorder.write-dwn") }
            #expect(
                unknown?.description
                    == "there is no listener \"recorder.write-dwn\" here; did you mean \"recorder.write-down\"?")
        }
    }

    @Test("an event that failed keeps the error with what it passed through and what caused it, down to the statement")
    func causes() async throws {
        let world = try await DeliveryWorld()
        let books = DeliveryBooks(world.database)
        #expect(try await world.send("bad", -1_000...(-1_000)) == 204)
        try await deliver(world) {
            try await world.wait("it to be dead") { try books.listeners().first?.dead == 1 }
        }
        let failed = try #require(try books.failed("recorder.write-down").first)
        #expect(failed.error == "the number cannot be entered")
        #expect(
            failed.causes.map(\.sentence) == [
                "the number cannot be entered", "service recorder.ledger failed",
                "column \"nosuch_column\" does not exist (42703)",
            ])
        #expect(failed.causes.map(\.kind) == ["FailedStep", "service", "DatabaseError"])
        let last = try #require(failed.causes.last)
        #expect(last.sqlState == "42703")
        #expect(last.statement == "select 1,\n    nosuch_column from recorder.seen")
        #expect(last.position == 15)
        #expect(
            last.description == """
                column "nosuch_column" does not exist (42703); in the statement at line 2, column 5: \
                select 1, nosuch_column from recorder.seen
                """)
    }

    @Test("replay delivers again from the beginning, from an event or from a moment, and goes on behind it")
    func replay() async throws {
        let world = try await DeliveryWorld()
        let books = DeliveryBooks(world.database)
        #expect(try await world.send("a", 1...150) == 204)
        try await deliver(world) {
            try await world.wait("150") { try world.number("select count(*) from recorder.seen") == 150 }
            try books.replay("recorder.write-down", from: .beginning)
            #expect(try await world.send("a", 151...160) == 204)
            try await world.wait("all again, and ten more") {
                try world.number("select count(*) from recorder.seen") == 310
            }
            let last = try world.number("select max(id) from lyceum.event")
            try books.replay("recorder.write-down", from: .event(Int64(last - 4)))
            try await world.wait("five again") { try world.number("select count(*) from recorder.seen") == 315 }
            try books.replay("recorder.write-down", from: .time("now"))
            #expect(try await world.send("a", 161...161) == 204)
            try await world.wait("one more") { try world.number("select count(*) from recorder.seen") == 316 }
        }
        #expect(
            try world.number("select count(*) from (select number from recorder.seen order by place limit 150) as s")
                == 150)
        #expect(try world.number("select count(*) from recorder.seen where number > 155") == 5 + 5 + 1)
    }

    @Test("skipping all lets a listener begin from now")
    func skipAll() async throws {
        let world = try await DeliveryWorld()
        #expect(try await world.send("old", 1...5) == 204)
        try DeliveryBooks(world.database).skipAll("recorder.write-down")
        try await deliver(world) {
            #expect(try await world.send("new", 1...5) == 204)
            try await world.wait("the new ones") { try world.number("select count(*) from recorder.seen") == 5 }
        }
        #expect(try world.number("select count(*) from recorder.seen where key = 'old'") == 0)
    }

    @Test("after a dump and restore transaction ids begin anew: rebase, and every event is delivered once")
    func rebase() async throws {
        let world = try await DeliveryWorld()
        #expect(try await world.send("a", 1...20) == 204)
        try await deliver(world) {
            try await world.wait("20") { try world.number("select count(*) from recorder.seen") == 20 }
        }
        #expect(try await world.send("a", 21...40) == 204)
        // What a restore leaves: ids of the future in the log and in the cursors.
        try world.database.script(
            """
            update lyceum.event set xid = (xid::text::bigint + 1000000000)::text::xid8;
            update lyceum.cursor set done = (
                select (pg_snapshot_xmin(done)::text::bigint + 1000000000) || ':'
                    || (pg_snapshot_xmax(done)::text::bigint + 1000000000) || ':')::pg_snapshot,
                done_xid = (done_xid::text::bigint + 1000000000)::text::xid8;
            """)
        let books = DeliveryBooks(world.database, for: Operator(name: "ada", means: .command))
        #expect(try books.rebase() == 20)
        #expect(
            try world.number(
                "select count(*) from lyceum.intervention where action = 'rebase' and subject = 'recorder.write-down' and name = 'ada'"
            ) == 1)
        try await deliver(world) {
            #expect(try await world.send("a", 41...60) == 204)
            try await world.wait("60") { try world.number("select count(*) from recorder.seen") >= 60 }
        }
        #expect(try world.complaints() == [])
    }

    @Test("old partitions go once every listener has seen them, and stay for one that is left behind")
    func retention() async throws {
        let world = try await DeliveryWorld()
        try await deliver(world) {
            #expect(try await world.send("a", 1...3) == 204)
            try await world.wait("3") { try world.number("select count(*) from recorder.seen") == 3 }
        }
        try world.database.script(
            """
            create table lyceum.event_20200106 partition of lyceum.event
                for values from ('2020-01-06 00:00Z') to ('2020-01-13 00:00Z');
            update lyceum.cursor set since = '2020-01-07';
            """)
        let dropped = "select count(*) from lyceum.drop_event_partitions(90)"
        #expect(try world.number("\(unescaped: dropped)") == 0)
        try world.database.script("update lyceum.cursor set since = '2020-01-20'")
        #expect(try world.number("\(unescaped: dropped)") == 1)
        #expect(try world.number("select count(*) from pg_class where relname = 'event_20200106'") == 0)
        // What came for a week that nobody had prepared is moved when the week gets its partition.
        try world.database.script(
            """
            drop table lyceum.event_\(Self.week(world));
            insert into lyceum.event (xid, topic, major, lane, key, payload) values ('3', 'recorder.number.sent', 1, 0, 'x', '{}');
            """)
        #expect(try world.number("select count(*) from lyceum.event_rest") == 1)
        #expect(try world.number("select lyceum.prepare_event_partitions(1)") == 1)
        #expect(try world.number("select count(*) from lyceum.event_rest") == 0)
        #expect(try world.number("select count(*) from lyceum.event where key = 'x'") == 1)
    }

    private static func week(_ world: DeliveryWorld) throws -> String {
        var row = try world.database.query(
            "select to_char(date_trunc('week', clock_timestamp(), 'UTC') at time zone 'UTC', 'YYYYMMDD')"
        ).row(0)
        return try row.next()
    }

    @Test("a listener whose lanes change in number misses nothing and sees nothing twice")
    func lanes() async throws {
        let world = try await DeliveryWorld()
        for key in 0..<30 { #expect(try await world.send("k\(key)", 1...3) == 204) }
        // As an older version left it: eight lanes, one of them ahead of the others.
        try world.database.script(
            """
            update lyceum.cursor set lanes = 8;
            insert into lyceum.cursor (listener, lane, lanes, plugin, topic, major, done, done_xid, done_head)
            select listener, i, 8, plugin, topic, major, done, done_xid, done_head from lyceum.cursor, generate_series(1, 7) as i;
            insert into recorder.seen (key, number)
            select key, (payload ->> 'number')::bigint from lyceum.event where lane % 8 = 3 order by id;
            update lyceum.cursor set done = pg_current_snapshot(), done_xid = pg_current_xact_id(),
                done_head = (select last_value from lyceum.event_id) where lane = 3;
            """)
        try await deliver(world) {
            try await world.wait("all of them") { try world.number("select count(*) from recorder.seen") >= 90 }
            #expect(try await world.send("k1", 4...4) == 204)
            try await world.wait("one more") { try world.number("select count(*) from recorder.seen") >= 91 }
        }
        #expect(try world.complaints() == [])
        #expect(try world.number("select count(*) from lyceum.cursor") == 1)
    }

    @Test("a listener that is forgotten is noted with who did it, and nothing else of it is left")
    func forget() async throws {
        let world = try await DeliveryWorld()
        #expect(try await world.send("a", 1...3) == 204)
        try DeliveryBooks(world.database, for: Operator(name: "ada", means: .command)).forget("recorder.write-down")
        #expect(
            try world.number(
                "select count(*) from lyceum.intervention where action = 'forget' and subject = 'recorder.write-down' and name = 'ada'"
            ) == 1)
        #expect(try world.number("select count(*) from lyceum.cursor") == 0)
    }

    @Test("a listener that begins at the beginning is given what the log holds, and one that begins from now is not")
    func beginning() async throws {
        let world = try await TestInstallation(plugins: [StormPlugin.self])
        let database = try world.connection()
        let client = world.client()
        for _ in 0..<5 {
            let answer = try await client.send("POST", "/api/storm/numbers", json: #"{"keys": ["a"]}"#)
            #expect(answer.status == 204)
        }
        // Both are new here.
        for name in ["storm.listener-0", "storm.listener-5"] { try DeliveryBooks(database).forget(name) }
        let own = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let process = try Child(
            TestPrograms.path("TestWorker"), ["--generation", try world.writeGeneration(), "--delivery"],
            environment: own + ["SWIFT_BACKTRACE=enable=no"])
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        func seen(_ listener: String) throws -> Int {
            var row = try database.query("select count(*) from storm.seen where listener = \(listener)").row(0)
            return try row.next()
        }
        for _ in 0..<600 where try seen("listener-5") < 5 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try seen("listener-5") == 5)
        #expect(try seen("listener-0") == 0)
    }
}
