import Lyceum

extension Case {
    static let partials: [Case] = [
        Case("a partial", "\"{{>text}}\"", with: ["text": "from partial"], prints: "\"from partial\""),
        // Mustache prints nothing for a partial that does not exist.
        Case("no such partial", "\"{{>text}}\"", prints: "\"\"", refused: "there is no template 'text'"),
        Case("sees the values", ["text": "content"], "{{>part}}", with: ["part": "*{{text}}*"], prints: "*content*"),
        Case(
            "contains itself", ["content": "X", "nodes": [["content": "Y", "nodes": []]]], "{{>node}}",
            with: ["node": "{{content}}<{{#nodes}}{{>node}}{{/nodes}}>"], prints: "X<Y<>>",
            refused: "'{{>node}}', another template, stands in a tag"),
        Case(
            "contains itself, in no tag", ["content": "X", "nodes": [["content": "Y", "nodes": []]]], "{{>node}}",
            with: ["node": "{{content}}({{#nodes}}{{>node}}{{/nodes}})"], prints: "X(Y())"),
        Case(
            "in a partial", ["a": "hello", "b": "world"], "{{>outer}}",
            with: ["outer": "*{{a}} {{>inner}}*", "inner": "{{b}}!"], prints: "*hello world!*"),
        Case("keeps white space", "| {{>part}} |", with: ["part": "\t|\t"], prints: "| \t|\t |"),
        Case(
            "in a line with text", ["it": "|"], "  {{it}}  {{> part}}\n", with: ["part": ">\n>"], prints: "  |  >\n>\n"),
        Case("alone, with CRLF", "|\r\n{{>part}}\r\n|", with: ["part": ">"], prints: "|\r\n>|"),
        Case("alone on the first line", "  {{>part}}\n>", with: ["part": ">\n>"], prints: "  >\n  >>"),
        Case("alone on the last line", ">\n  {{>part}}", with: ["part": ">\n>"], prints: ">\n  >\n  >"),
        Case(
            "indents each line of the partial, but not of a value", ["content": .raw(RawHTML("<\n->"))],
            "\\\n {{>part}}\n/\n", with: ["part": "|\n{{{content}}}\n|\n"], prints: "\\\n |\n <\n->\n |\n/\n"),
        Case("white space inside the tag", "|{{> part }}|", with: ["part": "[]"], prints: "|[]|"),
        // Beyond the specification's cases, as its words and the other engines have it.
        Case(
            "indentations add up", ["it": 1], "  {{>outer}}\n",
            with: ["outer": "a\n {{>inner}}\nb\n", "inner": "{{it}}\n{{#it}}\nc\n{{/it}}\n"],
            prints: "  a\n   1\n   c\n  b\n"),
        Case("an empty line stays empty", "  {{>part}}\n", with: ["part": "a\n\nb\n"], prints: "  a\n\n  b\n"),
        Case(
            "a partial within a line is not indented", "  {{>outer}}\n",
            with: ["outer": "a {{>inner}}\n", "inner": "b\nc"], prints: "  a b\nc\n"),
    ]

