import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

extension Slot where Subject == String {
    fileprivate static var beside: Slot { Slot("host.beside") }
}

/// A plugin whose page has a slot.
private struct HostPlugin: Plugin {
    struct Shown: Codable, Sendable {
        var title: String
        var beside: SlotContent
    }

    static let manifest = Manifest(id: "host", version: "1.0.0")
    static var declarations: [any Declaration] { HookPoint(.beside) }
    init() {}

    func contributions(_ settings: NoSettings) -> [any Contribution] {
        PageRoute(.get, "host/{thing}", .public) { (context, thing: Slug) in
            let shown = Shown(title: "<page>", beside: try await context.fill(.beside, "<\(thing.value)>"))
            return Page("host.page", title: "Host", shown)
        }
        PageRoute(.get, "host/{thing}/made", .public) { (context, thing: Slug) in
            var made = 0
            func subject() -> String {
                made += 1
                return thing.value
            }
            let beside = try await context.fill(.beside, subject())
            return Page("host.page", title: "Host", Shown(title: "made \(made)", beside: beside))
        }
        // As deep as a page may be nested, and there a slot.
        PageRoute(.get, "host/{thing}/deep", .public) { (context, thing: Slug) in
            Page("host.deep", title: "Deep", Shown(title: "t", beside: try await context.fill(.beside, thing.value)))
        }
        Template("host.deep", file: "deep.mustache", Array(Self.nested(63, "{{> host.deeper}}").utf8))
        Template("host.deeper", file: "deeper.mustache", Array(Self.nested(63, "{{{beside}}}").utf8))
        Template(
            "host.page", file: "host.mustache",
            Array(
                """
                {{<lyceum.layout}}{{$main}}[{{title}}]{{#beside}}<aside>{{{beside}}}</aside>{{/beside}}[end]{{/main}}\
                {{/lyceum.layout}}
                """.utf8), of: Shown.self)
    }
}

extension HostPlugin {
    fileprivate static func nested(_ depth: Int, _ text: String) -> String {
        String(repeating: "{{#title}}", count: depth) + text + String(repeating: "{{/title}}", count: depth)
    }
}

/// A plugin that adds to it, in the way that its settings say.
private struct VisitorPlugin: Plugin {
    struct Settings: Input {
        @Field("How.") var way = "fine"
    }
    struct Part: Codable, Sendable {
        var subject: String
        var viewer: String?
    }
    struct Failure: Error {}

    static let manifest = Manifest(id: "guest", version: "1.0.0", optional: [.plugin("host", from: "1.0.0")])
    static var declarations: [any Declaration] {}
    init() {}

    func contributions(_ settings: Settings) -> [any Contribution] {
        SlotPart(.beside, "guest.part") { visit, database -> Part? in
            switch settings.way {
            case "throws": throw Failure()
            case "statement": try await database.run("select 1 / 0")
            case "nothing": return nil
            default: break
            }
            return Part(subject: visit.subject + visit.region.id, viewer: visit.viewer?.name)
        }
        Template(
            "guest.part", file: "guest.mustache",
            Array(
                "part of {{subject}}{{#viewer}}{{.}}{{/viewer}}\(settings.way == "unprintable" ? "{{title}}" : "")".utf8
            ),
            of: Part.self)
        if settings.way == "everywhere" {
            SlotPart(.notice, "guest.part") { visit, _ -> Part? in Part(subject: visit.subject.path, viewer: nil) }
        }
    }
}

/// A plugin that is wrong about slots.
private struct WrongPlugin: Plugin {
    static let manifest = Manifest(id: "wrong", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}

    func contributions(_ settings: NoSettings) -> [any Contribution] {
        SlotPart(Slot<String>("host.besides"), "wrong.part") { _, _ -> VisitorPlugin.Part? in nil }
        SlotPart(Slot<Int>("host.beside"), "wrong.prat") { _, _ -> VisitorPlugin.Part? in nil }
        Template("wrong.part", file: "wrong.mustache", Array("x".utf8))
    }
}

@Suite("Slots of pages, which other plugins fill")
struct SlotTests {
    private static let path = "/host/thing"
    private static let whole = "[&lt;page&gt;][end]"

