import Kernel
import Lyceum
import Testing

/// What each of two plugins is made of, for one test.
private enum Parts {
    @TaskLocal static var declared: [any Declaration] = []
    @TaskLocal static var one: [any Contribution] = []
    @TaskLocal static var other: [any Contribution] = []
}

private struct One: Plugin {
    static let manifest = Manifest(id: "one", version: "1.0.0")
    static var declarations: [any Declaration] { Parts.declared }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { Parts.one }
}

private struct Other: Plugin {
    static let manifest = Manifest(id: "other", version: "1.0.0", optional: [.plugin("one", from: "1.0.0")])
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { Parts.other }
}

private struct ThingMade: Event {
    static let name = "one.thing.made"
    var thing: RawID
    var size: Int
    var note: String?
    var key: String { "\(thing)" }
}

private struct Wanted: Decodable, Sendable {
    var thing: RawID
    var note: String?
}
private struct Misspelt: Decodable, Sendable { var thnig: RawID }
private struct Demanding: Decodable, Sendable { var note: String }
private struct Mistaken: Decodable, Sendable { var size: String }

@Suite("What a region's contributions get wrong")
struct ContributionTests {
    private func sentences(
        _ declared: [any Declaration] = [], one: [any Contribution] = [], other: [any Contribution] = [],
        enabling: [String] = ["one", "other"]
    ) throws -> [String] {
        try Parts.$declared.withValue(declared) {
            try Parts.$one.withValue(one) {
                try Parts.$other.withValue(other) {
                    let registry = try Registry([One.self, Other.self])
                    var entry = Generation.RegionEntry()
                    entry.id = "r"
                    entry.plugins = enabling.map { Generation.PluginEntry(id: $0, settings: "{}") }
                    do throws(RegionPlanError) {
                        _ = try RegionPlan(entry, registry)
                        return []
                    } catch {
                        return error.sentences
                    }
                }
            }
        }
    }

    private func route(_ path: String) -> Route {
        Route(.get, path, .public) { (_: borrowing Context) async throws -> NoContent in NoContent() }
    }
    private func page(_ method: Method, _ path: String) -> PageRoute {
        PageRoute(method, path, .public) { (_: borrowing Context) async throws -> Page in .redirect(to: "/") }
    }
    private func listener<Payload: Decodable & Sendable>(
        _ name: String, _ payload: Payload.Type, major: Int = 1
    ) -> Listener {
        Listener("hear", on: Fact(name, major: major, as: payload)) { _, _ in }
    }

