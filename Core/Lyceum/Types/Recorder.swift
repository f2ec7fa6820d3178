/// A decoder that invents values and remembers what it was asked for.
final class Recorder: Decoder, SingleValueDecodingContainer {
    let book: Book
    let object: ObjectSchema
    /// Set when the type turned out to be one value, such as a RawRepresentable newtype.
    var scalar: Schema?
    /// Set while `decodeIfPresent` asks: it asks contains, then decodeNil, then decodes.
    var optional = false
    /// The fields that were asked for by `decodeIfPresent`.
    var loose: Set<String> = []
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    init(_ book: Book, _ object: ObjectSchema) { (self.book, self.object) = (book, object) }

    func note<T: Decodable>(_ name: String, _ type: T.Type) throws -> T {
        guard object.field(named: name) == nil else { throw byHand }
        if let refused = type as? any Refused.Type {
            throw DescriptionError("\(object.name).\(name) \(refused.reason)")
        }
        let (schema, example) = try book.describe(type)
        let flexible = type as? any Loose.Type
        let field = FieldSchema(
            name, schema, required: !optional && flexible?.required != false,
            nullable: optional || flexible?.nullable == true)
        field.isChange = flexible?.isChange ?? false
        field.secret = type is any AnySecretField.Type
        if optional { loose.insert(name) }
        object.fields.append(field)
        optional = false
        return example
    }

    var byHand: DescriptionError {
        DescriptionError("\(object.name) decodes itself by hand; keep the compiler's init(from:), or make it Described")
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RecordingObject<Key>(recorder: self))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw byHand }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { false }
    func single<T: Decodable>(_ type: T.Type) throws -> T {
        if let refused = type as? any Refused.Type { throw DescriptionError("\(object.name) \(refused.reason)") }
        let (schema, example) = try book.describe(type)
        scalar = schema
        return example
    }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try single(type) }
    func decode(_ type: Bool.Type) throws -> Bool { try single(type) }
    func decode(_ type: String.Type) throws -> String { try single(type) }
    func decode(_ type: Double.Type) throws -> Double { try single(type) }
    func decode(_ type: Float.Type) throws -> Float { try single(type) }
    func decode(_ type: Int.Type) throws -> Int { try single(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try single(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try single(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try single(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try single(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try single(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try single(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try single(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try single(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try single(type) }
}

private struct RecordingObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: Recorder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool {
        recorder.optional = true
        return true
    }
    func decodeNil(forKey key: Key) throws -> Bool {
        recorder.optional = true
        return false
    }
    // The one generic method serves the requirement for every standard type too.
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try recorder.note(key.stringValue, type) }
    func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) throws -> KeyedDecodingContainer<N> {
        throw recorder.byHand
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw recorder.byHand }
    func superDecoder() throws -> any Decoder { throw recorder.byHand }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw recorder.byHand }
}

/// Secrets, and fields that hold one.
protocol AnySecretField {}
extension Secret: AnySecretField {}
extension Optional: AnySecretField where Wrapped: AnySecretField {}
extension Field: AnySecretField where Value: AnySecretField {}
extension Change: AnySecretField where Value: AnySecretField {}
