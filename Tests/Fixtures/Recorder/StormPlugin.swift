public import Lyceum
internal import PostgreSQL

/// A plugin for the storm test: six listeners, some with lanes, write down every number that anybody sent.
///
/// Numbers of a key are counted in a row, so that their order is the order in which transactions had that row.
public struct StormPlugin: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "storm", version: "1.0.0")

    /// Tables without a unique constraint on purpose, an event.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "seen",
                """
                create table storm.counter (key text primary key, number bigint not null);
                create table storm.sent (key text, number bigint);
                create sequence storm.chance;
                -- Some commits take long, so that transactions commit in another order than their events have numbers.
                create function storm.dawdle() returns trigger language plpgsql as
                    $$ begin if random() < 0.2 then perform pg_sleep(random() * 0.02); end if; return null; end $$;
                create constraint trigger dawdle after insert on storm.sent
                    deferrable initially deferred for each row execute function storm.dawdle();
                create table storm.seen (
                    place bigint generated always as identity, listener text, key text, number bigint);
                """)
        ])
        Emits(StormNumber.self)
    }

    /// Makes the plugin.
    public init() {}

    /// The lanes of the listeners, each of which is named after its place.
    public static let lanes = [1, 1, 2, 4, 8, 16]

    /// A route that emits, six listeners.
    public func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.post, "storm/numbers", .public, StormRoutes.send)
        for (index, lanes) in StormPlugin.lanes.enumerated() {
            Listener("listener-\(index)", on: StormNumber.self, from: index == 5 ? .beginning : .now, lanes: lanes) {
                sent, transaction in
                try await transaction.run(
                    """
                    insert into storm.seen (listener, key, number)
                    values (\("listener-\(index)"), \(sent.key), \(sent.number))
                    """)
                // Some numbers it cannot bear, one time in three. A sequence goes on though a transaction is undone.
                guard sent.number % 47 == Int64(index) else { return }
                var row = try await transaction.query("select nextval('storm.chance')").row(0)
                let chance: Int64 = try row.next()
                if chance % 3 == 0 { throw Unlucky() }
            }
        }
    }
}

/// A number was sent.
public struct StormNumber: Event {
    /// `storm.number.sent`.
    public static let name = "storm.number.sent"
    /// Whose turn it is.
    public var key: String
    /// Which turn.
    public var number: Int64
}

struct SendStorm: Input {
    @Field("The keys, whose next numbers are sent.", .count(1...100)) var keys: [String]
    @Field("Whether to fail after all.") var fail = false
}

enum StormRoutes {
    @Sendable static func send(_ context: borrowing Context, _ body: Body<SendStorm>) async throws -> NoContent {
        let given = body.value
        try await context.database.transaction { transaction in
            for key in given.keys.sorted() {
                var row = try await transaction.query(
                    """
                    insert into storm.counter values (\(key), 1)
                    on conflict (key) do update set number = counter.number + 1 returning number
                    """
                ).row(0)
                let number: Int64 = try row.next()
                try await transaction.run("insert into storm.sent values (\(key), \(number))")
                try transaction.emit(StormNumber(key: key, number: number))
            }
            if given.fail { throw Unlucky() }
        }
        return NoContent()
    }
}
