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
            ("courses.catalog", "x", ": there is no template 'courses.catalog' to override; did you mean"),
        ])
    func broken(_ name: String, _ text: String, _ reason: String) throws {
        let good = template("courses.mine", "{{<lyceum.layout}}{{$main}}Mine{{/main}}{{/lyceum.layout}}")
        let (plan, registry) = try plan(templates: [template(name, text), good])
        let (sound, refused) = try plan.withSoundPages(known: registry.ids)
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
        let (sound, refused) = try plan.withSoundPages(known: registry.ids)
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
