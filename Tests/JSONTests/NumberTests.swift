import JSON
import Testing

@Suite("Numbers are exact or refused")
struct NumberTests {
    private func read(_ text: String) throws -> (kind: JSONNode.Kind, integer: Int64, number: Double) {
        let document = try Document(text)
        return document.withRoot { ($0.kind, $0.integer, $0.number) }
    }

    @Test("the limits of Int64 are read exactly")
    func limits() throws {
        #expect(try read("9223372036854775807").integer == .max)
        #expect(try read("-9223372036854775808").integer == .min)
        #expect(try read("9007199254740993").integer == 9_007_199_254_740_993)
        #expect(try read("-0").integer == 0)
    }

    @Test(
        "a whole number beyond Int64 is refused, not rounded",
        arguments: ["9223372036854775808", "-9223372036854775809", "99999999999999999999"])
    func beyond(_ text: String) {
        #expect {
            _ = try Document("{\"n\": \(text)}")
        } throws: { error in
            let error = error as? JSONError
            return error?.code == .number && error?.sentence.contains("\(Int64.max)") == true
        }
    }

    @Test("a number beyond a double is refused", arguments: ["1e400", "-1e400"])
    func infinite(_ text: String) {
        #expect(throws: JSONError.self) { _ = try Document(text) }
    }

    @Test("a fraction or an exponent makes a number, whatever its value")
    func kinds() throws {
        #expect(try read("1").kind == .integer)
        #expect(try read("1.0").kind == .number)
        #expect(try read("1e3").kind == .number)
        #expect(try read("0.1").number == 0.1)
        #expect(try read("3").number == 3)
    }

    @Test("whole numbers are written in full")
    func writesIntegers() {
        let out = JSONWriter()
        out.openList()
        for value in [0, 7, 10, -1, 99, 100, 12_345, Int64.max, .min] {
            out.comma()
            out.int(value)
        }
        out.comma()
        out.unsigned(.max)
        out.closeList()
        #expect(out.text == "[0,7,10,-1,99,100,12345,9223372036854775807,-9223372036854775808,18446744073709551615]")
    }

    @Test(
        "doubles are written so that they read back the same",
        arguments: [0.1, -0.0, 1e21, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, 100, 1.0 / 3])
    func writesDoubles(_ value: Double) throws {
        let out = JSONWriter()
        out.double(value)
        #expect(try read(out.text).number == value)
    }

    @Test("what JSON has no number for is written as null", arguments: [Double.nan, .infinity, -.infinity])
    func writesNull(_ value: Double) {
        let out = JSONWriter()
        out.double(value)
        #expect(out.text == "null")
    }
}
