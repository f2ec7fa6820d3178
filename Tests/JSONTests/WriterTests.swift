import Foundation
import JSON
import Testing

@Suite("Texts are written as UTF-8")
struct WriterTests {
    private func write(_ text: String) -> String {
        let out = JSONWriter()
        out.string(text)
        return out.text
    }

    @Test("quote, backslash and control characters are escaped, and nothing else is")
    func escapes() {
        #expect(write("a\"b\\c") == #""a\"b\\c""#)
        #expect(write("\n\r\t") == #""\n\r\t""#)
        #expect(write("\u{0}\u{1}\u{1F}\u{b}") == #""\u0000\u0001\u001f\u000b""#)
        #expect(write("\u{7F}\u{80}\u{2028}\u{2029}</é😀") == "\"\u{7F}\u{80}\u{2028}\u{2029}</é😀\"")
        #expect(write("") == "\"\"")
    }

    @Test("every byte is escaped alike wherever it stands among eight")
    func everyPosition() throws {
        for scalar in (0..<0x180).compactMap(Unicode.Scalar.init) {
            for length in 0..<20 {
                for at in 0...length {
                    var text = String(repeating: "x", count: length)
                    text.unicodeScalars.insert(scalar, at: text.unicodeScalars.index(text.startIndex, offsetBy: at))
                    let written = Data(write(text).utf8)
                    let read = try JSONSerialization.jsonObject(with: written, options: .fragmentsAllowed) as? String
                    #expect(read == text, "U+\(String(scalar.value, radix: 16)) at \(at) of \(length)")
                }
            }
        }
    }

    @Test("long texts are written whole", arguments: [4095, 4096, 4097, 8192, 100_001])
    func longTexts(_ length: Int) throws {
        let text = String((0..<length).map { index in index % 97 == 0 ? "\u{1}" : index % 31 == 0 ? "\"" : "a" })
        let document = try Document(write(text))
        #expect(document.withRoot { $0.text } == text)
    }

    @Test("objects, lists and keys bring their commas")
    func structure() {
        let out = JSONWriter(capacity: 1)
        out.openObject()
        out.key("a")
        out.openList()
        for index in 0..<3 {
            out.comma()
            out.int(Int64(index))
        }
        out.closeList()
        out.key(named: "b\"c")
        out.null()
        out.key("d")
        out.openObject()
        out.closeObject()
        out.key("e")
        out.bool(true)
        out.closeObject()
        #expect(out.text == #"{"a":[0,1,2],"b\"c":null,"d":{},"e":true}"#)
        #expect(out.count == out.bytes.count)
    }

    @Test("a writer is empty after a reset, and gives a large buffer back")
    func resets() {
        let out = JSONWriter()
        out.string(String(repeating: "a", count: 100_000))
        out.reset(keeping: 1000)
        #expect(out.count == 0)
        out.string("b")
        #expect(out.text == "\"b\"")
    }

    @Test("what was read is written again")
    func nodes() throws {
        let text = #"{"b":[1,-2.5,true,false,null,"x\ny"],"a":{"":{}},"c":[]}"#
        let document = try Document(text)
        let out = JSONWriter()
        document.withRoot { out.node($0) }
        #expect(out.text == text)
    }
}
