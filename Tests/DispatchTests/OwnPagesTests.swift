import FirstParty
import Kernel
import Lyceum
import LyceumTesting
import Testing

@Suite("A region's own templates and words")
struct OwnPagesTests {
    private func plan(
        templates: [OwnTemplate] = [], words: [OwnWords] = [], enabling: [String] = ["accounts", "courses"]
    ) throws -> (plan: RegionPlan, registry: Registry) {
        var entry = Generation.RegionEntry()
        entry.id = "test"
        entry.title = "Test"
        entry.currency = .eur
        entry.plugins = enabling.map { Generation.PluginEntry(id: $0) }
        (entry.templates, entry.words) = (templates, words)
        let registry = try Registry(FirstParty.plugins)
        return (try RegionPlan(entry, registry), registry)
    }

    private func template(_ name: String, _ text: String) -> OwnTemplate {
        OwnTemplate(name: name, file: "regions/test/templates/\(name).mustache", text: text)
    }

    private func words(_ key: String, _ text: String, _ locale: String = "en", line: Int = 3) -> OwnWords {
        OwnWords(locale: locale, key: key, text: text, file: "regions/test/words/\(locale).yaml", line: line)
    }

    @Test("every page of the platform prints a sample of what it shows, in all its branches")
    func samples() throws {
        let faults = try plan(enabling: ["accounts", "audit", "courses", "media"]).plan.templateFaults()
        #expect(faults == [], "\(faults.map(\.description).joined(separator: "\n"))")
    }

    @Test(
        "what does not fit is refused with its file and line",
        arguments: [
            ("courses.catalogue", "\n{{#courses}}{{titel}}{{/courses}}", ":2: no 'titel' here; did you mean 'title'?"),
            ("courses.catalogue", "{{#courses}}", ":1: 'courses', opened here, is never closed"),
            ("courses.catalogue", "{{t courses.nav.catalog}}", ":1: no language has a translation"),
            ("courses.course", "{{#isDraft}}\n\n{{nothing}}{{/isDraft}}", ":3: no 'nothing' here"),
            ("courses.edit", "{{form.titel.value}}", ":1: no 'titel' in 'form'; did you mean 'title'?"),
            ("lyceum.layout", "no block", ": another template does not fit it: "),
            ("lyceum.error", "{{statos}}", ":1: no 'statos' here; did you mean 'status'?"),
            (
                "courses.catalogue", "<a title={{page.title}}>x</a>",
                ":1: '{{page.title}}' is in an attribute without quotes"
            ),
            ("courses.catalogue", "<script>let x = {{page.title}}</script>", ":1: '{{page.title}}' stands in <script>"),
            ("courses.catalog", "x", ": there is no template 'courses.catalog' to override; did you mean"),
        ])
    func broken(_ name: String, _ text: String, _ reason: String) throws {
        let good = template("courses.mine", "{{<lyceum.layout}}{{$main}}Mine{{/main}}{{/lyceum.layout}}")
        let (plan, registry) = try plan(templates: [template(name, text), good])
        let (sound, refused, _) = try plan.withSoundPages(known: registry.ids)
        let said = refused.map(\.description)
        #expect(said.count == 1 && said[0].hasPrefix("regions/test/templates/\(name).mustache\(reason)"), "\(said)")
        #expect(sound.entry.templates == [good])
    }

