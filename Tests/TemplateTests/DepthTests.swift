import Lyceum
import Testing

@Suite("Depth")
struct DepthTests {
    @Test("a partial that contains itself under no condition is refused when the library is made")
    func endless() {
        let faulty = [
            ["a": "x\n{{> b}}", "b": "{{> a}}"], ["a": "x\n{{<b}}{{/b}}", "b": "{{<c}}{{/c}}", "c": "{{>a}}"],
        ]
        for partials in faulty {
            let outcome = fault { () throws(TemplateError) in try render("{{> a}}", with: partials) }
            #expect(outcome.contains("contains itself without end; put {{> ...}} into a section"))
        }
    }

    @Test("a partial that contains itself as long as something is true is an error, not a crash")
    func recursivePartial() {
        for partials in [
            ["a": "x\n{{> b}}", "b": "{{#on}}{{> a}}{{/on}}"],
            ["a": "{{$x}}{{/x}}{{<b}}{{$x}}{{> a}}{{/x}}{{/b}}", "b": "{{$x}}{{/x}}"],
            ["a": "{{^off}}{{<b}}{{$x}}y{{/x}}{{/b}}{{/off}}", "b": "{{$x}}{{/x}}{{<a}}{{/a}}"],
        ] {
            let outcome = fault { () throws(TemplateError) in
                try render("{{> a}}", ["on": true, "off": false], with: partials)
            }
            #expect(outcome.contains("this is nested deeper than 128 sections, partials and blocks"))
        }
    }

    @Test("sixty-four tags may be nested in a template, sixty-five may not")
    func nestedTags() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{{#x}}", count: depth) + "!" + String(repeating: "{{/x}}", count: depth)
        }
        #expect(try render(nested(64), ["x": 1]) == "!")
        #expect(
            fault { () throws(TemplateError) in try render(nested(65), ["x": 1]) }
                == "main.mustache:1: 'x' is nested deeper than 64 tags; move some into a partial")
        #expect(fault { () throws(TemplateError) in try render(nested(100_000), ["x": 1]) }.contains("64 tags"))
    }

    @Test("a tree of values thirty deep is printed by a partial that contains itself")
    func deepTree() throws {
        var tree: TemplateValue = ["name": "leaf", "children": []]
        for depth in 0..<30 { tree = ["name": .integer(Int64(depth)), "children": [tree]] }
        let printed = try render("{{>n}}", tree, with: ["n": "({{name}}{{#children}}{{>n}}{{/children}})"])
        #expect(printed.hasPrefix("(29(28(27") && printed.hasSuffix("(0(leaf" + String(repeating: ")", count: 31)))
    }

    @Test("a view that contains itself is an error of encoding, not a crash")
    func endlessView() {
        final class Endless: Encodable {
            enum Name: CodingKey { case me }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Name.self)
                try container.encode(self, forKey: .me)
            }
        }
        #expect(throws: EncodingError.self) { try TemplateValue(encoding: Endless()) }
    }

    @Test("a million opening braces are an error within a second")
    func braces() {
        let clock = ContinuousClock()
        let time = clock.measure {
            for template in [
                String(repeating: "{", count: 1_000_000), String(repeating: "{{", count: 100_000) + "x}}",
                String(repeating: "{{a}", count: 200_000),
            ] {
                #expect(fault { () throws(TemplateError) in try render(template) }.contains("never closed"))
            }
        }
        #expect(time < .seconds(10))
    }
}
