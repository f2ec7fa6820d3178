import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("A listener's backlog")
struct BacklogTests {
    /// Chance from a seed, so that a run can be repeated.
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    @Test("is counted as delivery finds it, whatever ran when its cursor was read")
    func behind() async throws {
        let world = try await DeliveryWorld()
        let database = world.database
        let books = DeliveryBooks(database)
        try database.script(
            """
            update lyceum.cursor set lanes = 3;
            insert into lyceum.cursor (listener, lane, lanes, plugin, topic, major, done, done_xid, done_head)
            select listener, i, 3, plugin, topic, major, done, done_xid, done_head
            from lyceum.cursor, generate_series(1, 2) as i;
            """)
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the backlog: \(seed)")
        var chance = Chance(state: seed)
        var running = try (0..<4).map { _ in try world.world.connection() }
        for connection in running { try connection.begin() }
        var counts: Set<Int> = []
        for _ in 0..<500 {
            let one = Int.random(in: 0..<running.count, using: &chance)
            switch Int.random(in: 0..<12, using: &chance) {
            case 0..<5:
                let (topic, lane) = (
                    Bool.random(using: &chance) ? "recorder.number.sent" : "x.y", Int.random(in: 0..<16, using: &chance)
                )
                try running[one].run(
                    "select lyceum.publish(array[\(topic)], array[1], array['k'], array[\(lane)::smallint], array['{}'], null, null)"
                )
            case 5..<7:
                if Int.random(in: 0..<4, using: &chance) > 0 {
                    try running[one].commit()
                } else {
                    running[one].rollback()
                }
                try running[one].begin()
            case 7, 8:
                // A round is over: all that its target shows has been delivered.
                try database.run(
                    """
                    update lyceum.cursor set done = target, done_xid = target_xid, done_head = target_head, target = null,
                        target_xid = null, target_head = null, position = 0
                    where lane = \(one % 3) and target is not null
                    """)
            case 9, 10:
                // Another begins, as delivery begins it, and has come to some place.
                let head = try world.number("select last_value from lyceum.event_id")
                try database.transaction { connection in
                    let rows = try connection.query("select pg_current_xact_id()::text")
                    let xid = try rows.map { row in try row.next(as: String.self) }[0]
                    try connection.run(
                        """
                        update lyceum.cursor set target = pg_current_snapshot(), target_xid = \(xid)::xid8, target_head = \(head)
                        where lane = \(one % 3) and target is null
                        """)
                }
            default:
                try database.run(
                    """
                    update lyceum.cursor set position = (
                        select coalesce(max(id), position) from (
                            select id from lyceum.event
                            where pg_visible_in_snapshot(xid, target) and not pg_visible_in_snapshot(xid, done)
                                and id > position and lane % 3 = cursor.lane
                            order by id limit 2) as next)
                    where lane = \(one % 3) and target is not null
                    """)
            }
            let expected = try world.number(
                """
                select count(*) from lyceum.cursor join lyceum.event
                    on event.topic = cursor.topic and event.lane % 3 = cursor.lane
                where not pg_visible_in_snapshot(xid, done)
                    and not coalesce(id <= position and pg_visible_in_snapshot(xid, target), false)
                """)
            let listener = try #require(try books.listeners().first)
            #expect(listener.behind == expected)
            #expect(try books.listeners(most: 1_000).first?.behind == expected)
            counts.insert(expected)
        }
        // Some were behind, or this shows nothing.
        #expect(counts.count > 5)
        for connection in running { connection.rollback() }
        running = []
    }
}
