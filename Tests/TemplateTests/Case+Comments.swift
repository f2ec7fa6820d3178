import Lyceum

extension Case {
    static let comments: [Case] = [
        Case("inline", "left{{! nothing to see }}right", prints: "leftright"),
        Case("over several lines", "left{{!\n  one\n  two\n}}right\n", prints: "leftright\n"),
        Case("alone on its line", "a\n{{! gone }}\nb\n", prints: "a\nb\n"),
        Case("alone and indented", "a\n  {{! gone }}\nb\n", prints: "a\nb\n"),
        Case("alone, with CRLF", "|\r\n{{! gone }}\r\n|", prints: "|\r\n|"),
        Case("alone on the first line", "  {{! gone }}\n!", prints: "!"),
        Case("alone on the last line, without a newline", "!\n  {{! gone }}", prints: "!\n"),
        Case("alone, over several lines", "a\n{{!\nsomething\n}}\nb\n", prints: "a\nb\n"),
        Case("alone, over several indented lines", "a\n  {{!\n    something\n  }}\nb\n", prints: "a\nb\n"),
        Case("in a line with text", "  12 {{! 34 }}\n", prints: "  12 \n"),
        Case("keeps the white space around it", "12345 {{! x }} 67890", prints: "12345  67890"),
        Case("is no name", ["comment": 4, "!comment": 3], "never: >{{! comment }}<", prints: "never: ><"),
    ]

    static let delimiters: [Case] = [
        Case("a pair", ["text": "Hey!"], "{{=<% %>=}}(<%text%>)", prints: "(Hey!)"),
        Case("that mean something elsewhere", ["text": "works"], "({{=[ ]=}}[text])", prints: "(works)"),
        Case(
            "set between sections", ["on": true, "data": "here"],
            "[\n{{#on}}\n  {{data}}\n  |data|\n{{/on}}\n\n{{= | | =}}\n|#on|\n  {{data}}\n  |data|\n|/on|\n]\n",
            prints: "[\n  here\n  |data|\n\n  {{data}}\n  here\n]\n"),
        Case(
            "set between inverted sections", ["on": false, "data": "here"],
            "[\n{{^on}}\n  {{data}}\n  |data|\n{{/on}}\n\n{{= | | =}}\n|^on|\n  {{data}}\n  |data|\n|/on|\n]\n",
            prints: "[\n  here\n  |data|\n\n  {{data}}\n  here\n]\n"),
        Case(
            "do not reach into a partial", ["value": "yes"], "[ {{>part}} ]\n{{= | | =}}\n[ |>part| ]\n",
            with: ["part": ".{{value}}."], prints: "[ .yes. ]\n[ .yes. ]\n"),
        Case(
            "do not leave a partial", ["value": "yes"], "[ {{>part}} ]\n[ .{{value}}.  .|value|. ]\n",
            with: ["part": ".{{value}}. {{= | | =}} .|value|."], prints: "[ .yes.  .yes. ]\n[ .yes.  .|value|. ]\n"),
        Case("keep the white space around them", "| {{=@ @=}} |", prints: "|  |"),
        Case("keep the white space before them", " | {{=@ @=}}\n", prints: " | \n"),
        Case("alone on their line", "a\n{{=@ @=}}\nb\n", prints: "a\nb\n"),
        Case("alone and indented", "a\n  {{=@ @=}}\nb\n", prints: "a\nb\n"),
        Case("alone, with CRLF", "|\r\n{{= @ @ =}}\r\n|", prints: "|\r\n|"),
        Case("alone on the first line", "  {{=@ @=}}\n=", prints: "="),
        Case("alone on the last line, without a newline", "=\n  {{=@ @=}}", prints: "=\n"),
        Case("with white space inside", "|{{= @   @ =}}|", prints: "||"),
    ]
}
