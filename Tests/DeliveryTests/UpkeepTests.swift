import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The delivery process looks after the log")
struct UpkeepTests {
    private static let old = """
        create table lyceum.event_20200106 partition of lyceum.event
            for values from ('2020-01-06 00:00Z') to ('2020-01-13 00:00Z');
        insert into lyceum.event (xid, topic, major, lane, key, payload, at)
        values ('3', 'recorder.number.sent', 1, 0, 'a week without a partition', '{}', '2020-02-01');
        insert into lyceum.answer (key, request, at) values ('old', 'old', now() - interval '100 days'), ('new', 'new', now());
        """

    private func isThere(_ world: DeliveryWorld) throws -> (partition: Bool, rest: Bool, answer: Bool) {
        (
            try world.number("select count(*) from pg_class where relname = 'event_20200106'") == 1,
            try world.number("select count(*) from lyceum.event_rest") == 1,
            try world.number("select count(*) from lyceum.answer where key = 'old'") == 1
        )
    }

    @Test("also where nobody listens: what is old goes, and the next weeks have their partitions")
    func nobodyListens() async throws {
        let world = try await DeliveryWorld()
        try world.database.script(
            Self.old + "delete from lyceum.cursor; drop table lyceum.event_\(Self.week(world, from: 1));")
        var empty = world.world.generation
        empty.regions[0].plugins = []
        try await world.delivering(generation: empty) {
            try await waitUntil("the old is gone") { try isThere(world) == (false, false, false) }
            let next = "event_" + (try Self.week(world, from: 1))
            try await waitUntil("next week has a partition") {
                try world.number("select count(*) from pg_class where relname = \(next)") == 1
            }
        }
        #expect(try world.number("select count(*) from lyceum.answer where key = 'new'") == 1)
    }

    @Test("what was given up is kept, unless it is limited how long; then it is counted and told")
    func dead() async throws {
        let world = try await DeliveryWorld()
        let listener = "recorder.write-down"
        try world.database.run(
            """
            insert into lyceum.retry (listener, event, lane, key, payload, at, attempt, due_at, error, dead)
            select \(listener), n, 0, 'k' || n, '{}', now() - interval '40 days', 25,
                now() - case when n < 4 then interval '31 days' else interval '29 days' end, 'it failed', n <> 3
            from generate_series(1, 5) as n
            """)
        try world.database.script("update lyceum.retry set due_at = now() + interval '1 hour' where not dead")
        try world.database.script(
            "insert into lyceum.answer (key, request, at) values ('old', 'old', now() - interval '100 days')")
        try await world.delivering(errors: .file(world.log)) {
            // Old answers go after what was given up would have gone.
            try await waitUntil("the log was looked after") { try !isThere(world).answer }
        }
        #expect(try world.number("select count(*) from lyceum.retry where dead") == 4)
        var generation = world.world.generation
        generation.limits.deadDays = 30
        try await world.delivering(generation: generation, errors: .file(world.log)) {
            try await waitUntil("the oldest are gone") {
                try world.number("select count(*) from lyceum.retry where dead") == 2
            }
            try await waitUntil("that is told") {
                world.said.contains(
                    "dropped 2 events that recorder.write-down failed for and that nobody retried or skipped within the 30 days"
                )
            }
        }
        let own = try DeliveryBooks(world.database).listeners().first { $0.name == listener }
        #expect(own?.dropped == 2 && own?.dead == 2 && own?.waiting == 1)
    }

    @Test("also where listeners are never done; and what cannot be done holds up nothing else")
    func busy() async throws {
        let world = try await DeliveryWorld()
        try world.database.script(Self.old + "drop table lyceum.event_\(Self.week(world, from: 1));")
        try world.database.script("update lyceum.cursor set since = now(), mark = now()")
        try world.sleep("before", milliseconds: 500)
        for key in 0..<4 { #expect(try await world.send("k\(key)", 1...250) == 204) }
        // Somebody reads an old partition, for a while.
        let reader = try world.world.connection()
        try reader.script("begin; lock table lyceum.event_20200106 in access share mode")
        try await world.delivering(errors: .file(world.log)) {
            let next = "event_" + (try Self.week(world, from: 1))
            try await waitUntil("what can be done is done") {
                let there = try isThere(world)
                return try there.partition && !there.answer
                    && world.number("select count(*) from pg_class where relname = \(next)") == 1
            }
            try await waitUntil("the rest is said") { world.said.contains("old events cannot be dropped now") }
            #expect(try world.number("select count(*) from recorder.seen") < 1_000)
        }
        try reader.script("commit")
        try await world.delivering {
            try await waitUntil("the partition is gone") { try isThere(world) == (false, false, false) }
            #expect(try world.number("select count(*) from recorder.seen") < 1_000)
        }
    }

    @Test("what a listener has not seen stays, and it is said for whose sake")
    func leftBehind() async throws {
        let world = try await DeliveryWorld()
        try world.database.script(
            Self.old
                + """
                insert into lyceum.cursor (listener, lane, lanes, plugin, topic, major, done, done_xid, done_head, since, mark)
                select name, 0, 1, 'gone', 'recorder.number.sent', 1, done, done_xid, done_head, made.since, made.mark
                from lyceum.cursor, (values ('gone.slow', timestamptz '2020-01-07', timestamptz '2020-01-07'),
                    ('gone.never', '-infinity', '2020-01-01'), ('gone.new', '-infinity', now())) as made (name, since, mark);
                """.replacingOccurrences(
                    of: ", done_head, since, mark\nfrom", with: ", done_head, made.since, made.mark\nfrom"))
        try await world.delivering(errors: .file(world.log)) {
            try await waitUntil("it is said") {
                world.said.contains("every event is kept for gone.never, which has not seen them")
                    && world.said.contains(" days are kept for gone.slow, which has not seen them; skip it with")
            }
        }
        #expect(!world.said.contains("gone.new"))
        #expect(!world.said.contains("kept for recorder.write-down"))
        #expect(try isThere(world) == (true, true, false))
    }

    /// The name of the partition of so many weeks ahead.
    private static func week(_ world: DeliveryWorld, from weeks: Int = 0) throws -> String {
        try world.database.query(
            """
            select to_char((date_trunc('week', clock_timestamp(), 'UTC') + \(weeks) * interval '7 days')
                at time zone 'UTC', 'YYYYMMDD')
            """
        ).row(0).only()
    }
}
