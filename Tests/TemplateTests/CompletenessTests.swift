import FirstParty
import Kernel
import Lyceum
import LyceumTesting
import Testing

@Suite("Words in every language")
struct CompletenessTests {
    private static let languages = ["en", "de", "ar"]

    @Test("every plugin of the platform says everything in each of its languages")
    func plugins() throws {
        for plugin in FirstParty.plugins {
            try checkTranslations(plugin, in: Self.languages)
            #expect(try PluginWords.of(plugin).locales == Self.languages.sorted(), "\(plugin)")
        }
    }

    @Test("so do the kernel's own pages, and what they say of problems")
    func kernel() {
        let kernel = PluginWords.ofKernel
        #expect(kernel.pages.faults(of: Self.languages) == [])
        #expect(kernel.problems.faults(of: ["de", "ar"]) == [])
    }

    @Test("what a language lacks, has too many or says otherwise is named")
    func faults() throws {
        var catalogue = Catalogue()
        catalogue.add(
            "en",
            flat: [
                "a": "A", "b": "by {name}", "c.one": "{count} thing", "c.other": "{count} things", "d": "D",
                "e.one": "one of {name}", "e.other": "{count} of {name}",
            ])
        catalogue.add(
            "ar",
            flat: [
                "b": "{nam}", "c.one": "1", "c.two": "2", "c.few": "{count}", "c.many": "{count}", "c.other": "n",
                "d.zero": "0", "d.one": "1", "d.two": "2", "d.few": "3", "d.many": "11", "d.other": "n", "z": "Z",
                "e.zero": "{name}", "e.one": "{name}", "e.two": "", "e.few": "{count} {name}",
                "e.many": "{count} {name}",
                "e.other": "{count} {name}",
            ])
        catalogue.add("fr", flat: ["a": "A {b}", "x": "X"])
        #expect(
            catalogue.faults(of: ["en", "ar"]) == [
                "ar: 'a' is missing", "ar: 'b' has {nam}; in en it has {name}",
                "ar: 'c' lacks the plural form 'zero', which this language uses",
                "ar: the form 'other' of 'c' lacks {count}", "ar: 'd' has plural forms, unlike en",
                "ar: the form 'two' of 'e' lacks {name}", "ar: 'z' is not in en",
                "fr: 'a' has {b}; in en it has no variable", "fr: 'x' is not in en",
            ])
        #expect(catalogue.faults(of: ["en"]).allSatisfy { !$0.contains("missing") }, "only of the languages named")
        #expect(throws: TranslationMismatch.self) { try checkTranslations(Halting.self, in: ["en", "de"]) }
    }
}

/// A plugin whose German stops half-way.
private struct Halting: Plugin {
    static let manifest = Manifest(id: "halting", version: "1.0.0")
    static var declarations: [any Declaration] { [] }

    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Translations("en", ["halting.a": "A", "halting.b": "B"])
        Translations("de", ["halting.a": "A"])
    }
}
