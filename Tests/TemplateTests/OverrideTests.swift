import Lyceum
import Testing

@Suite("Overrides and samples")
struct OverrideTests {
    private let sources = [
        TemplateSource(name: "layout", file: "layout.mustache", text: "«{{site}}»{{$main}}{{/main}}"),
        TemplateSource(name: "card", file: "card.mustache", text: "[{{title}}]"),
        TemplateSource(
            name: "list", file: "list.mustache",
            text:
                "{{<layout}}{{$main}}{{#courses}}{{> card}}{{/courses}}{{^courses}}none{{/courses}}{{/main}}{{/layout}}"
        ),
    ]
    private let sample: TemplateValue = ["courses": [["title": "Swift", "free": false]]]
    private let common: TemplateValue = ["site": "Academy"]

    private func library(_ overrides: (String, String)...) throws -> TemplateLibrary {
        try TemplateLibrary(
            sources,
            overrides: overrides.map { TemplateSource(name: $0.0, file: "region/\($0.0).mustache", text: $0.1) },
            samples: ["list": sample], common: common)
    }

    private func printed(_ library: TemplateLibrary) throws -> String {
        var out: [UInt8] = []
        try library.render("list", sample, over: common, into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test("an override takes the place of the built-in template")
    func good() throws {
        let library = try library(("card", "({{title}})"))
        #expect(library.refused == [])
        #expect(try printed(library) == "«Academy»(Swift)")
    }

    @Test(
        "a broken override is refused with a reason, and the built-in stays",
        arguments: [
            ("card", "({{titel}})", "region/card.mustache:1: no 'titel' here; did you mean 'title'?"),
            ("card", "({{#title}})", "region/card.mustache:1: 'title', opened here, is never closed"),
            ("card", "{{#free}}\n{{oops}}{{/free}}", "region/card.mustache:2: no 'oops' here"),
            ("card", "{{> crad}}", "region/card.mustache:1: there is no template 'crad'; did you mean 'card'?"),
            ("card", "{{> card}}", "region/card.mustache:1: 'card' contains itself without end"),
            ("card", "{{#title}}{{> card}}{{/title}}", "region/card.mustache:1: this is nested deeper than 128"),
            ("layout", "no block", "list.mustache:1: 'layout' has no block 'main'"),
            ("crad", "", "region/crad.mustache: there is no template 'crad' to override; did you mean 'card'?"),
        ])
    func broken(_ name: String, _ text: String, _ reason: String) throws {
        let library = try library((name, text), ("layout", "‹{{site}}›{{$main}}{{/main}}"))
        #expect(library.refused.count == 1)
        #expect(library.refused.first?.description.hasPrefix(reason) == true, "\(library.refused)")
        #expect(try printed(library) == "‹Academy›[Swift]", "the other override counts")
    }

    @Test("checking finds faults on both ways of a condition, all at once")
    func bothWays() throws {
        let library = try TemplateLibrary([
            TemplateSource(
                name: "x", file: "x",
                text:
                    "{{#yes}}{{a}}{{/yes}}\n{{^yes}}{{b}}{{/yes}}\n{{#no}}{{c}}{{/no}}\n{{^no}}{{d}}{{/no}}\n{{{plain}}}"
            )
        ])
        let faults = library.check("x", ["yes": true, "no": false, "plain": "p"])
        #expect(faults.map(\.line) == [1, 2, 3, 4, 5])
        #expect(library.check("x", ["yes": true, "no": false, "plain": 1, "a": 1, "b": 1, "c": 1, "d": 1]) == [])
    }

    @Test("checking a partial that contains itself ends")
    func recursion() throws {
        let library = try TemplateLibrary([
            TemplateSource(
                name: "n", file: "n", text: "{{name}}{{#children}}{{> n}}{{/children}}{{#more}}{{> n}}{{/more}}")
        ])
        let leaf: TemplateValue = ["name": "leaf", "children": [], "more": false]
        #expect(library.check("n", ["name": "root", "children": [leaf, leaf], "more": false]) == [])
    }

    @Test("a page's value that hides what every page knows is a fault")
    func hiding() throws {
        let library = try library()
        let faults = library.check("list", ["courses": [], "site": "x"], over: common)
        #expect(
            faults.map(\.description) == [
                "list.mustache: the page's 'site' hides the 'site' that every page knows; call it something else"
            ])
        #expect(library.check("lits", sample).first?.message.contains("did you mean 'list'?") == true)
        #expect(library.names == ["card", "layout", "list"] && library.has("card") && !library.has("crad"))
    }
}
