public import Lyceum
internal import PostgreSQL

/// A plugin for tests of delivery: anybody may emit an event, and a listener writes down what it is told.
///
/// The table has no unique constraint on purpose: what is delivered twice stands there twice.
public struct RecorderPlugin: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "recorder", version: "1.0.0")

    /// A table, an event.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "seen",
                """
                create table recorder.seen (place bigint generated always as identity, key text, number bigint, at timestamptz default clock_timestamp());
                create table recorder.sent (key text, number bigint);
                """)
        ])
        Emits(NumberSent.self)
    }

    /// Makes the plugin.
    public init() {}

    /// A route that emits, listeners that write down or fail.
    public func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.post, "recorder/numbers", .public, RecorderRoutes.send)
        Offer(.ledger, Ledger())
        Listener("write-down", on: NumberSent.self) { sent, transaction in
            try await transaction.run("insert into recorder.seen (key, number) values (\(sent.key), \(sent.number))")
            if sent.number == -1_000 { try await Recorded.fail(transaction) }
            if sent.number < 0 { throw Unlucky() }
            if sent.number > 1_000_000 { try transaction.emit(NumberSent(key: sent.key, number: sent.number - 1)) }
        }
    }
}

/// A number was sent.
public struct NumberSent: Event {
    /// `recorder.number.sent`.
    public static let name = "recorder.number.sent"
    /// Whose turn it is.
    public var key: String
    /// Which turn; a negative one makes the listener fail.
    public var number: Int64
}

/// A service whose statement fails, and a step that wraps its error.
struct Ledger: Sendable {
    func enter(_ transaction: borrowing Transaction) async throws {
        try await transaction.run("select 1,\n    nosuch_column from recorder.seen")
    }
}

extension Service where Value == Ledger {
    static var ledger: Service { Service("recorder.ledger") }
}

enum Recorded {
    static func fail(_ transaction: borrowing Transaction) async throws {
        do {
            try await transaction.using(.ledger) { ledger, transaction in try await ledger.enter(transaction) }
        } catch { throw FailedStep("the number cannot be entered", cause: error) }
    }
}

struct Unlucky: Error, CustomStringConvertible { let description = "a negative number" }

struct SendNumbers: Input {
    @Field("The key.", .length(1...100)) var key: String
    @Field("The numbers.", .count(1...1_000)) var numbers: [Int64]
    @Field("Whether to fail after all.") var fail = false
}

enum RecorderRoutes {
    @Sendable static func send(_ context: borrowing Context, _ body: Body<SendNumbers>) async throws -> NoContent {
        let given = body.value
        try await context.database.transaction { transaction in
            for number in given.numbers {
                try await transaction.run("insert into recorder.sent values (\(given.key), \(number))")
                try transaction.emit(NumberSent(key: given.key, number: number))
            }
            if given.fail { throw Unlucky() }
        }
        return NoContent()
    }
}
