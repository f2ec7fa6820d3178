import Lyceum
import Testing

@Suite("Faults of templates")
struct StrictnessTests {
    @Test("a misspelt name is named with its file, its line, the nearest name and the others")
    func misspelt() {
        let value: TemplateValue = ["title": "x", "teacher": ["name": "Ada"]]
        #expect(
            fault { () throws(TemplateError) in try render("one\ntwo\n{{titel}}", value) }
                == "main.mustache:3: no 'titel' here; did you mean 'title'? There are teacher, title")
        #expect(
            fault { () throws(TemplateError) in try render("{{teacher.nam}}", value) }
                == "main.mustache:1: no 'nam' in 'teacher'; did you mean 'name'? There is only name")
        #expect(
            fault { () throws(TemplateError) in try render("{{title.length}}", value) }
                == "main.mustache:1: 'title' is text and has no 'length'")
    }

    @Test("a fault in a partial names the partial's file and line")
    func inPartial() {
        #expect(
            fault { () throws(TemplateError) in try render("{{> card}}", with: ["card": "<p>\n{{gone}}\n"]) }
                == "card.mustache:2: no 'gone' here; there are none")
    }

    @Test(
        "what does not parse is named with its line and what is open",
        arguments: [
            ("a\n{{#list}}\nb", "main.mustache:2: 'list', opened here, is never closed; '{{/list}}' is missing"),
            ("a\n{{/list}}", "main.mustache:2: '{{/list}}' closes nothing; no tag is open"),
            (
                "{{#a}}\n{{#b}}\n{{/a}}",
                "main.mustache:3: '{{/a}}' cannot close 'b', which line 2 opened; close that first"
            ),
            ("\n\n{{name", "main.mustache:3: the tag '{{name' is never closed; '}}' is missing"),
            ("{{name\n{{other}}", "main.mustache:1: the tag '{{name' is never closed; '}}' is missing"),
            ("{{{name}}", "main.mustache:1: the tag '{{{name}}' is never closed; '}}}' is missing"),
            ("\n{{! a comment", "main.mustache:2: the tag '{{!a comment' is never closed; '}}' is missing"),
            (
                "{{two words}}",
                "main.mustache:1: 'two words' is no name; a name has letters, digits, - and _, and a dot between its parts"
            ),
            (
                "{{}}",
                "main.mustache:1: '' is no name; a name has letters, digits, - and _, and a dot between its parts"
            ),
            (
                "{{a..b}}",
                "main.mustache:1: 'a..b' is no name; a name has letters, digits, - and _, and a dot between its parts"
            ),
            (
                "{{>*which}}",
                "main.mustache:1: '*which' is a dynamic name, which is not supported; choose with a section instead"
            ),
            (
                "{{=<%=}}",
                "main.mustache:1: '<%' are no delimiters; write two, with a space between, such as {{=<% %>=}}"
            ),
            (
                "{{<base}}{{#x}}{{/x}}{{/base}}",
                "main.mustache:1: only blocks stand directly inside {{<base}}; put '{{#x}}' into one, such as "
                    + "{{$main}}...{{/main}}"
            ),
            ("{{<base}}{{$a}}{{/a}}\n{{$a}}{{/a}}{{/base}}", "main.mustache:2: block 'a' is given twice"),
        ])
    func unparsable(_ template: String, _ message: String) {
        let outcome = fault { () throws(TemplateError) in try render(template, with: ["base": "{{$a}}{{/a}}"]) }
        #expect(outcome == message)
    }

    @Test("text that is not UTF-8 is refused with its line")
    func notUTF8() {
        let source = TemplateSource(name: "main", file: "main.mustache", bytes: Array("a\nb".utf8) + [0xFF, 0x0A])
        #expect(throws: TemplateError(file: "main.mustache", line: 2, message: "this line is not UTF-8")) {
            try TemplateLibrary([source])
        }
    }

    @Test("two templates of one name are refused, and both files named")
    func twice() {
        let sources = ["a.mustache", "b.mustache"].map { TemplateSource(name: "x", file: $0, text: "") }
        #expect(
            throws: TemplateError(
                file: "b.mustache", line: 0, message: "there is a template 'x' already, in a.mustache")
        ) { try TemplateLibrary(sources) }
    }

    @Test("a template that does not exist is named with the nearest that does")
    func noTemplate() throws {
        let library = try TemplateLibrary([TemplateSource(name: "courses/list", file: "f", text: "")])
        var out: [UInt8] = []
        let error = #expect(throws: TemplateError.self) {
            try library.render("courses/lits", TemplateValue.null, into: &out)
        }
        #expect(
            error?.message
                == "there is no template 'courses/lits'; did you mean 'courses/list'? There is only courses/list")
    }

    @Test("an object and a list cannot be printed, and the error says what can be")
    func unprintable() {
        #expect(
            fault { () throws(TemplateError) in try render("{{it}}", ["it": ["a": 1]]) }
                == "main.mustache:1: 'it' is an object; name one of its values, or write {{#it}}...{{/it}}")
        #expect(
            fault { () throws(TemplateError) in try render("{{it}}", ["it": [1]]) }
                == "main.mustache:1: 'it' is a list; write {{#it}}...{{/it}}")
        #expect(
            fault { () throws(TemplateError) in try render("{{it}}", ["it": .raw(RawHTML("<b>"))]) }
                == "main.mustache:1: 'it' is HTML; write {{{it}}} to print it as it is")
    }

    @Test("a page that fails leaves the buffer as it was")
    func buffer() throws {
        let library = try TemplateLibrary([TemplateSource(name: "x", file: "x", text: "printed {{gone}}")])
        var out = Array("before".utf8)
        #expect(throws: TemplateError.self) { try library.render("x", TemplateValue.null, into: &out) }
        #expect(out == Array("before".utf8))
    }

    @Test("zero, empty text and an empty list count as false, and words do not")
    func truth() throws {
        for value: TemplateValue in [0, 0.0, "", [], nil, false, .raw(RawHTML(""))] {
            #expect(try render("{{#it}}yes{{/it}}{{^it}}no{{/it}}", ["it": value]) == "no")
        }
        for value: TemplateValue in [1, 0.5, "0", [0], true, .translated(Text("k"))] {
            #expect(try render("{{#it}}yes{{/it}}{{^it}}no{{/it}}", ["it": value]) == "yes")
        }
    }

    @Test("what every page knows is found behind the page's own value")
    func common() throws {
        let library = try TemplateLibrary([TemplateSource(name: "x", file: "x", text: "{{user.name}}: {{title}}")])
        var out: [UInt8] = []
        try library.render("x", ["title": "T"], over: ["user": ["name": "Ada"], "title": "hidden"], into: &out)
        #expect(String(decoding: out, as: UTF8.self) == "Ada: T")
    }
}
