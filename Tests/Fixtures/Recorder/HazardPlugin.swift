internal import Glibc
public import Lyceum
internal import PostgreSQL

/// A plugin that does all that a plugin must not: it loops, sleeps, traps, and answers without end, as it is asked to.
public struct HazardPlugin: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "hazard", version: "1.0.0")

    /// A table, an event, hook points of both policies.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "tables",
                """
                create table hazard.note (place bigint generated always as identity, text text not null);
                create table hazard.seen (place bigint generated always as identity, listener text, key text);
                """)
        ])
        Emits(HazardHappened.self)
        HookPoint(.required)
        HookPoint(.skippable)
        HookPoint(.brief)
        HookPoint(.lines)
        HookPoint(.aside)
    }

    /// Makes the plugin.
    public init() {}

    /// Routes, a page, hooks and two listeners.
    public func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "hazard/hello", .public, HazardRoutes.hello)
        Route(.get, "hazard/do/{what}", .public, HazardRoutes.get)
        Route(.post, "hazard/do/{what}", .public, HazardRoutes.post)
        Route(.get, "hazard/rows/{count}", .public, HazardRoutes.rows)
        Route(.get, "hazard/values/{count}", .public, HazardRoutes.values)
        Route(.post, "hazard/events/{key}", .public, HazardRoutes.emit)
        Route(.post, "hazard/guarded/{what}", .public, HazardRoutes.guarded)
        PageRoute(.get, "hazard/slots/{what}", .public, HazardRoutes.slots)
        SlotPart(.aside, "hazard.part") { visit, database -> HazardPart? in
            if visit.subject == "sleep" { try await database.run("select pg_sleep(30)") }
            return HazardPart(text: visit.subject)
        }
        Template("hazard.part", file: "part.mustache", Array("<i>{{text}}</i>".utf8), of: HazardPart.self)
        Template(
            "hazard.slots", file: "slots.mustache",
            Array("{{<lyceum.layout}}{{$main}}[{{{aside}}}]{{/main}}{{/lyceum.layout}}".utf8), of: HazardSlots.self)
        PageRoute(.get, "hazard/page/{count}", .public, HazardRoutes.page)
        Template(
            "hazard.page", file: "page.mustache",
            Array(
                "{{<lyceum.layout}}{{$main}}{{#rows}}<p>{{number}} {{text}}</p>{{/rows}}{{/main}}{{/lyceum.layout}}"
                    .utf8))
        Guard(GuardPoint<String>.required) { try await HazardRoutes.act($0, $1) }
        Guard(GuardPoint<String>.skippable) { try await HazardRoutes.act($0, $1) }
        Guard(GuardPoint<String>.brief) { try await HazardRoutes.act($0, $1) }
        Collect(CollectPoint<String, String>.lines) { what, database in
            if what == "sleep" { try await database.run("select pg_sleep(30)") }
            return ["collected"]
        }
        Listener("harm", on: HazardHappened.self) { happened, transaction in
            try await transaction.run("insert into hazard.seen (listener, key) values ('harm', \(happened.key))")
            try await HazardRoutes.act(happened.key, transaction)
        }
        Listener("bystander", on: HazardHappened.self) { happened, transaction in
            try await transaction.run("insert into hazard.seen (listener, key) values ('bystander', \(happened.key))")
        }
    }
}

extension GuardPoint where Value == String {
    static let required = GuardPoint("hazard.required")
    static let skippable = GuardPoint("hazard.skippable", faults: .skip)
    static let brief = GuardPoint("hazard.brief", deadline: .milliseconds(50))
}

extension CollectPoint where Question == String, Item == String {
    static let lines = CollectPoint("hazard.lines")
}

/// Something happened.
public struct HazardHappened: Event {
    /// `hazard.thing.happened`.
    public static let name = "hazard.thing.happened"
    /// What the listener is to do.
    public var key: String
}

struct HazardAnswer: View { var did: String }

struct HazardRow: View {
    var number: Int
    var text: String
}

enum HazardRoutes {
    @Sendable static func hello(_ context: borrowing Context) async throws -> HazardAnswer {
        HazardAnswer(did: "hello")
    }

    @Sendable static func get(_ context: borrowing Context, _ what: Slug) async throws -> HazardAnswer {
        try await run(what.value, context.database)
    }

    @Sendable static func post(_ context: borrowing Context, _ what: Slug) async throws -> HazardAnswer {
        try await run(what.value, context.database)
    }