    static let inheritance: [Case] = [
        Case("a block's default", "{{$title}}Default{{/title}}\n", prints: "Default\n"),
        Case("with a value", ["it": "baz"], "{{$x}}default {{it}} content{{/x}}\n", prints: "default baz content\n"),
        Case(
            "with HTML", ["it": .raw(RawHTML("<baz>"))], "{{$x}}default {{{it}}} content{{/x}}\n",
            prints: "default <baz> content\n"),
        Case(
            "with a section", ["it": ["x": "qux"]], "{{$x}}default {{#it}}{{x}}{{/it}} content{{/x}}\n",
            prints: "default qux content\n"),
        Case(
            "with an inverted section", ["it": false, "x": "three"],
            "{{$x}}default {{^it}}{{x}}{{/it}} content{{/x}}\n", prints: "default three content\n"),
        Case(
            "with tags in a value", ["it": ["x": "{{qux}}"]], "{{$x}}default {{#it}}{{x}}{{/it}} content{{/x}}\n",
            prints: "default {{qux}} content\n"),
        Case(
            "a parent without content", "{{<base}}{{/base}}", with: ["base": "{{$x}}default{{/x}}"], prints: "default"),
        Case(
            "content for a block", "{{<base}}{{$title}}ours{{/title}}{{/base}}",
            with: ["base": "...{{$title}}theirs{{/title}}..."], prints: "...ours..."),
        Case(
            "a value of the block's name does not count", ["it": "data"], "{{<base}}{{$it}}ours{{/it}}{{/base}}",
            with: ["base": "{{$it}}theirs{{/it}}"], prints: "ours"),
        Case(
            "nor does it for the default", ["it": "data"], "{{<base}}{{/base}}", with: ["base": "{{$it}}theirs{{/it}}"],
            prints: "theirs"),
        Case(
            "after text", "test {{<base}}{{$x}}ours{{/x}}{{/base}}", with: ["base": "{{$x}}...{{/x}}"],
            prints: "test ours"),
        Case(
            "a parent twice", "test {{<base}}{{$x}}1{{/x}}{{/base}} {{<base}}{{$x}}2{{/x}}{{/base}}\n",
            with: ["base": "|{{$x}}...{{/x}}{{$y}} default{{/y}}|"], prints: "test |1 default| |2 default|\n"),
        Case(
            "content of several lines", "{{<base}}{{$x}}\npeaked\n\n:(\n{{/x}}{{/base}}",
            with: ["base": "{{$x}}peaking{{/x}}"], prints: "peaked\n\n:(\n"),
        Case(
            "a block's place is indented", "{{<base}}{{$x}}hammer time{{/x}}{{/base}}",
            with: ["base": "stop:\n  {{$x}}collaborate{{/x}}\n"], prints: "stop:\n  hammer time\n"),
        Case(
            "one block of two", "{{<base}}{{$b}}ours{{/b}}{{/base}}",
            with: ["base": "{{$a}}one{{/a}}, {{$b}}two{{/b}}"], prints: "one, ours"),
        Case(
            "a parent without content is a partial", "{{>base}}|{{<base}}{{/base}}",
            with: ["base": "{{$x}}default{{/x}}"], prints: "default|default"),
        Case(
            "parents that use each other", "{{<one}}{{$a}}ours{{/a}}{{/one}}",
            with: [
                "one": "{{$a}}default{{/a}} {{$b}}{{<two}}{{/two}}{{/b}}",
                "two": "{{$a}}default of two{{/a}} {{<one}}{{$b}}no further{{/b}}{{/one}}",
            ], prints: "ours ours ours no further"),
        Case(
            "the outermost content counts", "{{<parent}}{{$a}}c{{/a}}{{/parent}}",
            with: [
                "parent": "{{<older}}{{$a}}p{{/a}}{{/older}}", "older": "{{<oldest}}{{$a}}o{{/a}}{{/oldest}}",
                "oldest": "{{$a}}g{{/a}}",
            ], prints: "c"),
        Case(
            "the outermost content counts, from the middle", "{{<parent}}{{/parent}}",
            with: [
                "parent": "{{<older}}{{$a}}p{{/a}}{{/older}}", "older": "{{<oldest}}{{$a}}o{{/a}}{{/oldest}}",
                "oldest": "{{$a}}g{{/a}}",
            ], prints: "p"),
        // Mustache ignores text beside the blocks. Whoever wrote it there wants it printed.
        Case(
            "text beside a block", "{{<base}} lost {{$x}}hmm{{/x}} lost {{/base}}",
            with: ["base": "{{$x}}default{{/x}}"], prints: "hmm",
            refused: "text directly inside {{<base}} is not printed"),
        Case(
            "text and no block", "{{<base}} lost {{/base}}", with: ["base": "{{$x}}default{{/x}}"], prints: "default",
            refused: "text directly inside {{<base}} is not printed"),
        Case(
            "white space and comments beside a block", "{{<base}}\n  {{! why }}\n  {{$x}}hmm{{/x}}\n{{/base}}\n",
            with: ["base": "{{$x}}default{{/x}}"], prints: "hmm"),
        Case(
            "content sees the values where the block stands", ["it": "apples", "nested": ["it": "bananas"]],
            "{{<base}}{{$x}}I say {{it}}.{{/x}}{{/base}}",
            with: ["base": "{{#nested}}{{$x}}You say {{it}}.{{/x}}{{/nested}}"], prints: "I say bananas."),
        Case(
            "a parent alone on its line", "Hi,\n  {{<base}}{{/base}}\n", with: ["base": "one\ntwo\n"],
            prints: "Hi,\n  one\n  two\n"),
        Case(
            "a block alone on its line", "{{<base}}{{$x}}\none\ntwo{{/x}}\n{{/base}}\n",
            with: ["base": "Hi,\n  {{$x}}{{/x}}\n"], prints: "Hi,\n  one\n  two\n"),
        Case(
            "content takes the indentation of its new place", "{{<base}}{{$x}}\n    one\n    two\n{{/x}}{{/base}}\n",
            with: ["base": "Hi,\n  {{$x}}\n  {{/x}}\n"], prints: "Hi,\n  one\n  two\n"),
        Case(
            "the default's indentation counts", "{{<base}}{{$x}}\none\ntwo\n{{/x}}{{/base}}\n",
            with: ["base": "Hi,\n{{$x}}\n  default\n{{/x}}\n"], prints: "Hi,\n  one\n  two\n"),
        Case(
            "a block in a block", "{{<parent}}{{$inner}}\nthree\n{{/inner}}{{/parent}}\n",
            with: [
                "parent":
                    "{{<oldest}}{{$x}}\n  one\n  {{$inner}}\n    two\n  {{/inner}}\n{{/x}}{{/oldest}}\n",
                "oldest": "{{$x}}default{{/x}}",
            ], prints: "one\n  three\n"),
        // Beyond the specification's cases.
        Case(
            "a default is printed as it stands",
            "{{$x}}\n      deep\n   shallow\n\n    {{$y}}\n     inner\n    {{/y}}\n{{/x}}\n",
            prints: "      deep\n   shallow\n\n     inner\n"),
        Case(
            "a page's block and a card's block of one name",
            "{{<page}}{{$main}}[{{<card}}{{$main}}inner{{/main}}{{/card}}]{{/main}}{{/page}}",
            with: ["page": "«{{$main}}{{/main}}»", "card": "({{$main}}{{/main}})"], prints: "«[(inner)]»"),
        Case(
            "no such block", "{{<base}}{{$contnet}}x{{/contnet}}{{/base}}", with: ["base": "{{$content}}{{/content}}"],
            prints: "", refused: "'base' has no block 'contnet'; did you mean 'content'? There is only content"),
    ]
}
