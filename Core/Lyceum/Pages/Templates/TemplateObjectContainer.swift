/// Writes an object's values; see ``TemplateEncoder``.
struct TemplateObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: TemplateEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { encoder.append(.null, name: key.stringValue) }
    func encode(_ value: Bool, forKey key: Key) { encoder.append(.bool(value), name: key.stringValue) }
    func encode(_ value: String, forKey key: Key) { encoder.append(.text(value), name: key.stringValue) }
    func encode(_ value: Double, forKey key: Key) { encoder.append(.decimal(value), name: key.stringValue) }
    func encode(_ value: Float, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: Int, forKey key: Key) { encoder.append(TemplateEncoder.number(value), name: key.stringValue) }
    func encode(_ value: Int8, forKey key: Key) { encoder.append(TemplateEncoder.number(value), name: key.stringValue) }
    func encode(_ value: Int16, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: Int32, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: Int64, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: Int128, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: UInt, forKey key: Key) { encoder.append(TemplateEncoder.number(value), name: key.stringValue) }
    func encode(_ value: UInt8, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: UInt16, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: UInt32, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: UInt64, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }
    func encode(_ value: UInt128, forKey key: Key) {
        encoder.append(TemplateEncoder.number(value), name: key.stringValue)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        var spare: TemplateEncoder?
        encoder.append(try TemplateEncoder.value(value, depth: encoder.depth, spare: &spare), name: key.stringValue)
    }

    // The defaults of these omit what is nil, and strict names would call it misspelt.
    func encodeIfPresent(_ value: Bool?, forKey key: Key) {
        encoder.append(value.map { .bool($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: String?, forKey key: Key) {
        encoder.append(value.map { .text($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Double?, forKey key: Key) {
        encoder.append(value.map { .decimal($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Float?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Int?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: Int128?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }
    func encodeIfPresent(_ value: UInt128?, forKey key: Key) {
        encoder.append(value.map { TemplateEncoder.number($0) } ?? .null, name: key.stringValue)
    }

    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder.nested(name: key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.nested(name: key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.nested(name: "super") }

    func superEncoder(forKey key: Key) -> any Encoder { encoder.nested(name: key.stringValue) }
}
