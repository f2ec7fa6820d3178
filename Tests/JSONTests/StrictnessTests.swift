import JSON
import Testing

@Suite("JSON is read strictly")
struct StrictnessTests {
    private func failure(_ text: String, _ limits: JSONLimits = JSONLimits()) -> JSONError? {
        do throws(JSONError) {
            _ = try Document(text, limits: limits)
            return nil
        } catch { return error }
    }

    private func failure(_ bytes: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try Document(bytes)
            return nil
        } catch { return error }
    }

    @Test(
        "what RFC 8259 does not allow is refused",
        arguments: [
            "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "[1 2]", "nul", "True", "NaN", "Infinity", "-", "01", "1.",
            ".5",
            "1e", "+1", "0x10", "[1]]", "{} {}", "\"a", "\"\\x\"", "\"a\nb\"", "\"\t\"", "// no\n1", "[1] trailing",
            "\u{FEFF}1",
        ])
    func refusesSyntax(_ text: String) throws {
        let fault = try #require(failure(text))
        #expect(fault.code == .syntax)
        #expect(fault.line >= 1)
        #expect(fault.column >= 1)
        #expect(fault.sentence.hasPrefix("is not JSON: "))
    }

    @Test("a fault names its line and column")
    func namesThePlace() throws {
        let fault = try #require(failure("{\n  \"a\": 1,\n  \"b\": ?\n}"))
        #expect(fault.line == 3)
        #expect(fault.description.hasSuffix("(line 3, column \(fault.column))"))
        #expect((7...9).contains(fault.column))
    }

    @Test("nothing at all is a fault of its own", arguments: [""])
    func refusesEmpty(_ text: String) throws {
        let fault = try #require(failure(text))
        #expect(fault.code == .empty)
        #expect(fault.description == "is empty; JSON is expected")
    }

    @Test("a key twice in one object is refused, and named")
    func refusesDuplicates() throws {
        let fault = try #require(failure(#"{"a": {"b": 1, "b": 2}}"#))
        #expect(fault.code == .duplicate)
        #expect(fault.sentence.contains("\"b\""))
        #expect(failure(#"{"a": {"b": 1}, "b": 2}"#) == nil)
    }

    @Test("keys that are spelt with escapes are the same keys")
    func refusesEscapedDuplicates() throws {
        #expect(failure(#"{"a": 1, "\u0061": 2}"#)?.code == .duplicate)
    }

    @Test("bytes that are no UTF-8 are refused wherever they stand")
    func refusesInvalidUTF8() {
        let text = Array("[\"".utf8), end = Array("\"]".utf8)
        let wrong: [[UInt8]] = [
            [0xFF], [0x80], [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
        ]
        for bytes in wrong {
            let fault = failure(text + bytes + end)
            #expect(fault?.code == .encoding, "\(bytes)")
            #expect(fault?.line == 1)
        }
        #expect(failure([0xFF]) != nil)
        #expect(failure(Array("{\"".utf8) + [0xC3] + Array("\":1}".utf8))?.code == .encoding)
    }

    @Test("half of a surrogate pair is refused", arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\u0041""#])
    func refusesLoneSurrogates(_ text: String) throws {
        #expect(failure(text)?.code == .encoding)
    }

    @Test("U+0000 is refused in a text, in a key and as a byte")
    func refusesNUL() {
        #expect(failure(#"["a\u0000b"]"#)?.code == .nul)
        #expect(failure(#"{"a\u0000b": 1}"#)?.code == .nul)
        #expect(failure([0x5B, 0x22, 0x00, 0x22, 0x5D]) != nil)
        #expect(failure([0x5B, 0x31, 0x5D, 0x00]) != nil)
    }

    @Test("a text longer than the limit is refused before it is read")
    func limitsSize() throws {
        let limits = JSONLimits(bytes: 10)
        #expect(failure("[12345678]", limits) == nil)
        let fault = try #require(failure("[123456789]", limits))
        #expect(fault.code == .size)
        #expect(fault.description == "has 11 bytes; at most 10 are accepted")
    }
}

@Suite("JSON is limited in depth")
struct DepthTests {
    private func code(_ text: String, depth: Int = 64) -> JSONError.Code? {
        do throws(JSONError) {
            _ = try Document(text, limits: JSONLimits(depth: depth))
            return nil
        } catch { return error.code }
    }

    @Test("exactly the limit passes, one more does not")
    func countsExactly() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(code(nested(64)) == nil)
        #expect(code(nested(65)) == .depth)
        #expect(code(nested(1), depth: 0) == .depth)
        #expect(code("1", depth: 0) == nil)
    }

    @Test("objects and lists count alike")
    func countsObjects() {
        #expect(code(#"{"a":[{"a":[1]}]}"#, depth: 4) == nil)
        #expect(code(#"{"a":[{"a":[1]}]}"#, depth: 3) == .depth)
    }

    @Test("brackets in a text do not count, also behind escaped quotes")
    func ignoresTexts() {
        #expect(code(#"["[[[[\"[[[[\\", "[[["]"#, depth: 1) == nil)
        #expect(code(#"["\\",[[1]]]"#, depth: 2) == .depth)
    }

    @Test("a bomb is refused at once, finished or not")
    func refusesBombs() {
        #expect(code(String(repeating: "[", count: 500_000)) == .depth)
        #expect(code(String(repeating: "{\"a\":", count: 100_000)) == .depth)
        #expect(code("[\"" + String(repeating: "[", count: 100_000)) == .syntax)
    }

    @Test("the fault names the place")
    func namesThePlace() throws {
        do throws(JSONError) {
            _ = try Document("[\n é[[1]]]", limits: JSONLimits(depth: 2))
            Issue.record("three levels passed")
        } catch {
            #expect(error.description == "is nested deeper than 2 levels (line 2, column 4)")
        }
    }
}
