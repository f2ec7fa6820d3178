internal import JSON

/// Decodes a JSON tree that has already been validated against `schema`; absent fields take their defaults.
final class TreeDecoder: Decoder, SingleValueDecodingContainer {
    /// The value being decoded; nil where the field is absent.
    var value: JSONNode?
    var schema: ObjectSchema
    /// The field whose value this is, for `Field` and `Change`.
    var field: FieldSchema?
    /// The position of the field that will be asked for next.
    var cursor = 0
    var shape: Schema
    var faults = Faults()
    /// Whether texts lose the white space around them: those of people, not those that the platform stored.
    var trims = false
    /// The list that is asked for, to which a cursor must belong; nil where cursors of every list are read.
    var list: UInt32?
    /// The way back from a value whose type refused it, innermost first.
    var trail: [String] = []
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: JSONNode?, _ schema: ObjectSchema) {
        (self.value, self.schema, shape) = (value, schema, .object(schema))
    }

    /// Fields are asked for in the order in which they were recorded, so this rarely searches.
    func position(_ name: String) throws -> Int {
        let fields = schema.fields
        if cursor < fields.count, fields[cursor].name == name { return cursor }
        guard let index = fields.firstIndex(where: { $0.name == name }) else {
            throw DescriptionError("\(schema.name) now asks for \(name), but did not when it was described")
        }
        return index
    }

    func member<T: Decodable>(_ name: String, _ type: T.Type) throws -> T {
        let index = try position(name)
        let field = schema.fields[index]
        cursor = index + 1
        let member = value?.member(field.key)
        if member == nil, let fallback = field.fallback?.value(type) { return fallback }
        let (object, outer, position, owner, whole) = (value, schema, cursor, self.field, shape)
        defer { (value, schema, cursor, self.field, shape) = (object, outer, position, owner, whole) }
        (value, self.field, shape) = (member, field, field.schema)
        if case .object(let inner) = shape { (schema, cursor) = (inner, 0) }
        let known = faults.list.count
        let made: T
        do { made = try make(type) } catch {
            trail.append(Fault.escape(name))
            throw error
        }
        if faults.list.count > known { faults.locate(since: known, Fault.escape(name)) }
        return made
    }

    /// Decodes, then applies the type's own rules between its fields.
    func make<T: Decodable>(_ type: T.Type) throws -> T {
        let made = try T(from: self)
        if case .object(let object) = shape, let checker = object.checker, object.type == ObjectIdentifier(type) {
            // A checker is set together with the type it is for, and that is T.
            unsafeDowncast(checker, to: Checker<T>.self).check(made, &faults)
        }
        return made
    }

    /// Decodes all of it; what a type's own init(from:) refuses, though it fits the schema, is a fault of its field.
    func whole<T: Decodable>(_ type: T.Type) throws -> T {
        let made: T
        do { made = try make(type) } catch let error as DescriptionError { throw error } catch {
            var fault = error as? Fault ?? Fault(pointer: "", code: "invalid", sentence: "is not accepted")
            fault.pointer = trail.reversed().map { "/" + $0 }.joined() + fault.pointer
            throw Faults([fault])
        }
        guard faults.isEmpty else { throw faults }
        return made
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(TreeObject<Key>(decoder: self))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { TreeList(self) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func mismatch<T>(_ type: T.Type) -> any Error {
        DescriptionError("\(schema.name).\(field?.name ?? "") asks for \(type), but did not when it was described")
    }
    func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard let value, value.kind == .integer, let exact = T(exactly: value.integer) else { throw mismatch(type) }
        return exact
    }
    func decodeNil() -> Bool { value?.isNull ?? true }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try make(type) }
    func decode(_ type: String.Type) throws -> String {
        guard let value, value.kind == .text else { throw mismatch(type) }
        if trims, field?.secret != true, case .string(let format, _) = shape, PlainText.trims(format) {
            return String(decoding: PlainText.trimmed(value.utf8), as: UTF8.self)
        }
        let text = value.text
        // Only lenient reading lets an unknown word through, and only where the type has a case for it.
        if case .choice(let names) = shape, !names.contains(text) { return "unknown" }
        return text
    }
    func decode(_ type: Bool.Type) throws -> Bool {
        guard let value, value.kind == .boolean else { throw mismatch(type) }
        return value.boolean
    }
    func decode(_ type: Double.Type) throws -> Double {
        guard let value, value.kind == .number || value.kind == .integer else { throw mismatch(type) }
        return value.number
    }
    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
}

private struct TreeObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: TreeDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool {
        guard let index = try? decoder.position(key.stringValue) else { return false }
        let field = decoder.schema.fields[index]
        return decoder.value?.member(field.key) != nil || field.fallback != nil
    }
    func decodeNil(forKey key: Key) throws -> Bool {
        let field = decoder.schema.fields[try decoder.position(key.stringValue)]
        return decoder.value?.member(field.key)?.isNull ?? (field.fallback == nil)
    }
    // The one generic method serves the requirement for every standard type too.
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder.member(key.stringValue, type) }
    func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) throws -> KeyedDecodingContainer<N> {
        throw decoder.mismatch(type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw decoder.mismatch([Any].self)
    }
    func superDecoder() throws -> any Decoder { throw decoder.mismatch(Any.self) }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw decoder.mismatch(Any.self) }
}

private struct TreeList: UnkeyedDecodingContainer {
    let decoder: TreeDecoder
    let list: JSONNode?
    let element: Schema
    let total: Int
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { total }
    var isAtEnd: Bool { currentIndex >= total }

    init(_ decoder: TreeDecoder) {
        self.decoder = decoder
        list = decoder.value
        total = list?.count ?? 0
        if case .list(let item, _) = decoder.shape { element = item } else { element = .boolean }
    }

    // The one generic method serves the requirement for every standard type too.
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let (value, outer, position, whole) = (decoder.value, decoder.schema, decoder.cursor, decoder.shape)
        defer { (decoder.value, decoder.schema, decoder.cursor, decoder.shape) = (value, outer, position, whole) }
        (decoder.value, decoder.shape) = (list?.item(currentIndex), element)
        if case .object(let object) = element { (decoder.schema, decoder.cursor) = (object, 0) }
        let (index, known) = (currentIndex, decoder.faults.list.count)
        currentIndex += 1
        let made: T
        do { made = try decoder.make(type) } catch {
            decoder.trail.append("\(index)")
            throw error
        }
        if decoder.faults.list.count > known { decoder.faults.locate(since: known, "\(index)") }
        return made
    }
    mutating func decodeNil() throws -> Bool {
        guard list?.item(currentIndex)?.isNull ?? false else { return false }
        currentIndex += 1
        return true
    }
    mutating func nestedContainer<N: CodingKey>(keyedBy type: N.Type) throws -> KeyedDecodingContainer<N> {
        throw decoder.mismatch(type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw decoder.mismatch([Any].self) }
    mutating func superDecoder() throws -> any Decoder { throw decoder.mismatch(Any.self) }
}

extension Decoder {
    /// A dynamic cast costs some 550 instructions; comparing types costs five.
    var tree: TreeDecoder? { Self.self == TreeDecoder.self ? same(self, TreeDecoder.self) : nil }
}

extension Encoder {
    var direct: DirectEncoder? { Self.self == DirectEncoder.self ? same(self, DirectEncoder.self) : nil }
}

/// For a value whose type was just found to be the other.
@inline(__always)
private func same<A, B>(_ value: A, _: B.Type) -> B { unsafeBitCast(value, to: B.self) }
