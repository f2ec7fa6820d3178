import Foundation
import Kernel
import Lyceum
import Testing

private struct DeskSettings: Input {
    @Field("Where.") var place = "hall"
    @Field("How many.") var seats: Int?
    @Field("The key.") var key: Secret<String>?
    @Field("Who is called.") var people: [Person] = []

    struct Person: Input {
        @Field("The name.") var name: String
        @Field("The number.") var number: Secret<String>
    }
}

private struct ChairMoved: Event {
    static let name = "desk.chair.moved"
    var key: String
}

private struct Desk: Plugin {
    static let manifest = Manifest(id: "desk", version: "1.0.0")
    static var declarations: [any Declaration] {
        Permission("desk.chair.move", "Move chairs.", roles: ["caretaker"])
        Emits(ChairMoved.self)
        HookPoint(GuardPoint<String>("desk.sitting"))
    }
    init() {}
    func contributions(_ settings: DeskSettings) -> [any Contribution] {
        Route(.get, "desk", settings.place == "hall" ? .public : .authenticated) { _ in NoContent() }
        if settings.seats != nil { Job("count", at: "0 2 * * *") { run in run.progress(1, of: 1) } }
        Guard(GuardPoint<String>("desk.sitting")) { _, _ in }
        Guard(GuardPoint<String>("desk.sitting")) { _, _ in }
        Listener("tidy", on: ChairMoved.self, from: .beginning, lanes: 2) { _, _ in }
    }
}

@Suite("What a generation consists of is outlined, and compared")
struct OutlineTests {
    private func outline(
        _ settings: String?, draining: Bool = false, title: String = "Hall", host: String = "one",
        library: String? = nil
    ) throws -> Outline {
        var entry = Generation.RegionEntry()
        (entry.id, entry.title, entry.currency) = ("r", title, .eur)
        (entry.database, entry.databaseName) = ("host=\(host) dbname=lyceum_r", "lyceum_r")
        entry.plugins = settings.map { [Generation.PluginEntry(id: "desk", settings: $0, isDraining: draining)] } ?? []
        var generation = Generation()
        generation.regions = [entry]
        generation.development = library != nil
        generation.libraries = library.map { [Generation.Library(id: "desk", path: $0)] } ?? []
        return try Outline(generation, [try RegionPlan(entry, try Registry([Desk.self]))])
    }

    private func lines(_ before: Outline, _ after: Outline) -> [String] {
        before.changes(to: after).map { "\($0.kind.rawValue) \($0.sentence)" }
    }

    @Test("a plugin that comes brings all it has, and takes it along again")
    func comes() throws {
        let lines = lines(try outline(nil), try outline(#"{"seats": 4, "key": "hush"}"#))
        #expect(
            lines == [
                "+ plugin desk is new: 1.0.0", #"+ setting desk.place is new: "hall""#,
                "+ setting desk.seats is new: 4",
                "+ setting desk.key is new: (secret)", "+ setting desk.people is new: not set",
                "+ permission desk.chair.move is new: admin, caretaker", "+ event desk.chair.moved v1 is new",
                "+ hook point desk.sitting is new",
                "+ guard of desk on desk.sitting is new", "+ guard of desk on desk.sitting (2) is new",
                "+ route GET /api/desk is new: public",
                "+ listener desk.tidy is new: on desk.chair.moved v1, from the beginning, 2 lanes",
                "+ job desk.count is new: at 0 2 * * * UTC",
            ])
        let back = try outline(#"{"seats": 4}"#).changes(to: try outline(nil))
        #expect(back.count == lines.count)
        #expect(back.allSatisfy { $0.kind == .removed })
        #expect(back[0].sentence == "plugin desk is gone; it was 1.0.0")
    }

    @Test("what becomes otherwise is told with what it was; of a secret only that it is another one")
    func becomes() throws {
        let changes = lines(
            try outline(#"{"key": "hush", "people": [{"name": "Ada", "number": "1"}]}"#),
            try outline(
                #"{"place": "attic", "key": "shout", "people": [{"name": "Ada", "number": "2"}]}"#, draining: true,
                title: ""))
        #expect(
            changes == [
                "~ region title becomes empty, and was Hall", "~ plugin desk becomes 1.0.0, draining, and was 1.0.0",
                #"~ setting desk.place becomes "attic", and was "hall""#, "~ setting desk.key becomes another",
                "~ setting desk.people becomes another", "~ route GET /api/desk becomes authenticated, and was public",
            ])
        let text = "\(try outline(#"{"key": "hush", "people": [{"name": "Ada", "number": "1"}]}"#))"
        #expect(!text.contains("hush") && !text.contains("Ada"))
    }

    @Test(
        "another way to the same database, and another build of the same version, are changes; the way is each host's own"
    )
    func builds() throws {
        let file = FileManager.default.temporaryDirectory.path + "/lyceum-library-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data("one".utf8).write(to: URL(filePath: file))
        let one = try outline(nil, library: file)
        try Data("two".utf8).write(to: URL(filePath: file))
        let two = try outline(nil, host: "two", library: file)
        #expect(lines(one, two) == ["~ library desk becomes another", "~ region database becomes another"])
        #expect(one.regions[0].digest == two.regions[0].digest)
        #expect(lines(try outline(nil), one).first == "~ installation development becomes true, and was false")
    }

    @Test(
        "a step that `disable` takes is one, whatever became of it, unless the plugin drains still or more was changed")
    func steps() throws {
        let (before, draining) = (try outline("{}"), try outline("{}", draining: true))
        #expect(draining.isStepOfDisable(after: before, now: try outline(nil)))
        #expect(draining.isStepOfDisable(after: before, now: before))
        #expect(!draining.isStepOfDisable(after: before, now: try outline(#"{"seats": 4}"#, draining: true)))
        #expect(!draining.isStepOfDisable(after: try outline(#"{"seats": 4}"#), now: before))
        #expect(!before.isStepOfDisable(after: before, now: before))
        #expect(!before.isStepOfDisable(after: draining, now: before))
    }

    @Test("other numbers for a rate limit are a change")
    func rates() throws {
        var entry = Generation.RegionEntry()
        (entry.id, entry.title, entry.currency) = ("r", "Hall", .eur)
        (entry.database, entry.databaseName) = ("dbname=lyceum_r", "lyceum_r")
        func outline(_ requests: Int) throws -> Outline {
            entry.api.limits = [.init("*", requests: requests)]
            var generation = Generation()
            generation.regions = [entry]
            return try Outline(generation, [try RegionPlan(entry, try Registry([]))])
        }
        #expect(lines(try outline(5), try outline(0)) == ["~ rate limit * becomes none, and was 5 in 60 s"])
    }

    @Test("the same is no change, and reads back as it was written")
    func same() throws {
        let one = try outline(#"{"seats": 4, "key": "hush"}"#)
        #expect(one.changes(to: try outline(#"{"key": "hush", "seats": 4}"#)).isEmpty)
        let directory = FileManager.default.temporaryDirectory.path + "/lyceum-outline-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try one.write(directory: directory)
        #expect(try Outline.read(directory: directory) == one)
        #expect(one.regions[0].plugins == "desk 1.0.0")
        #expect(one.regions[0].digest == (try outline(#"{"seats": 4, "key": "hush"}"#)).regions[0].digest)
        #expect(one.regions[0].digest != (try outline(#"{"seats": 4, "key": "hash"}"#)).regions[0].digest)
    }
}
