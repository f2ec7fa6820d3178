public import JSON

extension JSONWriter {
    /// Writes a value as JSON; a nil property is written as null, so that an answer has all the fields it promises.
    ///
    /// - Throws: what the value throws, and an `EncodingError` for an infinite number or nesting beyond 64.
    public func encode(_ value: some Encodable) throws { try DirectEncoder(self).nest(value) }

    /// Writes a list, with one encoder for all of it.
    public func encode<Item: Encodable>(list items: some Sequence<Item>) throws {
        let encoder = DirectEncoder(self)
        openList()
        for item in items {
            comma()
            try encoder.nest(item)
        }
        closeList()
    }

    /// A value as JSON text.
    public static func text(_ value: some Encodable) throws -> String {
        let out = JSONWriter(capacity: 256)
        try out.encode(value)
        return out.text
    }
}

/// Encodable straight to UTF-8, without a tree and without Foundation.
final class DirectEncoder: Encoder, SingleValueEncodingContainer {
    let out: JSONWriter
    /// What is open, innermost in the lowest bit, a set bit for an object; at most 64 deep.
    private var kinds: UInt64 = 0
    private(set) var depth = 0
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ out: JSONWriter) { self.out = out }

    /// Containers never say that they are finished: whoever writes next, or the caller, closes what is deeper.
    @inline(__always) func close(to depth: Int) {
        while self.depth > depth {
            out.byte(kinds & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]"))
            kinds >>= 1
            self.depth -= 1
        }
    }
    @inline(__always) func nest<T: Encodable>(_ value: T) throws {
        let depth = self.depth
        guard depth < 64 else { throw fault(value, "is nested deeper than 64 levels") }
        if out.isOver { throw ResponseTooLarge() }
        try value.encode(to: self)
        close(to: depth)
    }
    /// Writes a value by itself, whatever an earlier one left open when it threw.
    func whole(_ value: some Encodable) throws {
        (kinds, depth) = (0, 0)
        try nest(value)
    }
    func fault(_ value: Any, _ sentence: String) -> any Error {
        EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: "a \(type(of: value)) \(sentence)"))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        open(1)
        return KeyedEncodingContainer(DirectObject<Key>(encoder: self, depth: depth))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        open(0)
        return DirectList(encoder: self, depth: depth)
    }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    private func open(_ kind: UInt64) {
        kinds = kinds << 1 | kind
        depth += 1
        out.byte(kind == 1 ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }

    func encodeNil() { out.null() }
    func encode<T: Encodable>(_ value: T) throws { try nest(value) }
    func encode(_ value: Bool) { out.bool(value) }
    func encode(_ value: String) { out.string(value) }
    func encode(_ value: Double) throws {
        guard value.isFinite else { throw fault(value, "is \(value), which JSON cannot hold") }
        out.double(value)
    }
    // As short as reads back the same Float, not the same Double.
    func encode(_ value: Float) throws {
        guard value.isFinite else { throw fault(value, "is \(value), which JSON cannot hold") }
        out.json(value.description)
    }
    func encode(_ value: Int) { out.int(Int64(value)) }
    func encode(_ value: Int8) { out.int(Int64(value)) }
    func encode(_ value: Int16) { out.int(Int64(value)) }
    func encode(_ value: Int32) { out.int(Int64(value)) }
    func encode(_ value: Int64) { out.int(value) }
    func encode(_ value: UInt) { out.unsigned(UInt64(value)) }
    func encode(_ value: UInt8) { out.unsigned(UInt64(value)) }
    func encode(_ value: UInt16) { out.unsigned(UInt64(value)) }
    func encode(_ value: UInt32) { out.unsigned(UInt64(value)) }
    func encode(_ value: UInt64) { out.unsigned(value) }
}

private struct DirectObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: DirectEncoder
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    @inline(__always) private func key(_ key: Key) -> DirectEncoder {
        encoder.close(to: depth)
        encoder.out.key(named: key.stringValue)
        return encoder
    }
    func encodeNil(forKey key: Key) { self.key(key).encodeNil() }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try self.key(key).nest(value) }
    func encode(_ value: Bool, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: String, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: Double, forKey key: Key) throws { try self.key(key).encode(value) }
    func encode(_ value: Float, forKey key: Key) throws { try self.key(key).encode(value) }
    func encode(_ value: Int, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: Int8, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: Int16, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: Int32, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: Int64, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: UInt, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: UInt8, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: UInt16, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: UInt32, forKey key: Key) { self.key(key).encode(value) }
    func encode(_ value: UInt64, forKey key: Key) { self.key(key).encode(value) }

    // What the compiler writes for an optional leaves nil out; each of these has a default that would do so, and the
    // generic one does not stand in for the others.
    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    private func simple<T: Encodable>(_ value: T?, _ key: Key, _ write: (DirectEncoder, T) throws -> Void) rethrows {
        let encoder = self.key(key)
        if let value { try write(encoder, value) } else { encoder.encodeNil() }
    }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: String?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try simple(value, key) { try $0.encode($1) } }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try simple(value, key) { try $0.encode($1) } }
    func encodeIfPresent(_ value: Int?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) { simple(value, key) { $0.encode($1) } }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) { simple(value, key) { $0.encode($1) } }

    func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) -> KeyedEncodingContainer<N> {
        self.key(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { self.key(key).unkeyedContainer() }
    func superEncoder() -> any Encoder {
        encoder.close(to: depth)
        encoder.out.key("super")
        return encoder
    }
    func superEncoder(forKey key: Key) -> any Encoder { self.key(key) }
}

private struct DirectList: UnkeyedEncodingContainer {
    let encoder: DirectEncoder
    let depth: Int
    var count = 0
    var codingPath: [any CodingKey] { [] }

    init(encoder: DirectEncoder, depth: Int) { (self.encoder, self.depth) = (encoder, depth) }

    private mutating func item() -> DirectEncoder {
        encoder.close(to: depth)
        encoder.out.comma()
        count += 1
        return encoder
    }
    mutating func encodeNil() { item().encodeNil() }
    mutating func encode<T: Encodable>(_ value: T) throws { try item().nest(value) }
    mutating func nestedContainer<N: CodingKey>(keyedBy type: N.Type) -> KeyedEncodingContainer<N> {
        item().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { item().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { item() }
}
