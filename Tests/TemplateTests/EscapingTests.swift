import Lyceum
import Testing

@Suite("Escaping")
struct EscapingTests {
    /// Texts that would end a quoted attribute or begin a tag, some in ways that hide the byte from whoever looks at
    /// Characters instead of bytes.
    static let attacks = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "&lt;b&gt;", "&#60;",
        "\"\u{301} onfocus=alert(1) autofocus x=\"", "'\u{20DD} onfocus=alert(1)", "\u{600}<script>alert(1)</script>",
        "<\u{338}script>", "&\u{308}lt;", "\u{200D}\"\u{200D}", "\"\u{FE0F}\u{20E3}", "<!--", "-->", "]]>", "</title>",
        "\u{1F468}\u{200D}<\u{1F469}", "a\u{0}<b", "\u{E0001}\"\u{E007F}", "\r\"\n", "{{&it}}", "\u{110BD}<x>",
        "<svg/onload=alert(1)>", "'\u{301}", ">\u{338}", String(repeating: "\"\u{301}", count: 100),
    ]

    @Test("no byte that HTML reads is left of any attack", arguments: attacks)
    func attack(_ text: String) throws {
        let printed = try render("{{it}}", ["it": .text(text)])
        #expect(!printed.utf8.contains { [0x22, 0x27, 0x3C, 0x3E].contains($0) })
        #expect(unescaped(printed) == Array(text.utf8), "the text itself is unharmed")
    }

    @Test("words, their arguments and numbers are escaped as well", arguments: attacks)
    func words(_ text: String) throws {
        var catalogue = Catalogue()
        catalogue.add("en", ["plain": .text("<b>\"\u{301}"), "with": "({name})"])
        let outcome = try render(
            "{{t plain}}|{{t with name=it}}|{{made}}",
            ["it": .text(text), "made": .translated(Text("with", ["name": text]))], catalogue: catalogue)
        #expect(!outcome.utf8.contains { [0x22, 0x27, 0x3C, 0x3E].contains($0) })
        #expect(outcome.utf8.starts(with: "&lt;b&gt;&quot;\u{301}|(".utf8))
    }

    @Test("every single byte of ASCII, between others")
    func ascii() throws {
        for code in 0..<128 {
            let text = "a\(Character(UnicodeScalar(UInt8(code))))z"
            let expected =
                switch UnicodeScalar(UInt8(code)) {
                case "&": "a&amp;z"
                case "<": "a&lt;z"
                case ">": "a&gt;z"
                case "\"": "a&quot;z"
                case "'": "a&#39;z"
                default: text
                }
            #expect(try render("{{it}}", ["it": .text(text)]) == expected)
        }
    }

    @Test("HTML is printed as it is, byte for byte")
    func raw() throws {
        let html = "<p class=\"x\">\u{301}&amp;</p>"
        #expect(try render("{{{it}}}{{&it}}", ["it": .raw(RawHTML(html))]) == html + html)
    }

    private func unescaped(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for (entity, byte) in [("&lt;", 0x3C), ("&gt;", 0x3E), ("&quot;", 0x22), ("&#39;", 0x27), ("&amp;", 0x26)] {
            let mark = Array(entity.utf8)
            var out: [UInt8] = []
            var index = 0
            while index < bytes.count {
                if bytes[index...].starts(with: mark) {
                    out.append(UInt8(byte))
                    index += mark.count
                } else {
                    out.append(bytes[index])
                    index += 1
                }
            }
            bytes = out
        }
        return bytes
    }
}
