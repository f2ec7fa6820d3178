import Accounts
import Courses
import JSON
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

/// A plugin that tries each part of the contract once.
struct ProbePlugin: Plugin {
    static let manifest = Manifest(id: "probe", version: "1.0.0")
    static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([Migration(1, "rows", "create table probe.row (id uuid primary key, note text not null unique);")])
        Permission.probe
        HookPoint(.asking)
        HookPoint(.lenient)
        HookPoint(.notes)
    }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "probe", .public, ProbeRoutes.hello)
        Route(.get, "probe/rows/{row}", .public, ProbeRoutes.row)
        Route(.put, "probe/rows/{row}", .public, ProbeRoutes.put)
        Route(.get, "probe/rows/all", .public, ProbeRoutes.all)
        Route(.post, "probe/echo", .public, ProbeRoutes.echo)
        Route(.post, "probe/misuse", .public, ProbeRoutes.misuse)
        Route(.post, "probe/asking", .public, ProbeRoutes.ask)
        Route(.post, "probe/lenient", .public, ProbeRoutes.askLeniently)
        Route(.get, "probe/notes", .public, ProbeRoutes.notes)
        Route(.get, "probe/trap", .public, ProbeRoutes.fail)
        Route(.post, "probe/undeclared", .public, ProbeRoutes.emitUndeclared)
        Route(.get, "probe/moments", .public, ProbeRoutes.moments)
        PageRoute(.get, "probe/home", .public, ProbeRoutes.home)
    }
}

/// A second plugin, which attaches to the first one's points.
struct GuestPlugin: Plugin {
    static let manifest = Manifest(id: "guest", version: "1.0.0", requires: [.plugin("probe", from: "1.0.0")])
    static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([Migration(1, "asked", "create table guest.asked (value text);")])
        Emits(GuestAsked.self)
    }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Guard(.asking) { value, transaction in
            try await transaction.run("insert into guest.asked values (\(value))")
            if value == "no" { throw Refusal("guest.refused", "The guest says no.") }
        }
        Guard(.lenient) { value, transaction in
            try await transaction.run("insert into guest.asked values (\(value))")
            switch value {
            case "problem": throw Problem(status: 402, code: "guest.unpaid", title: "Pay first.")
            case "faults": throw Faults([Fault(pointer: "/word", code: "guest", sentence: "is not liked")])
            case "refusal": throw Refusal("guest.refused", "The guest says no.")
            default: break
            }
            try transaction.emit(GuestAsked(value: value))
            throw MisuseOfGuest()
        }
        Collect(.notes) { question, _ in ["about \(question)", "more about \(question)"] }
        Collect(.notes) { _, _ in throw MisuseOfGuest() }
    }
}

struct MisuseOfGuest: Error {}

/// An event that nobody declares.
struct ProbeMisspelt: Event {
    static let name = "probe.row.insertde"
    var value: String
    var key: String { value }
}

struct GuestAsked: Event {
    static let name = "guest.thing.asked"
    var value: String
    var key: String { value }
}

extension Permission {
    static let probe = Permission("probe.row.edit", "Edits rows.", roles: [])
}
extension GuardPoint where Value == String {
    static var asking: GuardPoint { GuardPoint("probe.asking") }
    static var lenient: GuardPoint { GuardPoint("probe.lenient", faults: .skip) }
}
extension CollectPoint where Question == String, Item == String {
    static var notes: CollectPoint { CollectPoint("probe.notes") }
}

struct ProbeRow: View {
    struct ID: Identifier {
        let raw: RawID
        init(_ raw: RawID) { self.raw = raw }
    }
    var id: ID
    var note: String
}

struct Greeting: View { var hello: String }
struct Word: Input { @Field("A word.", .length(1...10)) var word: String }

enum ProbeRoutes {
    @Sendable static func home(_ context: borrowing Context) async throws -> Page { .redirect(to: "/probe/away") }

    @Sendable static func hello(_ context: borrowing Context) async throws -> Greeting { Greeting(hello: "world") }

    @Sendable static func row(_ context: borrowing Context, _ row: ProbeRow.ID) async throws -> SingleRow<ProbeRow> {
        try await context.database.row(ProbeRow.self, "select id, note from probe.row where id = \(row)")
    }

    @Sendable static func put(
        _ context: borrowing Context, _ row: ProbeRow.ID, _ word: Body<Word>
    ) async throws -> ProbeRow {
        try await context.database.transaction { transaction in
            try await transaction.run("insert into probe.row values (\(row), \(word.value.word))")
            return try await transaction.value(ProbeRow.self, "select id, note from probe.row where id = \(row)")
        }
    }