    @Test("words take the place of a plugin's; unknown keys, placeholders and plural forms are refused")
    func wordFaults() throws {
        let own = [
            words("courses.nav.catalogue", "Classes"), words("courses.nav.catalog", "Classes", line: 4),
            words("courses.learners.other", "{count} people of {town}", line: 5),
            words("courses.learners.few", "{count}", line: 6), words("courses.learners.few", "{count}", "ar"),
            words("media.nav.files", "Things", line: 7),
        ]
        let (plan, registry) = try plan(words: own)
        let (sound, refused, _) = try plan.withSoundPages(known: registry.ids)
        let said = refused.map(\.description)
        #expect(said.count == 3, "\(said)")
        #expect(
            said.contains {
                $0.hasPrefix("regions/test/words/en.yaml:4: there are no words 'courses.nav.catalog'; did")
            })
        #expect(said.contains { $0.hasPrefix("regions/test/words/en.yaml:5: nothing stands for {town} in") })
        #expect(said.contains { $0.hasPrefix("regions/test/words/en.yaml:6: 'courses.learners.few' is a plural form") })
        // What is for a plugin that is not enabled waits for it without a word.
        #expect(sound.entry.words == [own[0], own[4]])
    }

    @Test("pages are made with them, also the layout around the plugin's own pages")
    func served() async throws {
        let catalogue = template(
            "courses.catalogue",
            """
            {{<lyceum.layout}}{{$main}}<h1>{{t courses.nav.catalogue}} & more{{#isEmpty}}: none{{/isEmpty}}</h1>{{/main}}\
            {{/lyceum.layout}}
            """
        )
        let layout = template(
            "lyceum.layout",
            """
            <title>{{$title}}{{page.title}}{{/title}}</title>{{$head}}{{/head}}<main class="own">{{$main}}{{/main}}</main>
            """
        )
        let world = try await TestInstallation(
            plugins: FirstParty.plugins, enabling: ["test": ["accounts", "courses"]], templates: [catalogue, layout],
            words: [words("courses.nav.catalogue", "Our <classes>")])
        let client = world.client()
        let page = try await client.get("/courses")
        #expect(
            page.text
                == "<title>Our &lt;classes&gt;</title><main class=\"own\"><h1>Our &lt;classes&gt; & more: none</h1></main>",
            "\(page.text)")
        #expect(try await client.get("/accounts/sign-in").text.hasPrefix("<title>"))
        #expect(try await client.get("/nowhere").text.contains("<main class=\"own\">"))
    }

    @Test("what no sample showed costs the region's own version, not the page")
    func fallsBack() async throws {
        // A generation holds none that were refused; one that is broken all the same is not used.
        let world = try await TestInstallation(
            plugins: FirstParty.plugins, enabling: ["test": ["accounts", "courses"]],
            templates: [template("courses.catalogue", "{{nothing}}")])
        let page = try await world.client().get("/courses")
        #expect(page.status == 200 && page.text.contains("ly-main"))
        #expect(
            world.log.lines.contains {
                $0.contains("no 'nothing' here") && $0.contains("is shown without the region's own")
            }, "\(world.log.lines)")
    }

    @Test("of a generation that has some that do not fit any more, each has its line in the log")
    func outdated() async throws {
        let world = try await TestInstallation(
            plugins: FirstParty.plugins, enabling: ["test": ["accounts", "courses"]],
            templates: [template("courses.gone", "x"), template("courses.mine", "{{#open}}")],
            words: [words("courses.nav.gone", "Gone")])
        #expect(try await world.client().get("/courses").status == 200)
        for sentence in [
            "courses.gone.mustache: there is no template 'courses.gone'",
            "courses.mine.mustache:1: 'open', opened here",
            "en.yaml:3: there are no words 'courses.nav.gone'",
        ] { #expect(world.log.lines.count { $0.contains(sentence) } == 1, "\(sentence)\n\(world.log.lines)") }
    }

    @Test("a view of which no sample can be made is named, and everything else is tried")
    func unsampled() throws {
        var entry = Generation.RegionEntry()
        (entry.id, entry.title, entry.currency) = ("test", "Test", .eur)
        entry.plugins = [Generation.PluginEntry(id: "stubborn")]
        entry.templates = [template("stubborn.plain", "{{nothing}}"), template("stubborn.page", "own")]
        let registry = try Registry([StubbornPlugin.self])
        let (sound, refused, untried) = try RegionPlan(entry, registry).withSoundPages(known: registry.ids)
        #expect(refused.map(\.file) == ["regions/test/templates/stubborn.plain.mustache"], "\(refused)")
        #expect(sound.entry.templates.map(\.name) == ["stubborn.page"])
        let said = untried.map(\.description)
        #expect(
            said.count == 1
                && said[0].hasPrefix("page.mustache: no sample can be made of what stubborn.page prints: "), "\(said)")
        #expect(try RegionPlan(entry, registry).templateFaults() == untried)
    }

    @Test("what could not be read again is refused; an empty template hides what the plugin's prints")
    func readable() async throws {
        let long = "de-" + Array(repeating: "abcdefgh", count: 5).joined(separator: "-")
        let own = [
            words("courses.nav.catalogue", "Classes"), words("courses.nav.mine", "a\u{202E}b", line: 4),
            words("courses.nav.mine", "\u{1}", line: 5), words("courses.nav.mine", " ", line: 6),
            words("courses.nav.mine", "Meine", long, line: 7),
        ]
        let templates = [template("courses.mine", ""), template("courses.catalogue", " \n")]
        let (plan, registry) = try plan(templates: templates, words: own)
        let (sound, refused, _) = try plan.withSoundPages(known: registry.ids)
        #expect(refused.map(\.line) == [4, 5, 6, 7], "\(refused)")
        #expect(
            refused.map(\.description).contains(
                "regions/test/words/en.yaml:6: the text of 'courses.nav.mine' must not be empty"), "\(refused)")
        #expect(sound.entry.templates == templates && sound.entry.words == [own[0]])
        let world = try await TestInstallation(
            plugins: FirstParty.plugins, enabling: ["test": ["accounts", "courses"]],
            templates: sound.entry.templates, words: sound.entry.words)
        let read = try GenerationFile.read(directory: try world.writeGeneration())
        #expect(read.regions[0].templates == templates && read.regions[0].words == [own[0]])
    }

    @Test("a generation that is read again has them as they were")
    func kept() async throws {
        let text = "{{<lyceum.layout}}{{$main}}\t\"Mine\" \\ ä\r\n{{/main}}{{/lyceum.layout}}\n"
        let world = try await TestInstallation(
            plugins: FirstParty.plugins, enabling: ["test": ["accounts", "courses"]],
            templates: [template("courses.mine", text)], words: [words("courses.nav.mine", "Mine")])
        let directory = try world.writeGeneration()
        let read = try GenerationFile.read(directory: directory)
        #expect(read.regions[0].templates == world.generation.regions[0].templates)
        #expect(read.regions[0].templates.first?.text == text)
        #expect(read.regions[0].words == world.generation.regions[0].words)
    }
}

/// A plugin one of whose views refuses samples.
private struct StubbornPlugin: Plugin {
    struct Even: Codable, Sendable {
        struct Odd: Error {}
        init(from decoder: any Decoder) throws { throw Odd() }
        func encode(to encoder: any Encoder) throws {}
    }
    struct Plain: Codable, Sendable { var title: String }

    static let manifest = Manifest(id: "stubborn", version: "1.0.0")
    static var declarations: [any Declaration] {}
    init() {}

    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Template("stubborn.page", file: "page.mustache", Array("x".utf8), of: Even.self)
        Template("stubborn.plain", file: "plain.mustache", Array("{{title}}".utf8), of: Plain.self)
    }
}