    private func page(_ way: String, plugins: [String] = ["host", "guest"]) async throws -> (String, [String]) {
        let world = try await TestInstallation(
            plugins: [HostPlugin.self, VisitorPlugin.self], enabling: ["test": plugins],
            settings: ["guest": #"{"way": "\#(way)"}"#])
        let answer = try await world.client().get(Self.path)
        #expect(answer.status == 200)
        return (answer.text, world.log.lines)
    }

    @Test("a part is printed by a template of its plugin, escaped, with the subject and the region")
    func filled() async throws {
        let (text, _) = try await page("fine")
        #expect(
            text.contains(
                "[&lt;page&gt;]<aside>part of &lt;thing&gt;test</aside>[end]"), "\(text)"
        )
    }

    @Test("without a part nothing stands there: none made, nobody enabled")
    func empty() async throws {
        #expect(try await page("nothing").0.contains(Self.whole))
        #expect(try await page("fine", plugins: ["host"]).0.contains(Self.whole))
        // A slot of a plugin that is not enabled is filled for nobody.
        let world = try await TestInstallation(
            plugins: [HostPlugin.self, VisitorPlugin.self], enabling: ["test": ["guest"]])
        #expect(try await world.client().get(Self.path).status == 404)
    }

    @Test("a part that fails, also in the database, is left out and logged", arguments: ["throws", "statement"])
    func failing(_ way: String) async throws {
        let (text, lines) = try await page(way)
        #expect(text.contains(Self.whole))
        #expect(
            lines.contains { $0.contains("the collector of guest on host.beside failed and was skipped") }, "\(lines)")
    }

    @Test("a part that cannot be printed is left out, and sees nothing of the page it stands in")
    func unprintable() async throws {
        #expect(try await page("unprintable").0.contains("[&lt;page&gt;]<aside></aside>[end]"))
    }

    @Test("a part that would be nested too deep is left out and logged")
    func deep() async throws {
        let world = try await TestInstallation(
            plugins: [HostPlugin.self, VisitorPlugin.self], enabling: ["test": ["host", "guest"]])
        let answer = try await world.client().get("/host/thing/deep")
        #expect(answer.status == 200 && !answer.text.contains("part of"), "\(answer.text)")
        #expect(
            world.log.lines.contains {
                $0.contains("guest.part was left out of host.beside: guest.mustache: the slot is nested as deep as")
            }, "\(world.log.lines)")
    }

    @Test("what a slot is about is made where somebody may have a part, and nowhere else")
    func subjects() async throws {
        for (plugins, made) in [(["host"], 0), (["host", "guest"], 1)] {
            let world = try await TestInstallation(
                plugins: [HostPlugin.self, VisitorPlugin.self], enabling: ["test": plugins])
            #expect(try await world.client().get("/host/thing/made").text.contains("[made \(made)]"))
        }
    }

    @Test("what templates print is never read from anybody's JSON")
    func unread() {
        let text = Data("[\"x\"]".utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Text].self, from: text) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([RawHTML].self, from: text) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([TemplateValue].self, from: text) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([SlotContent].self, from: text) }
    }

    @Test("the layout has a slot above every page that a plugin answers")
    func notice() async throws {
        let (text, _) = try await page("everywhere")
        let notice = try #require(text.range(of: "part of \(Self.path)"))
        let main = try #require(text.range(of: "[&lt;page&gt;]"))
        #expect(notice.upperBound < main.lowerBound)
    }

    @Test("a slot that does not exist, or is about something else, and a template that is not there are refused")
    func strict() async throws {
        let error = await #expect(throws: RegionPlanError.self) {
            try await TestInstallation(plugins: [HostPlugin.self, WrongPlugin.self])
        }
        let said = "\(try #require(error))"
        #expect(said.contains("host declares no point host.besides; did you mean \"host.beside\"?"), "\(said)")
        #expect(said.contains("host declares the point host.beside with another type"), "\(said)")
        #expect(said.contains("it contributes no template wrong.prat; did you mean \"wrong.part\"?"), "\(said)")
    }
}
