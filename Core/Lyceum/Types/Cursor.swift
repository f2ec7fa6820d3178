internal import JSON
public import PostgreSQL

/// Where a page of a list ended: opaque to clients, who hand it back to get the next page.
///
///     struct CourseFilter: Input {
///         @Field("Where the last page ended.") var after: Cursor?
///         @Field("How many.", .range(1...100)) var limit = 20
///     }
///     let (at, id) = try filter.after.values(Instant.self, Course.ID.self)        // both nil on the first page
///
/// It holds the key columns of the last row as PostgreSQL wrote them, with a version, a checksum and the list it belongs to,
/// in base64url. The list is the region, the address and every field of the query but the cursor itself and `limit`. So a
/// cursor that was changed, cut off, or made by another version, in another region, or for another list or filter is a
/// fault of its field, and never an error of the database or an empty list. It is no secret and grants nothing: what may be seen is the query's matter.
public struct Cursor: Hashable, Sendable {
    private static let version: UInt8 = 2
    /// What comes before the values.
    private static let head = 9
    /// Version, checksum (4), list (4), then for each value its length (2) and its bytes.
    let bytes: [UInt8]

    /// The list that it belongs to, as ``Request/list`` says it.
    ///
    /// It is 0 for a cursor that was made outside of a request.
    var list: UInt32 { bytes[5..<Self.head].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }

    /// A cursor of key values, each in PostgreSQL's text format; nil if one is longer than 65,535 bytes.
    init?(_ values: some Sequence<UnsafeBufferPointer<UInt8>>, list: UInt32 = 0) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96)
        bytes.append(Self.version)
        for _ in 0..<4 { bytes.append(0) }
        for index in 0..<4 { bytes.append(UInt8(list >> UInt32(24 - 8 * index) & 255)) }
        for value in values {
            guard value.count <= Int(UInt16.max) else { return nil }
            bytes.append(UInt8(value.count >> 8))
            bytes.append(UInt8(value.count & 255))
            bytes.append(contentsOf: value)
        }
        let sum = Self.checksum(bytes[5...])
        for index in 0..<4 { bytes[1 + index] = UInt8(sum >> UInt32(24 - 8 * index) & 255) }
        self.bytes = bytes
    }

    /// Reads what ``description`` wrote; nil for anything else.
    public init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard let bytes = Base64URL.decode(text), bytes.count >= Self.head, bytes[0] == Self.version else { return nil }
        let sum = bytes[1...4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard sum == Self.checksum(bytes[5...]) else { return nil }
        self.bytes = bytes
    }

    /// FNV-1a.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0x811C_9DC5 ^ UInt32(version)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    /// The values, typed, in the order of the key columns.
    ///
    /// - Parameter field: where to put the blame for a cursor of another list.
    /// - Throws: ``Faults``, when the cursor has another number of values, or of other types.
    public func values<each Value: SQLValue>(
        _ types: repeat (each Value).Type, field: FieldName = "after"
    ) throws -> (repeat each Value) {
        var at = Self.head
        let values = (repeat try next(each types, &at, field))
        guard at == bytes.count else { throw Faults([Self.foreign(field)]) }
        return values
    }

    private func next<Value: SQLValue>(_ type: Value.Type, _ at: inout Int, _ field: FieldName) throws -> Value {
        guard at + 2 <= bytes.count else { throw Faults([Self.foreign(field)]) }
        let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
        guard at + 2 + length <= bytes.count else { throw Faults([Self.foreign(field)]) }
        let value = bytes[(at + 2)..<(at + 2 + length)].withUnsafeBufferPointer { Value(sql: $0) }
        guard let value else { throw Faults([Self.foreign(field)]) }
        at += 2 + length
        return value
    }

    /// The fault of a field; of the whole where it has no name.
    fileprivate static func foreign(_ field: FieldName) -> Fault {
        Fault(
            pointer: field.name.isEmpty ? "" : "/" + Fault.escape(field.name), code: "cursor",
            sentence: "is the cursor of another list; leave it out to begin again", words: Text("lyceum.fault.cursor"))
    }
}

extension Optional where Wrapped == Cursor {
    /// The values, typed, in the order of the key columns; all of them nil where there is no cursor.
    ///
    /// - Throws: ``Faults``, when the cursor is one of another list.
    public func values<each Value: SQLValue>(
        _ types: repeat (each Value).Type, field: FieldName = "after"
    ) throws -> (repeat (each Value)?) {
        guard let cursor = self else { return (repeat Optional<each Value>.none) }
        let values = try cursor.values(repeat each types, field: field)
        return (repeat Optional<each Value>.some(each values))
    }
}

extension Cursor: LosslessStringConvertible {
    /// Reads what ``description`` wrote; nil for anything else.
    public init?(_ text: String) {
        var text = text
        guard let cursor = text.withUTF8({ Cursor(utf8: $0) }) else { return nil }
        self = cursor
    }

    /// Base64url without padding (RFC 4648, section 5).
    public var description: String { Base64URL.encode(bytes) }
}

extension Cursor: Described, Codable {
    /// Text that nobody needs to understand.
    public static func schema(_ book: Book) -> Schema { .string(.cursor, length: nil) }
    /// A cursor of no values.
    public static var example: Cursor { Cursor(empty: ()) }

    private init(empty: Void) {
        let sum = Self.checksum([0, 0, 0, 0])
        bytes = [Self.version] + (0..<4).map { UInt8(sum >> UInt32(24 - 8 * $0) & 255) } + [0, 0, 0, 0]
    }

    /// Decodes the text.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let cursor = Cursor(text) else { throw DescriptionError("\"\(text)\" is no cursor") }
        if let list = decoder.tree?.list, list != cursor.list { throw Self.foreign("") }
        self = cursor
    }

    /// Encodes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// RFC 4648, section 5, without padding; decoding is strict, so that a text has one meaning and a value one text.
enum Base64URL {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text in
            let alphabet = alphabet.utf8Start
            var held: UInt32 = 0
            var bits: UInt32 = 0
            var at = 0
            for byte in bytes {
                held = held << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    text[at] = alphabet[Int(held >> bits & 63)]
                    at += 1
                }
            }
            if bits > 0 {
                text[at] = alphabet[Int(held << (6 - bits) & 63)]
                at += 1
            }
            return at
        }
    }

    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var held: UInt32 = 0
        var bits = 0
        for character in text {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - 97 + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - 48 + 52
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return nil
            }
            held = held << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        guard bits < 6, held & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }
}
