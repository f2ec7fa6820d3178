internal import CJansson

/// A value inside a ``Document``, lent by ``Document/withRoot(_:)``.
///
/// It does not own what it points to: using it, or anything unowned that it returned, after its document is gone is
/// undefined.
public struct JSONNode {
    /// What a node is.
    public enum Kind: UInt8, Sendable {
        /// Named members, each name once.
        case object
        /// A list of values.
        case list
        /// Text without U+0000.
        case text
        /// A number without fraction and exponent; it fits `Int64`.
        case integer
        /// Any other number.
        case number
        /// True or false.
        case boolean
        /// Null.
        case null

        /// How a sentence names it: "a whole number", "text".
        public var name: String {
            switch self {
            case .object: "an object"
            case .list: "a list"
            case .text: "text"
            case .integer: "a whole number"
            case .number: "a number with a fraction"
            case .boolean: "true or false"
            case .null: "null"
            }
        }
    }

    let value: UnsafeMutablePointer<json_t>

    init(_ value: UnsafeMutablePointer<json_t>) { self.value = value }

    /// What this node is.
    public var kind: Kind {
        switch lyceum_json_type(value) {
        case Int32(JSON_OBJECT.rawValue): .object
        case Int32(JSON_ARRAY.rawValue): .list
        case Int32(JSON_STRING.rawValue): .text
        case Int32(JSON_INTEGER.rawValue): .integer
        case Int32(JSON_REAL.rawValue): .number
        case Int32(JSON_NULL.rawValue): .null
        default: .boolean
        }
    }

    /// Whether this node is null.
    public var isNull: Bool { kind == .null }

    /// True for `true`; false for anything else.
    public var boolean: Bool { lyceum_json_type(value) == Int32(JSON_TRUE.rawValue) }

    /// The value of a whole number; 0 for anything else.
    public var integer: Int64 { json_integer_value(value) }

    /// The value of any number; 0 for anything else.
    public var number: Double { json_number_value(value) }

    /// A copy of a text; empty for anything else.
    public var text: String { String(decoding: utf8, as: UTF8.self) }

    /// The bytes of a text, unowned; empty for anything else.
    public var utf8: UnsafeBufferPointer<UInt8> {
        guard let text = json_string_value(value) else { return UnsafeBufferPointer(start: nil, count: 0) }
        let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: bytes, count: json_string_length(value))
    }

    /// How many items a list or members an object has; 0 for anything else.
    public var count: Int {
        switch kind {
        case .object: json_object_size(value)
        case .list: json_array_size(value)
        default: 0
        }
    }

    /// A member of an object; nil where it is absent, and for anything that is no object.
    public func member(_ key: JSONKey) -> JSONNode? {
        json_object_getn(value, key.bytes, key.count).map { JSONNode($0) }
    }

    /// A member of an object by a name that is not worth a ``JSONKey``.
    public func member(named name: String) -> JSONNode? {
        var name = name
        return name.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { key in
                key.baseAddress.flatMap { json_object_getn(value, $0, key.count) }.map { JSONNode($0) }
            }
        }
    }

    /// An item of a list, counted from 0; nil beyond its end, and for anything that is no list.
    public func item(_ index: Int) -> JSONNode? {
        guard index >= 0 else { return nil }
        return json_array_get(value, index).map { JSONNode($0) }
    }

    /// The items of a list in order; empty for anything else.
    public var items: some Sequence<JSONNode> { (0..<(kind == .list ? count : 0)).lazy.compactMap { item($0) } }

    /// The members of an object as they were written; empty for anything else.
    public var members: Members { Members(object: value) }

    /// The members of an object, in the order of the text.
    public struct Members: Sequence, IteratorProtocol {
        let object: UnsafeMutablePointer<json_t>
        var position: UnsafeMutableRawPointer?

        init(object: UnsafeMutablePointer<json_t>) {
            self.object = object
            position = json_object_iter(object)
        }

        /// The next member, or nil after the last.
        public mutating func next() -> (name: String, value: JSONNode)? {
            guard let here = position, let key = json_object_iter_key(here), let value = json_object_iter_value(here)
            else {
                return nil
            }
            position = json_object_iter_next(object, here)
            let bytes = UnsafeRawBufferPointer(start: key, count: json_object_iter_key_len(here))
            return (String(decoding: bytes, as: UTF8.self), JSONNode(value))
        }
    }
}
