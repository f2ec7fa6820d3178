import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Failed events are tried again, later and later, and given up in the end")
struct ScheduleTests {
    @Test("after attempt^4 seconds, spread by a tenth, at most a day; 25 attempts")
    func shape() {
        let schedule = RetrySchedule()
        #expect(schedule.attempts == 25)
        #expect([1, 2, 3, 17].map { schedule.delay(after: $0, chance: 0.5) } == [1, 16, 81, 83_521])
        #expect([18, 24].map { schedule.delay(after: $0, chance: 0.5) } == [86_400, 86_400])
        #expect(abs(schedule.delay(after: 2, chance: 0) - 15.2) < 0.001)
        #expect(abs(schedule.delay(after: 2, chance: 1) - 16.8) < 0.001)
    }

    @Test("a hundred thousand times as fast: 25 attempts at these times, then it is dead and its key goes on")
    func attempts() async throws {
        let world = try await DeliveryWorld()
        try world.database.script(
            """
            create table recorder.tried (attempt integer, wait double precision, at timestamptz default clock_timestamp());
            create function recorder.note() returns trigger language plpgsql as $$ begin
                insert into recorder.tried values (new.attempt, extract(epoch from new.due_at - clock_timestamp()));
                return null;
            end $$;
            create trigger note after update of attempt on lyceum.retry for each row execute function recorder.note();
            """)
        #expect(try await world.send("bad", -1...(-1)) == 204)
        #expect(try await world.send("bad", 1...1) == 204)
        try await world.delivering(["LYCEUM_TEST_SCHEDULE=1"]) {
            try await world.wait("the one behind it", seconds: 120) {
                try world.number("select count(*) from recorder.seen") == 1
            }
        }
        let rows = try world.database.query("select attempt, wait from recorder.tried order by at")
        let tried: [(attempt: Int, wait: Double)] = try rows.map { row in (try row.next(), try row.next()) }
        // The first was made with the batch.
        #expect(tried.map(\.attempt).filter { $0 > 1 } == Array(2...25))
        let schedule = RetrySchedule(base: 1 / 100_000, longest: 86_400 / 100_000)
        for (attempt, wait) in tried where attempt > 8 {
            let least = schedule.delay(after: attempt, chance: 0) - 0.02
            #expect((least...schedule.delay(after: attempt, chance: 1)).contains(wait), "attempt \(attempt): \(wait)")
        }
        let dead = try #require(try DeliveryBooks(world.database).failed("recorder.write-down").first)
        #expect((dead.attempts, dead.due, dead.error) == (25, nil, "a negative number"))
    }
}
