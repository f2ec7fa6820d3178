import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("Events that are tried again, and new ones, each have their turn", .serialized)
struct TurnTests {
    /// Puts events aside that were never published, due now, each with a key of its own.
    private func putAside(
        _ world: DeliveryWorld, _ count: Int, key: String = "'late ' || i", from first: Int = -1_000_000
    )
        throws
    {
        try world.database.script(
            """
            insert into lyceum.retry (listener, event, lane, key, payload, at, attempt, due_at)
            select 'recorder.write-down', i + \(first), 0, key, json_build_object('key', key, 'number', i), now(), 0, now()
            from (select i, \(key) as key from generate_series(1, \(count)) as i) as made
            """)
    }

    @Test("what an operator retries is tried within seconds though new events never end")
    func steady() async throws {
        let world = try await DeliveryWorld()
        let books = DeliveryBooks(world.database)
        #expect(try await world.send("bad", -1...(-1)) == 204)
        try await world.delivering {
            try await world.wait("it is dead") { try books.listeners().first?.dead == 1 }
            try world.sleep("before", milliseconds: 100)
            for key in 0..<4 { #expect(try await world.send("k\(key)", 1...500) == 204) }
            try await world.wait("they are being delivered") { try world.isDozing() }
            #expect(try books.retry("recorder.write-down") == 1)
            try await world.wait("it was tried again") {
                try world.number("select count(*) from lyceum.retry where attempt > 0") == 1
            }
            #expect(try world.number("select count(*) from recorder.seen") < 1_900)
            try world.sleep("", milliseconds: 0)
        }
    }

    @Test("new events do not wait until all that failed has been tried again")
    func fresh() async throws {
        let world = try await DeliveryWorld()
        try putAside(world, 1_000)
        try world.sleep("before", milliseconds: 100)
        #expect(try await world.send("fresh", 1...1) == 204)
        try await world.delivering {
            try await world.wait("the new one") {
                try world.number("select count(*) from recorder.seen where key = 'fresh'") == 1
            }
            #expect(try world.number("select count(*) from lyceum.retry") > 200)
            try world.sleep("", milliseconds: 0)
            try await world.wait("all") { try world.number("select count(*) from lyceum.retry") == 0 }
        }
        #expect(try world.number("select count(distinct key) from recorder.seen") == 1_001)
        #expect(try world.number("select count(*) from recorder.seen") == 1_001)
    }

    @Test("looking for what is due reads no events that are dead, or wait behind another")
    func reading() async throws {
        let world = try await DeliveryWorld()
        // One that failed, 20,000 behind it, 20,000 that are dead.
        try putAside(world, 20_000, key: "'one'")
        try putAside(world, 20_000, from: -2_000_000)
        try world.database.script(
            """
            update lyceum.retry set dead = true where event < -1500000;
            update lyceum.retry set due_at = now() + interval '1 hour' where event = -999999;
            analyze lyceum.retry;
            """)
        #expect(try world.number("select count(*) from lyceum.retry where not dead and not behind") == 1)
        try await world.delivering {
            // The first look of all is the log's upkeep, which reads them once.
            try await Task.sleep(for: .seconds(1))
            try world.database.script("select pg_stat_force_next_flush()")
            #expect(try await world.send("good", 1...1) == 204)
            try await world.wait("it") { try world.number("select count(*) from recorder.seen") == 1 }
            try await Task.sleep(for: .seconds(2))
        }
        let read: Statement = """
            select seq_tup_read + idx_tup_fetch from pg_stat_user_tables
            where schemaname = 'lyceum' and relname = 'retry'
            """
        let before = try world.number(read)
        try await world.delivering {
            for number in 1...20 {
                #expect(try await world.send("more", number...number) == 204)
                try await Task.sleep(for: .milliseconds(100))
            }
            try await world.wait("all") { try world.number("select count(*) from recorder.seen") == 21 }
        }
        try await waitUntil("PostgreSQL has counted") { try world.number(read) > before }
        // The upkeep's one look reads 40,000 and, of 20,000 of them, the one before.
        #expect(try world.number(read) - before < 100_000)
    }

    @Test("of a key only the first waits for its time, whoever puts aside, delivers, skips, gives up and retries")
    func queue() async throws {
        let world = try await DeliveryWorld()
        let books = DeliveryBooks(world.database)
        try putAside(world, 5, key: "'k'", from: 0)
        func firsts() throws -> [Int] {
            try world.database.query(
                "select event::int from lyceum.retry where not dead and not behind order by event"
            ).map { row in try row.next() }
        }
        #expect(try firsts() == [1])
        try books.skip("recorder.write-down", event: 1)
        #expect(try firsts() == [2])
        try world.database.script("update lyceum.retry set dead = true where event in (2, 3)")
        #expect(try firsts() == [4])
        #expect(try books.retry("recorder.write-down", event: 2) == 1)
        #expect(try firsts() == [2])
        try world.database.script("update lyceum.retry set attempt = 1 where event = 2")
        #expect(try firsts() == [2])
        try books.skipAll("recorder.write-down")
        #expect(try firsts() == [])
    }

    @Test("a batch that never ended is tried event by event, also where another event is due before")
    func mark() async throws {
        let world = try await DeliveryWorld()
        try world.sleep("before", milliseconds: 300)
        #expect(try await world.send("a", 1...1_000) == 204)
        try await world.killing { try await world.wait("a batch at work") { try world.isDozing() } }
        try world.database.script(
            """
            create table recorder.aside (event bigint);
            create function recorder.note() returns trigger language plpgsql as
                $$ begin insert into recorder.aside values (new.event); return new; end $$;
            create trigger note after insert on lyceum.retry for each row execute function recorder.note();
            """)
        try putAside(world, 1)
        try world.sleep("", milliseconds: 0)
        try await world.delivering {
            try await world.wait("all") { try world.number("select count(*) from recorder.seen") == 1_001 }
        }
        // The hundred of the batch, and what comes behind them in their key.
        #expect(try world.number("select count(*) from recorder.aside") > 100)
        #expect(try world.complaints() == ["never sent late 1 1"])
    }
}