    @Sendable static func all(_ context: borrowing Context) async throws -> Rows<ProbeRow> {
        try await context.database.rows(ProbeRow.self, "select id, note from probe.row order by id")
    }

    @Sendable static func echo(_ context: borrowing Context, _ word: Body<Word>) async throws -> Greeting {
        Greeting(hello: word.value.word)
    }

    @Sendable static func misuse(_ context: borrowing Context) async throws -> NoContent {
        let database = context.database
        try await database.transaction { _ in
            _ = try await database.query("select 1")
        }
        return NoContent()
    }

    @Sendable static func ask(_ context: borrowing Context, _ word: Body<Word>) async throws -> NoContent {
        try await context.database.transaction { transaction in
            try await transaction.run(
                "insert into probe.row values (\(transaction.newID(ProbeRow.ID.self)), \(word.value.word))")
            try await transaction.ask(.asking, word.value.word)
        }
        return NoContent()
    }

    @Sendable static func askLeniently(_ context: borrowing Context, _ word: Body<Word>) async throws -> NoContent {
        try await context.database.transaction { transaction in
            try await transaction.ask(.lenient, word.value.word)
            try await transaction.run(
                "insert into probe.row values (\(transaction.newID(ProbeRow.ID.self)), \(word.value.word))")
        }
        return NoContent()
    }

    @Sendable static func notes(_ context: borrowing Context) async throws -> Greeting {
        Greeting(hello: try await context.collect(.notes, "swift").joined(separator: ", "))
    }

    @Sendable static func emitUndeclared(_ context: borrowing Context, _ word: Body<Word>) async throws -> NoContent {
        try await context.database.transaction { transaction in
            try await transaction.run(
                "insert into probe.row values (\(transaction.newID(ProbeRow.ID.self)), \(word.value.word))")
            try transaction.emit(ProbeMisspelt(value: word.value.word))
        }
        return NoContent()
    }

    @Sendable static func moments(_ context: borrowing Context) async throws -> Greeting {
        let winter = Instant(microseconds: 1_767_225_600_000_000)
        let summer = Instant(microseconds: 1_782_950_399_999_999)
        let moments = try await context.moments([summer, winter])
        let none = try await context.moments([])
        return Greeting(hello: (moments + none).map { "\($0.utc) \($0.local)" }.joined(separator: ", "))
    }

    @Sendable static func fail(_ context: borrowing Context) async throws -> NoContent { throw MisuseOfGuest() }
}

@Suite("The contract, request by request")
struct ContractTests {
    private func world() async throws -> TestInstallation {
        try await TestInstallation(
            regions: ["one", "two"], plugins: [ProbePlugin.self, GuestPlugin.self], enabling: ["two": ["probe"]])
    }

    @Test("an answer is JSON, with the headers that every answer has")
    func hello() async throws {
        let answer = try await world().client().get("/api/probe")
        #expect(answer.status == 200)
        #expect(answer.text == #"{"hello":"world"}"#)
        #expect(answer.header("Content-Type") == "application/json")
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
    }

