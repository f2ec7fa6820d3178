/// Makes the tree of values of any Encodable view.
///
/// An optional that is nil is ``TemplateValue/null`` and not a missing name: templates are strict about names, so every
/// `encodeIfPresent` writes. `codingPath` is always empty: a view's shape is the program's own, and keeping the path
/// would cost as much as the encoding.
final class TemplateEncoder: Encoder {
    /// How deep values may be nested: deep enough for any page, shallow enough for a thread's stack.
    static let deepest = 128

    let depth: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    /// What has been encoded; one property, because each access to a property of a class is checked at run time.
    private var parts = TemplateParts()

    init(depth: Int) { self.depth = depth }

    static func encode(_ view: some Encodable) throws -> TemplateValue {
        var spare: TemplateEncoder?
        return try value(view, depth: 0, spare: &spare)
    }

    /// The value of anything; `spare` is an encoder to use again, for a list's elements.
    @inline(__always)
    static func value<T: Encodable>(_ view: T, depth: Int, spare: inout TemplateEncoder?) throws -> TemplateValue {
        // Comparing types costs a few instructions, a conditional cast of an unknown type hundreds.
        if T.self == String.self, let text = view as? String { return .text(text) }
        if T.self == Int.self, let number = view as? Int { return .integer(Int64(number)) }
        if T.self == Bool.self, let flag = view as? Bool { return .bool(flag) }
        if T.self == Text.self, let text = view as? Text { return .translated(text) }
        if T.self == RawHTML.self, let html = view as? RawHTML { return .raw(html) }
        if T.self == SlotContent.self, let content = view as? SlotContent { return .parts(content.parts) }
        if T.self == TemplateValue.self, let value = view as? TemplateValue { return value }
        if T.self == TemplateObject.self, let object = view as? TemplateObject { return .object(object) }
        guard depth < deepest else {
            let sentence = "a value for a template is nested more than \(deepest) deep; does it contain itself?"
            throw EncodingError.invalidValue(view, .init(codingPath: [], debugDescription: sentence))
        }
        let encoder: TemplateEncoder
        if spare != nil, isKnownUniquelyReferenced(&spare), let free = spare {
            encoder = free
        } else {
            encoder = TemplateEncoder(depth: depth + 1)
            spare = encoder
        }
        try view.encode(to: encoder)
        return encoder.take()
    }

    /// What was encoded; afterwards the encoder is empty, and expects the same names again.
    func take() -> TemplateValue { parts.take() }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        parts.begin(.object)
        return KeyedEncodingContainer(TemplateObjectContainer<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        parts.begin(.list)
        return TemplateListContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { TemplateSingleContainer(encoder: self) }

    var count: Int { parts.values.count }

    func set(_ value: TemplateValue) { parts.set(value) }

    func append(_ value: TemplateValue) { parts.values.append(value) }

    func append(_ value: TemplateValue, name: String) { _ = parts.append(value, name: name) }

    /// An encoder for another element of the list, which is filled later.
    func nested() -> TemplateEncoder {
        let encoder = TemplateEncoder(depth: depth + 1)
        parts.values.append(.null)
        parts.pending.append((parts.values.count - 1, encoder))
        return encoder
    }

    /// An encoder for the value of a name, which is filled later.
    func nested(name: String) -> TemplateEncoder {
        let encoder = TemplateEncoder(depth: depth + 1)
        let index = parts.append(.null, name: name)
        parts.pending.removeAll { $0.index == index }
        parts.pending.append((index, encoder))
        return encoder
    }

    /// A whole number, whatever its width; one that is too large for 64 bits is kept as its digits.
    static func number(_ value: some FixedWidthInteger) -> TemplateValue {
        Int64(exactly: value).map { .integer($0) } ?? .text(String(value))
    }

    /// A number of single precision, as its shortest digits say it: 1.21, not 1.2100000381469727.
    static func number(_ value: Float) -> TemplateValue { .decimal(Double(value.description) ?? Double(value)) }
}

/// What an encoder has been given so far.
private struct TemplateParts {
    enum Shape { case nothing, single, list, object }

    var values: [TemplateValue] = []
    /// Nested containers and super encoders, with the index of the value they stand for.
    var pending: [(index: Int, encoder: TemplateEncoder)] = []
    private var shape = Shape.nothing
    private var single = TemplateValue.null
    /// The names of the object, unless they have so far been those of `expected`.
    private var names: [String] = []
    /// The names that the object before in the same list had; while they match, none are stored again.
    private var expected: [String] = []
    private var matches = true

    /// Asking twice for one kind of container goes on with the first; asking for another kind starts over.
    mutating func begin(_ wanted: Shape) {
        guard shape != wanted else { return }
        shape = wanted
        values = []
        if wanted == .object { values.reserveCapacity(expected.count) }
    }

    mutating func set(_ value: TemplateValue) {
        shape = .single
        single = value
    }

    /// Adds a value, or replaces the one of that name; the answer is its index.
    mutating func append(_ value: TemplateValue, name: String) -> Int {
        if matches {
            if values.count < expected.count, expected[values.count] == name {
                values.append(value)
                return values.count - 1
            }
            matches = false
            names = Array(expected.prefix(values.count))
        }
        if let index = names.firstIndex(of: name) {
            values[index] = value
            return index
        }
        names.append(name)
        values.append(value)
        return values.count - 1
    }

    mutating func take() -> TemplateValue {
        for (index, encoder) in pending where index < values.count { values[index] = encoder.take() }
        if !pending.isEmpty { pending = [] }
        defer {
            shape = .nothing
            values = []
        }
        switch shape {
        case .nothing: return .object(TemplateObject(names: [], values: []))
        case .single: return single
        case .list: return .list(values)
        case .object:
            if matches, values.count < expected.count {
                names = Array(expected.prefix(values.count))
                matches = false
            }
            if !matches { expected = names }
            names = []
            matches = true
            return .object(TemplateObject(names: expected, values: values))
        }
    }
}
