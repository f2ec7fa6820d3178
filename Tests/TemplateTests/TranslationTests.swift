import Lyceum
import Testing

@Suite("Translations")
struct TranslationTests {
    /// Numbers with their forms, from the tables of Unicode's CLDR.
    static let plurals: [(String, [PluralCategory: [Int]])] = [
        ("en", [.one: [1], .other: [0, 2, 11, 21, 1_000_000]]),
        ("de-AT", [.one: [1, -1], .other: [0, 2, 11, 101]]),
        ("fr", [.one: [0, 1], .other: [2, 17, 100], .many: [1_000_000, 2_000_000]]),
        ("es", [.one: [1], .other: [0, 2, 16, 1_000_001], .many: [1_000_000]]),
        ("pt", [.one: [0, 1], .other: [2]]), ("pt-PT", [.one: [1], .other: [0, 2]]),
        ("ru", [.one: [1, 21, 31, 101], .few: [2, 3, 4, 22, 104], .many: [0, 5, 11, 12, 14, 20, 25, 111, 112]]),
        ("pl", [.one: [1], .few: [2, 3, 4, 22, 102], .many: [0, 5, 11, 12, 14, 21, 25, 101, 112]]),
        ("cs", [.one: [1], .few: [2, 3, 4], .other: [0, 5, 22]]),
        (
            "ar",
            [
                .zero: [0], .one: [1], .two: [2], .few: [3, 10, 103, 110, 1003], .many: [11, 26, 99, 111, 1011],
                .other: [100, 101, 102, 200, 202, 1000],
            ]
        ),
        ("he", [.one: [1], .two: [2], .other: [0, 3, 20]]), ("ja", [.other: [0, 1, 2, 5]]),
        ("tlh", [.one: [1], .other: [0, 2]]),
    ]

    @Test("numbers take the forms that CLDR gives them", arguments: plurals)
    func plural(_ language: String, _ forms: [PluralCategory: [Int]]) {
        for (category, numbers) in forms {
            for number in numbers {
                #expect(PluralCategory.of(number, language: language) == category, "\(number) in \(language)")
            }
        }
    }

    private var catalogue: Catalogue {
        var catalogue = Catalogue()
        catalogue.add(
            "en",
            [
                "title": "Courses", "by": "by {teacher}, {count} & {odd", "only": "Only English",
                "seats": [.one: "{count} free seat", .other: "{count} free seats"],
            ])
        catalogue.add(
            "de", ["title": "Kurse", "seats": [.one: "{count} freier Platz", .other: "{count} freie Plätze"]])
        catalogue.add("de_AT", ["title": "Kurse & Jausen"])
        catalogue.add(
            "ar",
            [
                "seats": [
                    .zero: "لا مقاعد", .one: "مقعد واحد", .two: "مقعدان", .few: "{count} مقاعد", .many: "{count} مقعدًا",
                    .other: "{count} مقعد",
                ]
            ])
        return catalogue
    }

    private func say(_ template: String, _ value: TemplateValue = [:], in locale: String) throws -> String {
        try render(template, value, catalogue: catalogue, locale: locale)
    }

    @Test("words are found in the reader's locale, then its language, then English")
    func chain() throws {
        #expect(try say("{{t title}}", in: "de-AT") == "Kurse &amp; Jausen")
        #expect(try say("{{t title}}", in: "de_at") == "Kurse &amp; Jausen")
        #expect(try say("{{t title}}", in: "de-CH") == "Kurse")
        #expect(try say("{{t title}}", in: "de-Latn-CH") == "Kurse")
        #expect(try say("{{t title}}", in: "ar-EG") == "Courses")
        #expect(try say("{{t title}}", in: "sv") == "Courses")
        #expect(try say("{{t seats n}}", ["n": 2], in: "de-AT") == "2 freie Plätze")
        #expect(try say("{{t only}}", in: "de-AT") == "Only English")
    }

    @Test("a number chooses the form, by the rules of the language in which the words were found")
    func count() throws {
        #expect(try say("{{t seats n}}", ["n": 1], in: "de") == "1 freier Platz")
        #expect(try say("{{t seats n}}", ["n": 0], in: "ar") == "لا مقاعد")
        #expect(try say("{{t seats n}}", ["n": 2], in: "ar-EG") == "مقعدان")
        #expect(try say("{{t seats n}}", ["n": 7], in: "ar") == "7 مقاعد")
        #expect(try say("{{t seats n}}", ["n": 11], in: "ar") == "11 مقعدًا")
        #expect(try say("{{t seats n}}", ["n": 0], in: "fr") == "0 free seats", "English words, English rules")
        #expect(try say("{{#a}}{{t seats b.n}}{{/a}}", ["a": ["b": ["n": 1]]], in: "en") == "1 free seat")
    }