    @Test("a fixed segment is preferred to a placeholder; what is no id is not found")
    func routing() async throws {
        let client = try await world().client()
        #expect(try await client.get("/api/probe/rows/all").text == "[]")
        #expect(try await client.get("/api/probe/rows/some").status == 404)
        #expect(try await client.get("/api/probe/rows/018f0000-0000-7000-8000-000000000001").status == 404)
        for path in [
            "/api/probe/", "/api//probe", "/api/probe/rows/", "/api/prob", "/api/", "/api/probe/rows/all/x",
        ] {
            #expect(try await client.get(path).status == 404, "\(path)")
        }
        let made = try await client.send(
            "PUT", "/api/probe/rows/018f0000-0000-7000-8000-000000000001", json: #"{"word": "first"}"#)
        #expect(made.text == #"{"id":"018f0000-0000-7000-8000-000000000001","note":"first"}"#)
        #expect(try await client.get("/api/probe/rows/018f0000-0000-7000-8000-000000000001").text == made.text)
    }

    @Test("another method is refused with Allow; HEAD and OPTIONS are answered")
    func methods() async throws {
        let client = try await world().client()
        let wrong = try await client.send(TestRequest("DELETE", "/api/probe/rows/018f0000-0000-7000-8000-000000000001"))
        #expect(wrong.status == 405)
        #expect(wrong.header("Allow") == "GET, PUT, HEAD, OPTIONS")
        #expect(wrong.json("code") as? String == "method_not_allowed")
        let options = try await client.send(TestRequest("OPTIONS", "/api/probe/echo"))
        #expect(options.status == 204)
        #expect(options.header("Allow") == "POST, OPTIONS")
        let head = try await client.send(TestRequest("HEAD", "/api/probe"))
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(try await client.send(TestRequest("BREW", "/api/probe")).status == 405)
    }

    @Test("a body that is no JSON, of another type, or too large is refused, each with its own code")
    func bodies() async throws {
        let client = try await world().client()
        func post(_ body: String, _ type: String = "application/json") async throws -> TestResponse {
            try await client.send(
                TestRequest(
                    "POST", "/api/probe/echo", headers: [("Content-Type", type)], body: Array(body.utf8)))
        }
        #expect(try await post(#"{"word": "hi"}"#).text == #"{"hello":"hi"}"#)
        #expect(try await post(#"{"word": "hi"}"#, "application/json; charset=utf-8").status == 200)
        let malformed = try await post("{\n  \"word\": \n}")
        #expect(malformed.status == 400)
        #expect(malformed.json("code") as? String == "malformed")
        #expect((malformed.json("errors", 0, "detail") as? String)?.contains("line 3") == true)
        let type = try await post("word=hi", "application/x-www-form-urlencoded")
        #expect(type.status == 415)
        #expect(type.json("code") as? String == "unsupported_media_type")
        let large = try await post(String(repeating: " ", count: 2_000_000))
        #expect(large.status == 413)
        #expect(large.json("detail") as? String == "At most 1048576 bytes are accepted here.")
        let wrong = try await post(#"{"word": "much too long a word"}"#)
        #expect(wrong.status == 422)
        #expect(wrong.json("errors", 0, "pointer") as? String == "/word")
    }

    @Test("an unknown region is named, and the index lists those there are")
    func regions() async throws {
        let world = try await world()
        let unknown = try await world.client(region: "three").get("/api/probe")
        #expect(unknown.status == 404)
        #expect(unknown.json("code") as? String == "unknown_region")
        #expect((unknown.json("detail") as? String)?.contains("\"three\"") == true)
        let index = try await world.client(region: "").get("/")
        #expect(index.status == 200)
        #expect(index.text.contains("one") && index.text.contains("two"))
        // What runs in each: both plugins in one of them, one in the other.
        #expect(
            index.text.matches(of: /probe 1\.0\.0/).count == 2 && index.text.matches(of: /guest 1\.0\.0/).count == 1)
        #expect(try await world.client(region: "").get("/health/live").json("status") as? String == "alive")
        #expect(try await world.client(region: "").get("/health/ready").json("status") as? String == "ready")
    }

    @Test("a region that leads nowhere else has a front page; one that does sends there")
    func frontPage() async throws {
        let world = try await world()
        let front = try await world.client(region: "one").get("/")
        #expect(front.status == 200)
        #expect(front.header("Content-Type") == "text/html; charset=utf-8")
        #expect(front.text.contains("<h1>one</h1>"))
        let school = try await TestInstallation(
            regions: ["led", "misled"], plugins: [ProbePlugin.self],
            homes: ["led": "/probe/home", "misled": "/probe/nowhere"])
        let led = try await school.client(region: "led").get("/")
        #expect(led.status == 303)
        #expect(led.header("Location") == "/probe/home")
        // A home that is no page, as after its plugin was disabled, leads nobody astray.
        #expect(try await school.client(region: "misled").get("/").text.contains("<h1>misled</h1>"))
    }

    @Test("what is wrong is a page where a page was asked for, in a region or not, and JSON below /api")
    func problemPages() async throws {
        let world = try await world()
        for region in ["one", "nowhere"] {
            let page = try await world.client(region: region).get("/nothing")
            #expect(page.status == 404)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            let api = try await world.client(region: region).get("/api/nothing")
            #expect(api.status == 404)
            #expect(api.header("Content-Type") == "application/problem+json")
        }
    }

    @Test("a second use of the database inside a transaction is a mistake that is told, not a deadlock")
    func misuse() async throws {
        let world = try await world()
        let answer = try await world.client().send("POST", "/api/probe/misuse", json: "")
        #expect(answer.status == 500)
        #expect(answer.json("code") as? String == "internal")
        #expect(world.log.lines.contains { $0.contains("a request holds one connection") })
    }

    @Test("a guard's refusal undoes everything; its yes runs as its own plugin")
    func guards() async throws {
        let world = try await world()
        let client = world.client()
        let refused = try await client.send("POST", "/api/probe/asking", json: #"{"word": "no"}"#)
        #expect(refused.status == 409)
        #expect(refused.json("code") as? String == "guest.refused")
        #expect(try await client.get("/api/probe/rows/all").text == "[]")
        #expect(try await client.send("POST", "/api/probe/asking", json: #"{"word": "yes"}"#).status == 204)
        #expect(try world.connection().query("select from guest.asked").rowCount == 1)
        // Where the guest is not enabled, nobody says no.
        let other = world.client(region: "two")
        #expect(try await other.send("POST", "/api/probe/asking", json: #"{"word": "no"}"#).status == 204)
    }

    @Test("a failing guard of a lenient point is skipped and undone, and the caller goes on")
    func lenientGuard() async throws {
        let world = try await world()
        let answer = try await world.client().send("POST", "/api/probe/lenient", json: #"{"word": "hi"}"#)
        #expect(answer.status == 204)
        #expect(try world.connection().query("select from guest.asked").rowCount == 0)
        #expect(try world.connection().query("select from lyceum.event").rowCount == 0)
        #expect(try world.connection().query("select from probe.row").rowCount == 1)
        #expect(world.log.lines.contains { $0.contains("probe.lenient failed and was skipped") })
    }

    @Test("a refusal in whatever form is never skipped, not even at a lenient point")
    func lenientRefusal() async throws {
        let world = try await world()
        for (word, status, code) in [
            ("problem", 402, "guest.unpaid"), ("faults", 422, "invalid"), ("refusal", 409, "guest.refused"),
        ] {
            let answer = try await world.client().send("POST", "/api/probe/lenient", json: #"{"word": "\#(word)"}"#)
            #expect(answer.status == status && answer.json("code") as? String == code, "\(word): \(answer.text)")
        }
        #expect(try world.connection().query("select from guest.asked").rowCount == 0)
        #expect(try world.connection().query("select from probe.row").rowCount == 0)
        #expect(world.log.lines.isEmpty)
    }

    @Test("an event that its plugin does not declare is not stored, and neither is the rest")
    func undeclaredEvent() async throws {
        let world = try await world()
        let answer = try await world.client().send("POST", "/api/probe/undeclared", json: #"{"word": "hi"}"#)
        #expect(answer.status == 500)
        #expect(
            world.log.lines.contains { $0.contains("probe emits probe.row.insertde v1, but declares no such event") })
        #expect(try world.connection().query("select from probe.row").rowCount == 0)
        #expect(try world.connection().query("select from lyceum.event").rowCount == 0)
    }

    @Test("instants are printed by the clock of the region, summer time included")
    func moments() async throws {
        let world = try await TestInstallation(plugins: [ProbePlugin.self], timeZone: "Europe/Berlin")
        #expect(
            try await world.client().get("/api/probe/moments").json("hello") as? String
                == "2026-07-01T23:59:59.999999Z 2026-07-02 01:59, 2026-01-01T00:00:00Z 2026-01-01 01:00")
    }

    @Test("a page passes over query names it does not know, the API does not")
    func unknownQuery() async throws {
        let client = try await TestInstallation(plugins: [AccountsPlugin.self]).client()
        #expect(try await client.get("/accounts/sign-in?utm_source=mail&return=/x").status == 200)
        let world = try await TestInstallation(plugins: [AccountsPlugin.self, CoursesPlugin.self])
        #expect(try await world.client().get("/courses?fbclid=1&search=swift").status == 200)
        #expect(try await world.client().get("/api/courses?fbclid=1").status == 422)
    }

    @Test("collectors add, in the region that has them")
    func collect() async throws {
        let world = try await world()
        #expect(
            try await world.client().get("/api/probe/notes").json("hello") as? String
                == "about swift, more about swift")
        #expect(try await world.client(region: "two").get("/api/probe/notes").json("hello") as? String == "")
    }

    @Test("a handler's own failure is a 500 that says nothing, and a line in the log that says all")
    func failure() async throws {
        let world = try await world()
        let answer = try await world.client().get("/api/probe/trap")
        #expect(answer.status == 500)
        #expect(!answer.text.contains("MisuseOfGuest"))
        let id = try #require(answer.json("requestId") as? String)
        #expect(world.log.lines.contains { $0.contains("MisuseOfGuest") && $0.contains(id) })
    }
}
