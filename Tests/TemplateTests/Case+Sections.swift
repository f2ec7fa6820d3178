import Lyceum

extension Case {
    private static let nested: TemplateValue = [
        "a": ["one": 1], "b": ["two": 2], "c": ["three": 3, "d": ["four": 4, "five": 5]],
    ]
    private static let tops: TemplateValue = [
        "tops": [
            [
                "name": ["upper": "A", "lower": "a"],
                "middles": [["m": "1", "bottoms": [["b": "x"], ["b": "y"]]]],
            ]
        ]
    ]

    static let sections: [Case] = [
        Case("true", ["on": true], "\"{{#on}}yes{{/on}}\"", prints: "\"yes\""),
        Case("false", ["on": false], "\"{{#on}}no{{/on}}\"", prints: "\"\""),
        Case("null", ["on": nil], "\"{{#on}}no{{/on}}\"", prints: "\"\""),
        Case("an object", ["it": ["name": "Joe"]], "{{#it}}Hi {{name}}.{{/it}}", prints: "Hi Joe."),
        Case(
            "names from outside", ["a": "foo", "b": "wrong", "it": ["b": "bar"], "c": ["d": "baz"]],
            "{{#it}}{{a}}, {{b}}, {{c.d}}{{/it}}", prints: "foo, bar, baz"),
        Case("a value is at hand inside", ["it": "bar"], "{{#it}}{{.}} is {{it}}{{/it}}", prints: "bar is bar"),
        Case(
            "lists in lists", tops,
            "{{#tops}}{{#middles}}{{name.lower}}{{m}}.{{#bottoms}}{{name.upper}}{{m}}{{b}}.{{/bottoms}}{{/middles}}{{/tops}}",
            prints: "a1.A1x.A1y."),
        Case(
            "objects in objects", nested,
            """
            {{#a}}
            {{one}}
            {{#b}}
            {{one}}{{two}}{{one}}
            {{#c}}
            {{one}}{{two}}{{three}}{{two}}{{one}}
            {{#d}}
            {{one}}{{two}}{{three}}{{four}}{{three}}{{two}}{{one}}
            {{#five}}
            {{one}}{{two}}{{three}}{{four}}{{five}}{{four}}{{three}}{{two}}{{one}}
            {{one}}{{two}}{{three}}{{four}}{{.}}6{{.}}{{four}}{{three}}{{two}}{{one}}
            {{/five}}
            {{/d}}
            {{/c}}
            {{/b}}
            {{one}}
            {{/a}}

            """,
            prints: "1\n121\n12321\n1234321\n123454321\n12345654321\n1\n"),
        Case("a list", ["list": [["n": 1], ["n": 2], ["n": 3]]], "{{#list}}{{n}}{{/list}}", prints: "123"),
        Case("an empty list", ["list": []], "\"{{#list}}no{{/list}}\"", prints: "\"\""),
        Case(
            "twice in a template", ["on": true, "two": "second"],
            "{{#on}}\n* first\n{{/on}}\n* {{two}}\n{{#on}}\n* third\n{{/on}}\n",
            prints: "* first\n* second\n* third\n"),
        Case("in itself, true", ["on": true], "| A {{#on}}B {{#on}}C{{/on}} D{{/on}} E |", prints: "| A B C D E |"),
        Case("in itself, false", ["on": false], "| A {{#on}}B {{#on}}C{{/on}} D{{/on}} E |", prints: "| A  E |"),
        // A condition on a misspelt name would never be met, and nobody would see why.
        Case("no such name", "[{{#gone}}no{{/gone}}]", prints: "[]", refused: "no 'gone' here"),

        Case("of text", ["list": ["a", "b", "c"]], "{{#list}}({{.}}){{/list}}", prints: "(a)(b)(c)"),
        Case("of whole numbers", ["list": [1, 2, 3]], "{{#list}}({{.}}){{/list}}", prints: "(1)(2)(3)"),
        Case("of decimals", ["list": [1.10, 2.20, 3.0]], "{{#list}}({{.}}){{/list}}", prints: "(1.1)(2.2)(3)"),
        Case(
            "of lists", ["list": [[1, 2, 3], ["a", "b", "c"]]], "{{#list}}({{#.}}{{.}}{{/.}}){{/list}}",
            prints: "(123)(abc)"),
        Case(
            "of text that is escaped", ["list": ["&", "\"", "<", ">"]], "{{#list}}({{.}}){{/list}}",
            prints: "(&amp;)(&quot;)(&lt;)(&gt;)"),
        Case(
            "of HTML, three braces", ["list": [.raw(RawHTML("<b>")), .raw(RawHTML("&"))]],
            "{{#list}}({{{.}}}){{/list}}", prints: "(<b>)(&)"),
        Case(
            "of HTML, ampersand", ["list": [.raw(RawHTML("<b>")), .raw(RawHTML("&"))]], "{{#list}}({{&.}}){{/list}}",
            prints: "(<b>)(&)"),
        Case(
            "of text, three braces", ["list": ["<"]], "{{#list}}({{{.}}}){{/list}}", prints: "(<)",
            refused: "'.' is plain text and cannot be printed unescaped"),
        Case("of the value itself", [["v": "a"], ["v": "b"]], "{{#.}}({{v}}){{/.}}", prints: "(a)(b)"),

        Case("a dotted name, true", ["a": ["b": ["c": true]]], "{{#a.b.c}}Here{{/a.b.c}}", prints: "Here"),
        Case("a dotted name, false", ["a": ["b": ["c": false]]], "{{#a.b.c}}Here{{/a.b.c}}", prints: ""),
        Case("a broken chain", ["a": [:]], "{{#a.b.c}}Here{{/a.b.c}}", prints: "", refused: "no 'b' in 'a'"),

        Case("keeps white space around", ["on": true], " | {{#on}}\t|\t{{/on}} | \n", prints: " | \t|\t | \n"),
        Case(
            "keeps white space inside", ["on": true], " | {{#on}} {{! x }}\n {{/on}} | \n", prints: " |  \n  | \n"),
        Case(
            "indented, each in one line", ["on": true], " {{#on}}YES{{/on}}\n {{#on}}GOOD{{/on}}\n",
            prints: " YES\n GOOD\n"),
        Case(
            "tags alone on their lines", ["on": true], "| This Is\n{{#on}}\n|\n{{/on}}\n| A Line\n",
            prints: "| This Is\n|\n| A Line\n"),
        Case(
            "tags alone and indented", ["on": true], "| This Is\n  {{#on}}\n|\n  {{/on}}\n| A Line\n",
            prints: "| This Is\n|\n| A Line\n"),
        Case("tags alone, with CRLF", ["on": true], "|\r\n{{#on}}\r\n{{/on}}\r\n|", prints: "|\r\n|"),
        Case("alone on the first line", ["on": true], "  {{#on}}\n#{{/on}}\n/", prints: "#\n/"),
        Case("alone on the last line", ["on": true], "#{{#on}}\n/\n  {{/on}}", prints: "#\n/\n"),
        Case("white space inside the tags", ["on": true], "|{{# on }}={{/ on }}|", prints: "|=|"),
    ]