    @Test("placeholders take values, and braces that are none stay")
    func arguments() throws {
        #expect(
            try say("{{t by n teacher=teacher.name}}", ["n": 3, "teacher": ["name": "A<B"]], in: "en")
                == "by A&lt;B, 3 &amp; {odd")
    }

    @Test("a Text in a view is said in the reader's language")
    func textValue() throws {
        struct View: Encodable {
            var label = Text("seats", count: 2)
            var list = [Text("title")]
            var maybe: Text?
            var by = Text("by", count: 1, ["teacher": "\"Ada\""])
        }
        let value = try TemplateValue(encoding: View())
        let template = "{{label}}|{{#list}}{{.}}{{/list}}|{{maybe}}|{{by}}"
        #expect(try say(template, value, in: "de") == "2 freie Plätze|Kurse||by &quot;Ada&quot;, 1 &amp; {odd")
        #expect(try say(template, value, in: "en").hasPrefix("2 free seats|Courses||"))
    }

    @Test("the program can ask for the same words as plain text")
    func plain() {
        #expect(catalogue.words(Text("title"), locale: "de-AT") == "Kurse & Jausen")
        #expect(catalogue.words(Text("seats", count: 1), locale: "de-CH") == "1 freier Platz")
        #expect(catalogue.words(Text("by", count: 1, ["teacher": "<A>"]), locale: "en") == "by <A>, 1 & {odd")
        #expect(catalogue.words(Text("by"), locale: "en") == nil)
        #expect(catalogue.words(Text("gone"), locale: "en") == nil)
    }

    @Test("flat words make plurals of what has a form 'other'")
    func flat() throws {
        var catalogue = Catalogue()
        catalogue.add(
            "en", flat: ["a.one": "{count} thing", "a.other": "{count} things", "b": "plain", "c.one": "One"])
        let printed = try render("{{t a n}} {{t b}} {{t c.one}}", ["n": 1], catalogue: catalogue)
        #expect(printed == "1 thing plain One")
    }

    @Test("later words replace earlier ones, and missing ones are listed")
    func merging() {
        var catalogue = catalogue
        var other = Catalogue()
        other.add("DE", ["title": "Seminare"])
        catalogue.merge(other)
        #expect(catalogue.words(Text("title"), locale: "de") == "Seminare")
        #expect(catalogue.missing(in: "de-AT") == ["by", "only"])
        #expect(catalogue.missing(in: "en") == [])
        #expect(catalogue.locales == ["ar", "de", "de-at", "en"])
    }

    @Test("words that only a language after English has are still found")
    func lastResort() throws {
        var catalogue = Catalogue()
        catalogue.add("en", ["a": "A"])
        catalogue.add("pl", ["b": "B"])
        #expect(try render("{{t b}}", catalogue: catalogue, locale: "fr") == "B")
    }

    @Test(
        "a fault in a translation's tag is found when the library is made",
        arguments: [
            ("{{t titel}}", "main.mustache:1: no language has a translation 'titel'; did you mean 'title'?"),
            ("\n{{t seats}}", "main.mustache:2: 'seats' has plural forms in ar and needs a number: {{t seats number}}"),
            (
                "{{t by n}}",
                "main.mustache:1: 'by' says {teacher} in en, which this tag does not give; there is only count"
            ),
            (
                "{{t by}}",
                "main.mustache:1: 'by' says {count} in en, which this tag does not give; the tag gives nothing"
            ),
            ("{{{t title}}}", "main.mustache:1: translations are text and are always escaped; write {{t title}}"),
            (
                "{{t a b c}}",
                "main.mustache:1: 'c' is one word too many; write {{t key}}, {{t key number}} or {{t key number name=path}}"
            ),
            ("{{t seats x}}", "main.mustache:1: 'x' is text; the number of 'seats' must be a whole number"),
            (
                "{{t by one teacher=list}}",
                "main.mustache:1: 'list' is a list and cannot stand in 'by'; give it text or a number"
            ),
            ("{{wrong}}", "main.mustache:1: no language has a translation 'titel'; did you mean 'title'?"),
            ("{{bare}}", "main.mustache:1: 'seats' has plural forms and needs a number: Text(\"seats\", count: 2)"),
            ("{{lacking}}", "main.mustache:1: 'by' says {teacher}, which its Text does not give"),
        ])
    func faults(_ template: String, _ message: String) {
        let value: TemplateValue = [
            "x": "text", "one": 1, "list": [], "wrong": .translated(Text("titel")),
            "bare": .translated(Text("seats")), "lacking": .translated(Text("by", count: 1)),
        ]
        #expect(fault { () throws(TemplateError) in try render(template, value, catalogue: catalogue) } == message)
    }

    @Test("plural forms that a language lacks or needs are named")
    func pluralFaults() {
        var catalogue = Catalogue()
        catalogue.add("de", ["seats": [.one: "1", .few: "2", .other: "n"]])
        #expect(
            fault { () throws(TemplateError) in try render("", catalogue: catalogue) }
                == "translations de: 'seats' has the plural form 'few', which this language never uses; it uses one, other"
        )
        catalogue.add("de", ["seats": [.one: "1"]])
        #expect(
            fault { () throws(TemplateError) in try render("", catalogue: catalogue) }
                == "translations de: 'seats' has plural forms but lacks 'other'; this language uses one, other")
    }
}