    /// A harmful thing, by its name.
    private static func run(_ what: String, _ database: Database) async throws -> HazardAnswer {
        switch what {
        case "query": try await database.run("select pg_sleep(30)")
        case "brief-query": try await database.run("select pg_sleep(0.3)")
        case "lock": try await database.run("insert into hazard.note (text) values ('locked')")
        case "doze":
            // Sleeps without a statement, and then wants one.
            try await Task.sleep(for: .seconds(2))
            try await database.run("insert into hazard.note (text) values ('after a doze')")
        case "late":
            // Has done its work, and answers when its time is up.
            try await database.run("insert into hazard.note (text) values ('late')")
            try await Task.sleep(for: .seconds(2))
        case "transaction":
            try await database.transaction { transaction in
                for _ in 0..<300 {
                    try await transaction.run("insert into hazard.note (text) values ('long')")
                    try await transaction.run("select pg_sleep(0.1)")
                }
            }
        default:
            try await database.transaction { try await act(what, $0) }
        }
        return HazardAnswer(did: what)
    }

    /// The same in somebody's transaction: a guard's, a listener's, a handler's.
    static func act(_ what: String, _ transaction: borrowing Transaction) async throws {
        switch what.prefix(while: { $0 != "." }) {
        case "loop":
            var turns: UInt64 = 0
            while getpid() != 0 { turns &+= 1 }
        case "sleep": try await transaction.run("select pg_sleep(30)")
        case "drowse": for _ in 0..<100 { try await transaction.run("select pg_sleep(0.1)") }
        case "nap": try await transaction.run("select pg_sleep(0.2)")
        case "trap":
            let none: [Int] = []
            print(none[Int(getpid())])
        case "overflow": print(deeper(1))
        case "kill": kill(getpid(), SIGKILL)
        case "fail": throw HazardError()
        default: break
        }
    }

    /// Until the stack is full.
    private static func deeper(_ depth: Int) -> Int {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 512) { memory in
            memory[0] = depth
            return deeper(depth + memory[0]) + memory[0]
        }
    }

    @Sendable static func rows(_ context: borrowing Context, _ count: Slug) async throws -> Rows<HazardRow> {
        try await context.database.rows(
            HazardRow.self,
            "select n as number, repeat('x', 1000) as text from generate_series(1, \(Int(count.value) ?? 0)) as n")
    }

    @Sendable static func values(_ context: borrowing Context, _ count: Slug) async throws -> [HazardRow] {
        (0..<(Int(count.value) ?? 0)).map { HazardRow(number: $0, text: String(repeating: "y", count: 1_000)) }
    }

    @Sendable static func page(_ context: borrowing Context, _ count: Slug) async throws -> Page {
        let rows = (0..<(Int(count.value) ?? 0)).map {
            HazardRow(number: $0, text: String(repeating: "z", count: 1_000))
        }
        return Page("hazard.page", title: .text("Hazard"), ["rows": rows])
    }

    @Sendable static func slots(_ context: borrowing Context, _ what: Slug) async throws -> Page {
        let aside = try await context.fill(.aside, what.value)
        // The request goes on with its statements after a part was cut off.
        try await context.database.run("select 1")
        return Page("hazard.slots", title: .text("Hazard"), HazardSlots(aside: aside))
    }

    @Sendable static func emit(_ context: borrowing Context, _ key: Slug) async throws -> NoContent {
        try await context.database.transaction { try $0.emit(HazardHappened(key: key.value)) }
        return NoContent()
    }

    /// `required-sleep`: asks the required point, whose guard sleeps, and then writes.
    @Sendable static func guarded(_ context: borrowing Context, _ what: Slug) async throws -> HazardAnswer {
        let parts = what.value.split(separator: "-", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw Problem.notFound }
        if parts[0] == "lines" {
            let lines = try await context.collect(.lines, parts[1])
            return HazardAnswer(did: lines.joined(separator: ","))
        }
        try await context.database.transaction { transaction in
            switch parts[0] {
            case "required": try await transaction.ask(.required, parts[1])
            case "brief": try await transaction.ask(.brief, parts[1])
            default: try await transaction.ask(.skippable, parts[1])
            }
            try await transaction.run("insert into hazard.note (text) values (\(what.value))")
        }
        return HazardAnswer(did: what.value)
    }
}

struct HazardError: Error, CustomStringConvertible { let description = "asked to fail" }

/// A page with a slot, whose parts must be quick.
struct HazardSlots: Codable, Sendable {
    var aside: SlotContent
}

/// A part of it.
struct HazardPart: Codable, Sendable {
    var text: String
}

extension Slot where Subject == String {
    static var aside: Slot { Slot("hazard.aside", deadline: .milliseconds(300)) }
}