    static let inverted: [Case] = [
        Case("false", ["on": false], "\"{{^on}}yes{{/on}}\"", prints: "\"yes\""),
        Case("true", ["on": true], "\"{{^on}}no{{/on}}\"", prints: "\"\""),
        Case("null", ["on": nil], "\"{{^on}}yes{{/on}}\"", prints: "\"yes\""),
        Case("an object", ["it": ["name": "Joe"]], "\"{{^it}}Hi {{name}}.{{/it}}\"", prints: "\"\""),
        Case("a list", ["list": [["n": 1], ["n": 2]]], "\"{{^list}}{{n}}{{/list}}\"", prints: "\"\""),
        Case("an empty list", ["list": []], "\"{{^list}}none{{/list}}\"", prints: "\"none\""),
        Case(
            "twice in a template", ["on": false, "two": "second"],
            "{{^on}}\n* first\n{{/on}}\n* {{two}}\n{{^on}}\n* third\n{{/on}}\n",
            prints: "* first\n* second\n* third\n"),
        Case("in itself, false", ["on": false], "| A {{^on}}B {{^on}}C{{/on}} D{{/on}} E |", prints: "| A B C D E |"),
        Case("in itself, true", ["on": true], "| A {{^on}}B {{^on}}C{{/on}} D{{/on}} E |", prints: "| A  E |"),
        Case("no such name", "[{{^gone}}yes{{/gone}}]", prints: "[yes]", refused: "no 'gone' here"),
        Case("a dotted name, true", ["a": ["b": ["c": true]]], "{{^a.b.c}}Not{{/a.b.c}}", prints: ""),
        Case("a dotted name, false", ["a": ["b": ["c": false]]], "{{^a.b.c}}Not{{/a.b.c}}", prints: "Not"),
        Case("a broken chain", ["a": [:]], "{{^a.b.c}}Not{{/a.b.c}}", prints: "Not", refused: "no 'b' in 'a'"),
        Case("keeps white space around", ["on": false], " | {{^on}}\t|\t{{/on}} | \n", prints: " | \t|\t | \n"),
        Case(
            "keeps white space inside", ["on": false], " | {{^on}} {{! x }}\n {{/on}} | \n", prints: " |  \n  | \n"),
        Case(
            "indented, each in one line", ["on": false], " {{^on}}NO{{/on}}\n {{^on}}WAY{{/on}}\n",
            prints: " NO\n WAY\n"),
        Case(
            "tags alone on their lines", ["on": false], "| This Is\n{{^on}}\n|\n{{/on}}\n| A Line\n",
            prints: "| This Is\n|\n| A Line\n"),
        Case(
            "tags alone and indented", ["on": false], "| This Is\n  {{^on}}\n|\n  {{/on}}\n| A Line\n",
            prints: "| This Is\n|\n| A Line\n"),
        Case("tags alone, with CRLF", ["on": false], "|\r\n{{^on}}\r\n{{/on}}\r\n|", prints: "|\r\n|"),
        Case("alone on the first line", ["on": false], "  {{^on}}\n^{{/on}}\n/", prints: "^\n/"),
        Case("alone on the last line", ["on": false], "^{{^on}}\n/\n  {{/on}}", prints: "^\n/\n"),
        Case("white space inside the tags", ["on": false], "|{{^ on }}={{/ on }}|", prints: "|=|"),
    ]
}