    @Test(
        "routes and pages begin with their plugin's id, and each address has one answer, whatever its placeholders' names"
    )
    func addresses() throws {
        #expect(try sentences(one: [route("one/a"), page(.get, "one/a")], other: [route("other/a")]) == [])
        #expect(
            try sentences(one: [route("other/a")], other: [route("other/a")]) == [
                "region r: one (built in), route GET /api/other/a (public): its path must begin with \"one\"",
                "region r: other (built in), route GET /api/other/a (public): one contributes GET /api/other/a too",
            ])
        #expect(
            try sentences(one: [page(.get, "one/{a}/x"), page(.get, "one/{b}/x")]) == [
                "region r: one (built in), page GET /one/{b}/x (public): it contributes GET /one/{}/x twice"
            ])
        #expect(
            try sentences(one: [page(.put, "one")]) == [
                "region r: one (built in), page PUT /one (public): a browser's forms can only GET and POST"
            ])
    }

    @Test("templates, services, listeners, words: each name begins with its plugin's id and stands for one thing")
    func names() throws {
        let template = Template("one.page", file: "page", [])
        let service = Offer(Service<Int>("one.counter"), 1)
        #expect(
            try sentences(one: [template, service], other: [template, service]) == [
                "region r: other (built in), template one.page: its name must begin with \"other.\"",
                "region r: other (built in), template one.page: one contributes template one.page too",
                "region r: other (built in), service one.counter: its name must begin with \"other.\"",
                "region r: other (built in), service one.counter: one contributes service one.counter too",
            ])
        let hear = listener("elsewhere.thing.made", Wanted.self)
        #expect(try sentences(one: [hear], other: [hear]) == [])
        #expect(
            try sentences(one: [hear, hear]) == [
                "region r: one (built in), listener hear on elsewhere.thing.made v1: it contributes listener one.hear twice"
            ])
        #expect(
            try sentences(other: [Translations("en", ["one.title": "T", "other.title": "T"])]) == [
                "region r: other (built in), translations en (2): the key one.title does not begin with \"other.\""
            ])
        let authenticator = Authenticator { _, _ in nil }
        #expect(
            try sentences(one: [authenticator, SignInPage("/one")], other: [authenticator, SignInPage("/other")]) == [
                "region r: other (built in), authenticator: one contributes authenticator too",
                "region r: other (built in), sign-in page /other: one contributes sign-in page too",
            ])
    }

    @Test("a listener has as many lanes as there can be")
    func lanes() throws {
        let three = Listener("hear", on: Fact("elsewhere.x.y", major: 1, as: Wanted.self), lanes: 3) { _, _ in }
        #expect(
            try sentences(one: [three]) == [
                "region r: one (built in), listener hear on elsewhere.x.y v1: it has 3 lanes; there may be 1, 2, 4, 8 or 16"
            ])
    }

    @Test("a hook hangs on a point that its plugin declares, with the same type; where that is not enabled, on nothing")
    func hooks() throws {
        let point = GuardPoint<String>("one.asking")
        let collecting = CollectPoint<String, Int>("one.notes")
        let wrong = Guard(GuardPoint<String>("one.askign")) { _, _ in }
        let right: [any Contribution] = [Guard(point) { _, _ in }, Collect(collecting) { _, _ in [] }]
        #expect(try sentences([HookPoint(point), HookPoint(collecting)], other: right) == [])
        #expect(
            try sentences([HookPoint(point)], other: [wrong]) == [
                "region r: other (built in), guard on one.askign: one declares no point one.askign; did you mean \"one.asking\"?"
            ])
        #expect(
            try sentences(other: [Collect(CollectPoint<String, Int>("one.notes")) { _, _ in [] }]) == [
                "region r: other (built in), collect on one.notes: one declares no point one.notes; it declares none"
            ])
        #expect(
            try sentences([HookPoint(GuardPoint<Int>("one.asking"))], other: [Guard(point) { _, _ in }]) == [
                "region r: other (built in), guard on one.asking: one declares the point one.asking with another type"
            ])
        #expect(try sentences(other: [wrong], enabling: ["other"]) == [])
    }

    @Test("a fact is an event that its plugin declares, of that version, with the fields that are read")
    func facts() throws {
        func heard(_ listener: Listener, enabling: [String] = ["one", "other"]) throws -> [String] {
            try sentences([Emits(ThingMade.self)], other: [listener], enabling: enabling).map {
                String($0.dropFirst("region r: other (built in), ".count))
            }
        }
        #expect(try heard(listener("one.thing.made", Wanted.self)) == [])
        #expect(try heard(Listener("hear", on: ThingMade.self) { _, _ in }) == [])
        #expect(
            try heard(listener("one.thing.mabe", Wanted.self)) == [
                "listener hear on one.thing.mabe v1: one declares no event one.thing.mabe; did you mean \"one.thing.made\"?"
            ])
        #expect(
            try heard(listener("one.zebra.crossed.slowly", Wanted.self)) == [
                """
                listener hear on one.zebra.crossed.slowly v1: one declares no event one.zebra.crossed.slowly; \
                known are one.thing.made
                """
            ])
        #expect(
            try heard(listener("one.thing.made", Wanted.self, major: 2)) == [
                "listener hear on one.thing.made v2: one declares one.thing.made as v1, not as v2"
            ])
        #expect(
            try heard(listener("one.thing.made", Misspelt.self)) == [
                """
                listener hear on one.thing.made v1: it needs the field thnig, which one's one.thing.made v1 does not have; \
                did you mean "thing"?
                """
            ])
        #expect(
            try heard(listener("one.thing.made", Demanding.self)) == [
                "listener hear on one.thing.made v1: it needs the field note, which one's one.thing.made v1 may leave out"
            ])
        #expect(
            try heard(listener("one.thing.made", Mistaken.self)) == [
                """
                listener hear on one.thing.made v1: it reads the field size as text, which in one's one.thing.made v1 is \
                a number
                """
            ])
        #expect(try heard(listener("one.thing.mabe", Misspelt.self), enabling: ["other"]) == [])
    }
}
