internal import Glibc
internal import JSON
internal import PostgreSQL

/// Decodes a view from a row, field by field, by the plan's slots.
final class RowDecoder: Decoder, SingleValueDecodingContainer {
    let result: Result
    let plan: RowPlan
    var row = 0
    var at = 0
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ result: Result, _ plan: RowPlan) { (self.result, self.plan) = (result, plan) }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowObject<Key>(decoder: self))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw byHand }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    var byHand: DescriptionError { DescriptionError("\(plan.object.name) decodes itself by hand") }

    func null() throws -> Bool {
        guard at < plan.slots.count else { throw byHand }
        return result.bytes(row: row, column: plan.slots[at].column) == nil
    }

    /// The next value, whatever reads it.
    func take<T>(_ type: T.Type, _ read: (UnsafeBufferPointer<UInt8>) throws -> T?) throws -> T {
        guard at < plan.slots.count else { throw byHand }
        let column = plan.slots[at].column
        guard let bytes = result.bytes(row: row, column: column) else {
            throw plan.refuse(result, row, column, "is null, but \(plan.object.name) has no optional there")
        }
        guard let value = try read(bytes) else { throw plan.unfit(result, row, column, bytes) }
        at += 1
        return value
    }

    func member<T: Decodable>(_ type: T.Type) throws -> T {
        guard at < plan.slots.count else { throw byHand }
        let slot = plan.slots[at]
        if slot.span > 0 {
            at += 1
            return try T(from: self)
        }
        switch slot.field.schema {
        case .list, .object, .union, .any: return try json(type, slot)
        default: return try T(from: self)
        }
    }

    /// What is json or an array takes the way of a body.
    private func json<T: Decodable>(_ type: T.Type, _ slot: RowPlan.Slot) throws -> T {
        let key = slot.field.name
        let object = ObjectSchema(plan.object.name, reference: "", Void.self)
        object.fields = [slot.field]
        let out = JSONWriter()
        out.openObject()
        out.key(named: key)
        try plan.write(result, row, slot.column, to: out)
        out.closeObject()
        at += 1
        let document = try Document(UnsafeRawBufferPointer(out.bytes), limits: JSONLimits(bytes: .max))
        return try document.withRoot { root in
            var validator = Validator(lenient: true)
            validator.check(root, object)
            guard validator.faults.isEmpty else { throw validator.faults }
            return try TreeDecoder(root, object).member(key, type)
        }
    }

    func value<T: SQLValue>(_ type: T.Type) throws -> T { try take(type) { T(sql: $0) } }
    func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        try take(type) { Int64(sql: $0).flatMap { T(exactly: $0) } }
    }
    func decodeNil() -> Bool { (try? null()) ?? false }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }
    func decode(_ type: String.Type) throws -> String {
        guard at < plan.slots.count, case .string(.instant, _) = plan.slots[at].field.schema else {
            return try value(type)
        }
        // For a type of the author's own that reads the text of an instant.
        return try value(Instant.self).description
    }
    func decode(_ type: Bool.Type) throws -> Bool { try value(type) }
    func decode(_ type: Double.Type) throws -> Double { try value(type) }
    func decode(_ type: Float.Type) throws -> Float { Float(try value(Double.self)) }
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

private struct RowObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: RowDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool {
        guard try decoder.null() else { return false }
        decoder.at += max(1, decoder.plan.slots[decoder.at].span)
        return true
    }
    // The one generic method serves the requirement for every standard type too.
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder.member(type) }
    func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) throws -> KeyedDecodingContainer<N> {
        throw decoder.byHand
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw decoder.byHand }
    func superDecoder() throws -> any Decoder { throw decoder.byHand }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw decoder.byHand }
}

extension Rows {
    /// The rows as values, for those who compute with them.
    ///
    /// - Throws: ``RowError`` naming a column that does not hold what the view wants.
    public func values() throws -> [Item] {
        let decoder = RowDecoder(result, plan)
        return try (0..<count).map { row in
            (decoder.row, decoder.at) = (row, 0)
            return try Item(from: decoder)
        }
    }

    func value(_ row: Int) throws -> Item {
        let decoder = RowDecoder(result, plan)
        decoder.row = row
        return try Item(from: decoder)
    }
}
