/// Writes a list's values; see ``TemplateEncoder``.
struct TemplateListContainer: UnkeyedEncodingContainer {
    let encoder: TemplateEncoder
    /// The encoder of the element before, which has the names that the next one most likely has too.
    private var spare: TemplateEncoder?
    var codingPath: [any CodingKey] { [] }
    var count: Int { encoder.count }

    init(encoder: TemplateEncoder) { self.encoder = encoder }

    func encodeNil() { encoder.append(.null) }
    func encode(_ value: Bool) { encoder.append(.bool(value)) }
    func encode(_ value: String) { encoder.append(.text(value)) }
    func encode(_ value: Double) { encoder.append(.decimal(value)) }
    func encode(_ value: Float) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: Int) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: Int8) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: Int16) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: Int32) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: Int64) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: Int128) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: UInt) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: UInt8) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: UInt16) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: UInt32) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: UInt64) { encoder.append(TemplateEncoder.number(value)) }
    func encode(_ value: UInt128) { encoder.append(TemplateEncoder.number(value)) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        encoder.append(try TemplateEncoder.value(value, depth: encoder.depth, spare: &spare))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.nested().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoder.nested().unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        encoder.nested()
    }
}

/// Writes a value that is no object and no list; see ``TemplateEncoder``.
struct TemplateSingleContainer: SingleValueEncodingContainer {
    let encoder: TemplateEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.set(.null) }
    func encode(_ value: Bool) { encoder.set(.bool(value)) }
    func encode(_ value: String) { encoder.set(.text(value)) }
    func encode(_ value: Double) { encoder.set(.decimal(value)) }
    func encode(_ value: Float) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: Int) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: Int8) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: Int16) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: Int32) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: Int64) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: Int128) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: UInt) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: UInt8) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: UInt16) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: UInt32) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: UInt64) { encoder.set(TemplateEncoder.number(value)) }
    func encode(_ value: UInt128) { encoder.set(TemplateEncoder.number(value)) }

    func encode<T: Encodable>(_ value: T) throws {
        var spare: TemplateEncoder?
        encoder.set(try TemplateEncoder.value(value, depth: encoder.depth, spare: &spare))
    }
}
