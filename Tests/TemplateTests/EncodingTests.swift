import Lyceum
import Testing

@Suite("Views as values")
struct EncodingTests {
    struct Everything: Encodable {
        var string = "s", flag = true, double = 1.5, float: Float = 1.21
        var int = 1, int8: Int8 = 2, int16: Int16 = 3, int32: Int32 = 4, int64 = Int64.min
        var uint: UInt = 5, uint8: UInt8 = 6, uint16: UInt16 = 7, uint32: UInt32 = 8, uint64 = UInt64.max
    }
    struct Nothing: Encodable {
        var string: String?, flag: Bool?, double: Double?, float: Float?
        var int: Int?, int8: Int8?, int16: Int16?, int32: Int32?, int64: Int64?
        var uint: UInt?, uint8: UInt8?, uint16: UInt16?, uint32: UInt32?, uint64: UInt64?
        var object: Everything?, list: [Int]?, html: RawHTML?, text: Text?
    }

    @Test("every width of number has its value")
    func numbers() throws {
        let value = try TemplateValue(encoding: Everything())
        let expected: TemplateValue = [
            "string": "s", "flag": true, "double": 1.5, "float": 1.21, "int": 1, "int8": 2, "int16": 3, "int32": 4,
            "int64": .integer(.min), "uint": 5, "uint8": 6, "uint16": 7, "uint32": 8,
            "uint64": "18446744073709551615",
        ]
        #expect(value == expected)
    }

    @Test("nil of any type is null and not a missing name")
    func nils() throws {
        guard case .object(let object) = try TemplateValue(encoding: Nothing()) else {
            Issue.record("a struct is no object")
            return
        }
        #expect(object.names.count == 18)
        #expect(object.values.allSatisfy { $0 == .null })
    }

    @Test("optionals that are there have their values")
    func optionals() throws {
        let view = Nothing(
            string: "s", flag: false, double: 1, float: 2, int: 1, int8: 2, int16: 3, int32: 4, int64: 5, uint: 6,
            uint8: 7, uint16: 8, uint32: 9, uint64: 10, object: nil, list: [1], html: RawHTML("<"), text: Text("k"))
        let expected: TemplateValue = [
            "string": "s", "flag": false, "double": 1.0, "float": 2.0, "int": 1, "int8": 2, "int16": 3, "int32": 4,
            "int64": 5, "uint": 6, "uint8": 7, "uint16": 8, "uint32": 9, "uint64": 10, "object": nil, "list": [1],
            "html": .raw(RawHTML("<")), "text": .translated(Text("k")),
        ]
        #expect(try TemplateValue(encoding: view) == expected)
    }

    @Test("lists, dictionaries, enums and values in values")
    func nesting() throws {
        enum Level: String, Encodable { case beginner }
        struct Item: Encodable { var level = Level.beginner, inner: TemplateValue = ["x": [1, nil]] }
        struct Empty: Encodable {}
        struct View: Encodable {
            var items = [Item(), Item()]
            var map = ["k": 1]
            var lists = [[1], [], [2, 3]]
            var maybe: [Int?] = [1, nil]
            var empty = Empty()
        }
        let item: TemplateValue = ["level": "beginner", "inner": ["x": [1, nil]]]
        #expect(
            try TemplateValue(encoding: View()) == [
                "items": [item, item], "map": ["k": 1], "lists": [[1], [], [2, 3]], "maybe": [1, nil], "empty": [:],
            ])
        #expect(try TemplateValue(encoding: [1, 2]) == [1, 2])
        #expect(try TemplateValue(encoding: "text") == "text")
        #expect(try TemplateValue(encoding: Int?.none) == .null)
    }

    @Test("nested containers, super encoders and names written twice")
    func containers() throws {
        struct Odd: Encodable {
            enum Name: String, CodingKey { case a, b, c, d, e }
            func encode(to encoder: any Encoder) throws {
                var object = encoder.container(keyedBy: Name.self)
                try object.encode(1, forKey: .a)
                var inner = object.nestedContainer(keyedBy: Name.self, forKey: .b)
                var list = object.nestedUnkeyedContainer(forKey: .c)
                try inner.encode("x", forKey: .a)
                try list.encode(1)
                var nested = list.nestedContainer(keyedBy: Name.self)
                try nested.encode(true, forKey: .e)
                var deeper = list.nestedUnkeyedContainer()
                try deeper.encodeNil()
                try 7.encode(to: list.superEncoder())
                try 8.encode(to: object.superEncoder())
                try 9.encode(to: object.superEncoder(forKey: .d))
                try object.encode(2, forKey: .a)
                var again = encoder.container(keyedBy: Name.self)
                try again.encodeNil(forKey: .e)
            }
        }
        let expected: TemplateValue = [
            "a": 2, "b": ["a": "x"], "c": [1, ["e": true], [nil], 7], "super": 8, "d": 9, "e": nil,
        ]
        #expect(try TemplateValue(encoding: Odd()) == expected)
        #expect(try TemplateValue(encoding: [Odd(), Odd()]) == [expected, expected])
    }

    @Test("elements of one list may have different names")
    func shapes() throws {
        struct Element: Encodable {
            let names: [String]
            struct Name: CodingKey {
                let stringValue: String
                var intValue: Int? { nil }
                init(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Name.self)
                for name in names { try container.encode(name, forKey: Name(stringValue: name)) }
            }
        }
        let shapes = [["a", "b"], ["a", "b"], ["a"], ["a", "c"], ["b", "a", "c"], [], ["a", "b"], ["c", "c"]]
        guard case .list(let values) = try TemplateValue(encoding: shapes.map(Element.init)) else {
            Issue.record("an array is no list")
            return
        }
        for (names, value) in zip(shapes, values) {
            guard case .object(let object) = value else {
                Issue.record("\(names) made no object")
                continue
            }
            let once = names == ["c", "c"] ? ["c"] : names
            #expect(object.names == once)
            #expect(object.values == once.map { .text($0) })
        }
    }

    @Test("values and words that another encoder meets are written plainly")
    func otherEncoders() throws {
        #expect(try TemplateValue(encoding: [RawHTML("<b>")]) == [.raw(RawHTML("<b>"))])
        struct Wrapped: Encodable {
            let text: Text, html: RawHTML
            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                try text.encode(to: container.superEncoder())
                try html.encode(to: container.superEncoder())
            }
        }
        #expect(try TemplateValue(encoding: Wrapped(text: Text("k"), html: RawHTML("<"))) == ["k", "<"])
    }
}
