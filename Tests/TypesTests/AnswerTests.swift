import JSON
import Lyceum
import Testing

@Suite("Answers are written as they are described")
struct AnswerTests {
    struct Everything: View {
        var bool: Bool?
        var string: String?
        var double: Double?
        var int: Int?
        var int8: Int8?
        var int16: Int16?
        var int32: Int32?
        var int64: Int64?
        var uint8: UInt8?
        var uint16: UInt16?
        var uint32: UInt32?
        var id: Course.ID?
        var money: Money?
        var at: Instant?
        var day: Day?
        var list: [Int]?
        var level: Level?
        var currency: Currency?
    }

    @Test("nil of every type is null")
    func nils() throws {
        let value = Everything()
        let names = try Book().object(Everything.self).fields.map(\.name)
        #expect(try written(value) == "{" + names.map { "\"\($0)\":null" }.joined(separator: ",") + "}")
    }

    @Test("nil of a type that no answer has is null all the same")
    func rareNils() throws {
        struct Rare: Encodable {
            var float: Float?
            var uint: UInt?
            var uint64: UInt64?
        }
        #expect(try written(Rare()) == #"{"float":null,"uint":null,"uint64":null}"#)
        #expect(
            try written(Rare(float: 0.1, uint: .max, uint64: 1))
                == #"{"float":0.1,"uint":18446744073709551615,"uint64":1}"#)
    }

    @Test("values of every type")
    func values() throws {
        let value = Everything(
            bool: true, string: "a\"b", double: 0.5, int: -1, int8: -128, int16: 1, int32: 2, int64: .max, uint8: 255,
            uint16: 3, uint32: .max, id: Course.ID.example, money: Money(-5, .usd), at: Instant.example,
            day: Day.example,
            list: [1, 2], level: .advanced, currency: Currency("KWD"))
        #expect(
            try written(value)
                == #"{"bool":true,"string":"a\"b","double":0.5,"int":-1,"int8":-128,"int16":1,"int32":2,"int64":9223372036854775807,"#
                + #""uint8":255,"uint16":3,"uint32":4294967295,"id":"01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11","#
                + #""money":{"amount":-5,"currency":"USD"},"at":"2026-01-01T09:00:00Z","day":"2026-01-31","list":[1,2],"#
                + #""level":"advanced","currency":"KWD"}"#)
    }

    @Test("nested containers are closed, empty ones too")
    func nesting() throws {
        struct Inner: View { var list: [[Int]] }
        struct Outer: View {
            var inner: [Inner]
            var last: Inner?
        }
        let value = Outer(inner: [Inner(list: [[], [1]]), Inner(list: [])], last: Inner(list: [[]]))
        #expect(try written(value) == #"{"inner":[{"list":[[],[1]]},{"list":[]}],"last":{"list":[[]]}}"#)
    }

    @Test("a number that JSON lacks is refused")
    func notNumbers() {
        #expect(throws: EncodingError.self) { _ = try written([Double.nan]) }
        #expect(throws: EncodingError.self) { _ = try written(["a": Float.infinity]) }
    }

    @Test("nesting without end is refused")
    func depth() {
        struct Endless: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                try container.encode(Endless())
            }
        }
        #expect(throws: EncodingError.self) { _ = try written(Endless()) }
    }

    @Test("a list of views is written with its commas")
    func lists() throws {
        struct Name: View { var name: String }
        let out = JSONWriter()
        try [Name(name: "a"), Name(name: "b")].write(to: out)
        #expect(out.text == #"[{"name":"a"},{"name":"b"}]"#)
    }

    @Test("a page of values")
    func pages() throws {
        struct Name: View { var name: String }
        let out = JSONWriter()
        try Listing([Name(name: "a")], next: Cursor.example).write(to: out)
        #expect(out.text == "{\"items\":[{\"name\":\"a\"}],\"next\":\"\(Cursor.example)\"}")
        out.reset()
        try Listing([Name](), next: nil).write(to: out)
        #expect(out.text == #"{"items":[],"next":null}"#)
    }
}

@Suite("Events are written and read across versions")
struct EventTests {
    enum Reason: String, Codable, CaseIterable, Sendable { case moved, ill, unknown }

    struct Enrolled: Codable, Sendable {
        var course: Course.ID
        var note: String?
        var reason: Reason?
    }

    @Test("an event is read back")
    func roundTrip() throws {
        let event = Enrolled(course: Course.ID.example, note: nil, reason: .ill)
        let text = try EventCoding.text(event)
        #expect(text == #"{"course":"01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11","note":null,"reason":"ill"}"#)
        let back = try EventCoding.value(Enrolled.self, text, try Book().object(Enrolled.self))
        #expect(back.course == event.course && back.note == nil && back.reason == .ill)
    }

    @Test("a newer event may have further fields and words")
    func newer() throws {
        let text = #"{"course": "01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11", "reason": "bored", "seat": {"row": 1}}"#
        let event = try EventCoding.value(Enrolled.self, text, try Book().object(Enrolled.self))
        #expect(event.reason == .unknown && event.note == nil)
    }

    @Test("everything else must be right, and an unknown word needs a case for it")
    func wrong() throws {
        struct Strict: Codable, Sendable { var level: Level }
        let book = Book()
        #expect(throws: Faults.self) {
            _ = try EventCoding.value(Strict.self, #"{"level": "expert"}"#, try book.object(Strict.self))
        }
        #expect(throws: Faults.self) {
            _ = try EventCoding.value(Enrolled.self, #"{"course": 7}"#, try book.object(Enrolled.self))
        }
        #expect(throws: Faults.self) { _ = try EventCoding.value(Enrolled.self, "{}", try book.object(Enrolled.self)) }
    }
}
