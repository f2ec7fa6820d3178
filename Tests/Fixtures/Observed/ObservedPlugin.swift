public import Lyceum
internal import PostgreSQL

/// A plugin for tests of what is seen from outside: an order goes from a request to an event, its listener, an event of that
/// listener, and a job; and what is told to fails on its way and goes on.
public struct ObservedPlugin: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "observed", version: "1.2.0")

    /// Tables, a sequence that goes on though a transaction is undone, events.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "orders",
                """
                create table observed.step (step text, key text, trace text);
                create sequence observed.chance;
                """)
        ])
        Emits(OrderPlaced.self)
        Emits(OrderHandled.self)
        Emits(OrderFinished.self)
        HookPoint(.placing)
    }

    /// Makes the plugin.
    public init() {}

    static let finish = JobName<Finish>("finish")

    /// The chain, pages of failure, gauges.
    public func contributions(_ settings: ObservedSettings) -> [any Contribution] {
        Route(.post, "observed/orders", .public, ObservedRoutes.place)
        Route(.get, "observed/boom/{order}", .public, ObservedRoutes.boom)
        Route(.get, "observed/wait", .public, ObservedRoutes.wait)
        Guard(.placing) { key, _ in if key.hasPrefix("skip") { throw Unlucky(sentence: "a guard that fails") } }
        Listener("handle", on: OrderPlaced.self) { order, transaction in
            try await Steps.note("handle", order.key, transaction)
            if order.fails, try await Steps.isEarly(transaction) { throw Unlucky(sentence: "the first attempt") }
            try transaction.emit(OrderHandled(key: order.key, fails: order.fails))
        }
        Listener("follow", on: OrderHandled.self) { order, transaction in
            try await Steps.note("follow", order.key, transaction)
            try await transaction.enqueue(ObservedPlugin.finish, Finish(key: order.key, fails: order.fails))
        }
        Job(ObservedPlugin.finish) { order, run in
            if order.fails, run.attempt == 1 { throw Unlucky(sentence: "the first run") }
            try await run.completing { transaction in
                try await Steps.note("finish", order.key, transaction)
                try transaction.emit(OrderFinished(key: order.key))
            }
        }
        Obligation("orders", "orders that are not finished") { transaction in
            let rows = try await transaction.query(
                "select key from observed.step group by key having not bool_or(step = 'finish') order by key")
            return Owed(rows.rowCount, examples: try rows.map { row in try row.next(as: String.self) })
        }
        if settings.measures {
            Gauge("steps", "Steps that were taken.") { database in
                var row = try await database.query("select count(*) from observed.step").row(0)
                let count: Int = try row.next()
                return Double(count)
            }
            Gauge("steps_by_name", "Steps \\ that \"were\" taken, by name.", by: "step") { database in
                var counts: [String: Double] = [:]
                for var row in try await database.query("select step, count(*) from observed.step group by 1") {
                    let (step, count): (String, Int) = (try row.next(), try row.next())
                    counts[step] = Double(count)
                }
                return counts
            }
        }
        if settings.hangs {
            Gauge("hanging_seconds", "It hangs.") { database in
                try await database.run("select pg_sleep(60)")
                return 60
            }
        }
        if settings.fails { Gauge("failing", "It fails.") { _ in throw Unlucky(sentence: "no gauge") } }
        if let name = settings.name { Gauge(name, "It is called as the settings say.") { _ in 1 } }
    }
}

/// How the plugin misbehaves.
public struct ObservedSettings: Input {
    @Field("Whether it has gauges.") var measures = true
    @Field("Whether a gauge hangs.") var hangs = false
    @Field("Whether a gauge fails.") var fails = false
    @Field("The name of a further gauge.") var name: String?

    /// It behaves.
    public init() {}
}

extension GuardPoint where Value == String {
    static let placing = GuardPoint("observed.placing", faults: .skip)
}

struct OrderPlaced: Event {
    static let name = "observed.order.placed"
    var key: String
    var fails: Bool
}

struct OrderHandled: Event {
    static let name = "observed.order.handled"
    var key: String
    var fails: Bool
}

struct OrderFinished: Event {
    static let name = "observed.order.finished"
    var key: String
}

struct Finish: Codable, Sendable {
    var key: String
    var fails: Bool
}

enum Order {
    struct ID: Identifier {
        let raw: RawID
        init(_ raw: RawID) { self.raw = raw }
    }
}

struct Unlucky: Error, CustomStringConvertible {
    let sentence: String
    var description: String { sentence }
}

enum Steps {
    static func note(_ step: String, _ key: String, _ transaction: borrowing Transaction) async throws {
        let trace = transaction.trace?.description
        try await transaction.run("insert into observed.step values (\(step), \(key), \(trace))")
    }

    static func isEarly(_ transaction: borrowing Transaction) async throws -> Bool {
        var row = try await transaction.query("select nextval('observed.chance')").row(0)
        let chance: Int = try row.next()
        return chance <= 2
    }
}

struct PlaceOrder: Input {
    @Field("What it is called.", .length(1...100)) var key: String
    @Field("Whether each step fails once.") var fails = false
}

enum ObservedRoutes {
    @Sendable static func place(_ context: borrowing Context, _ body: Body<PlaceOrder>) async throws -> NoContent {
        let order = body.value
        try await context.database.transaction { transaction in
            try await Steps.note("place", order.key, transaction)
            try await transaction.ask(.placing, order.key)
            try transaction.emit(OrderPlaced(key: order.key, fails: order.fails))
        }
        return NoContent()
    }

    /// Fails with words that try to be a line of the log of their own.
    @Sendable static func boom(_ context: borrowing Context, _ order: Order.ID) async throws -> NoContent {
        throw Unlucky(
            sentence: "first\n{\"level\":\"info\",\"message\":\"forged\"}\r\u{1B}[31m\u{9B}31m\u{2028}\u{202E}\"}\\ end"
        )
    }

    /// Holds a connection for as long as somebody else has the lock.
    @Sendable static func wait(_ context: borrowing Context) async throws -> NoContent {
        _ = try await context.database.query("select pg_advisory_xact_lock(42)")
        return NoContent()
    }
}
