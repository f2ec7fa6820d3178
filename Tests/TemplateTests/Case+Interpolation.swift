import Lyceum

extension Case {
    private static let unsafe: TemplateValue = "& \" < >"
    private static let html: TemplateValue = .raw(RawHTML("& \" < >"))
    private static let needsType = "is plain text and cannot be printed unescaped"

    static let interpolation: [Case] = [
        Case("no tag at all", "Hello from {Mustache}!\n", prints: "Hello from {Mustache}!\n"),
        Case("a value", ["subject": "world"], "Hello, {{subject}}!\n", prints: "Hello, world!\n"),
        Case(
            "what is printed is not read again", ["template": "{{planet}}", "planet": "Earth"],
            "{{template}}: {{planet}}", prints: "{{planet}}: Earth"),
        Case("is escaped", ["it": unsafe], "{{it}}", prints: "&amp; &quot; &lt; &gt;"),
        Case("three braces, of HTML", ["it": html], "{{{it}}}", prints: "& \" < >"),
        Case("ampersand, of HTML", ["it": html], "{{&it}}", prints: "& \" < >"),
        // Mustache prints any text unescaped on request; here the program must vouch for it by type.
        Case("three braces, of text", ["it": unsafe], "{{{it}}}", prints: "& \" < >", refused: needsType),
        Case("ampersand, of text", ["it": unsafe], "{{&it}}", prints: "& \" < >", refused: needsType),
        Case("a whole number", ["mph": 85], "\"{{mph}} mph\"", prints: "\"85 mph\""),
        Case("three braces, of a whole number", ["mph": 85], "\"{{{mph}}} mph\"", prints: "\"85 mph\""),
        Case("ampersand, of a whole number", ["mph": 85], "\"{{&mph}} mph\"", prints: "\"85 mph\""),
        Case("a decimal", ["power": 1.210], "\"{{power}} GW\"", prints: "\"1.21 GW\""),
        Case("three braces, of a decimal", ["power": 1.210], "\"{{{power}}} GW\"", prints: "\"1.21 GW\""),
        Case("ampersand, of a decimal", ["power": 1.210], "\"{{&power}} GW\"", prints: "\"1.21 GW\""),
        Case("null", ["it": nil], "I ({{it}}) be seen!", prints: "I () be seen!"),
        Case("three braces, of null", ["it": nil], "I ({{{it}}}) be seen!", prints: "I () be seen!"),
        Case("ampersand, of null", ["it": nil], "I ({{&it}}) be seen!", prints: "I () be seen!"),
        // Mustache prints nothing for a name that is not there, and so hides every misspelling.
        Case("no such name", "({{it}})", prints: "()", refused: "main.mustache:1: no 'it' here; there are none"),
        Case("three braces, no such name", "({{{it}}})", prints: "()", refused: "no 'it' here"),
        Case("ampersand, no such name", "({{&it}})", prints: "()", refused: "no 'it' here"),

        Case(
            "a dotted name is short for sections", ["person": ["name": "Joe"]],
            "{{person.name}} = {{#person}}{{name}}{{/person}}", prints: "Joe = Joe"),
        Case(
            "three braces, of a dotted name", ["person": ["name": html]],
            "{{{person.name}}} = {{#person}}{{{name}}}{{/person}}", prints: "& \" < > = & \" < >"),
        Case(
            "ampersand, of a dotted name", ["person": ["name": html]],
            "{{&person.name}} = {{#person}}{{&name}}{{/person}}", prints: "& \" < > = & \" < >"),
        Case(
            "a dotted name of any depth", ["a": ["b": ["c": ["d": ["e": ["name": "Phil"]]]]]], "{{a.b.c.d.e.name}}",
            prints: "Phil"),
        Case("a broken chain", ["a": [:]], "{{a.b.c}}", prints: "", refused: "no 'b' in 'a'; there are none"),
        Case(
            "a broken chain is not mended from outside", ["a": ["b": [:]], "c": ["name": "Jim"]], "{{a.b.c.name}}",
            prints: "", refused: "no 'c' in 'a.b'"),
        Case("a chain that ends in null", ["a": nil], "({{a.b.c}})", prints: "()"),
        Case(
            "the first part is found as any other name",
            ["a": ["b": ["c": ["name": "Phil"]]], "b": ["c": ["name": "Wrong"]]], "{{#a}}{{b.c.name}}{{/a}}",
            prints: "Phil"),
        Case(
            "the nearest first part counts, even when it lacks the rest",
            ["a": ["b": [:], "x": 1], "b": ["c": "wrong"]],
            "{{#a}}{{b.c}}{{/a}}", prints: "", refused: "no 'c' in 'b'"),
        Case("a key with a dot is never found", ["a.b": "c"], "{{a.b}}", prints: "", refused: "no 'a' here"),
        Case("a key with a dot hides nothing", ["a.b": "c", "a": ["b": "d"]], "{{a.b}}", prints: "d"),

        Case("the value itself", "world", "Hello, {{.}}!\n", prints: "Hello, world!\n"),
        Case("the value itself is escaped", unsafe, "{{.}}", prints: "&amp; &quot; &lt; &gt;"),
        Case("three braces, of the value itself", html, "{{{.}}}", prints: "& \" < >"),
        Case("ampersand, of the value itself", html, "{{&.}}", prints: "& \" < >"),
        Case("three braces, of text itself", unsafe, "{{{.}}}", prints: "& \" < >", refused: needsType),
        Case("a whole number itself", 85, "\"{{.}} mph\"", prints: "\"85 mph\""),

        Case("keeps white space", ["it": "---"], "| {{it}} |", prints: "| --- |"),
        Case("three braces keep white space", ["it": .raw(RawHTML("---"))], "| {{{it}}} |", prints: "| --- |"),
        Case("ampersand keeps white space", ["it": .raw(RawHTML("---"))], "| {{&it}} |", prints: "| --- |"),
        Case("alone on its line, keeps it", ["it": "---"], "  {{it}}\n", prints: "  ---\n"),
        Case("three braces alone", ["it": .raw(RawHTML("---"))], "  {{{it}}}\n", prints: "  ---\n"),
        Case("ampersand alone", ["it": .raw(RawHTML("---"))], "  {{&it}}\n", prints: "  ---\n"),
        Case("with white space inside", ["it": "---"], "|{{ it }}|", prints: "|---|"),
        Case("three braces, white space inside", ["it": .raw(RawHTML("---"))], "|{{{ it }}}|", prints: "|---|"),
        Case("ampersand, white space inside", ["it": .raw(RawHTML("---"))], "|{{& it }}|", prints: "|---|"),
    ]
}
