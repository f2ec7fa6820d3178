/// Makes a value of the kind that a template prints, of nothing but its type: what an override is checked with.
///
/// Nothing in it is null, each list has an element, every truth is true, and a type that is ``Described`` has its own example;
/// so a check meets all names that there are.
package enum TemplateSample {
    /// The form of a page, for the views that have one.
    static let form = CodingUserInfoKey(rawValue: "form")
    private static let mark = CodingUserInfoKey(rawValue: "sample")
    /// How deep lists may be nested in lists; a type may hold a list of itself.
    fileprivate static let deepest = 6

    /// The tree of values of a type.
    ///
    /// - Parameter form: what stands for each ``FormFields``.
    /// - Throws: a `DecodingError` for a type that refuses samples.
    package static func value<View: Codable>(of type: View.Type, form: FormFields?) throws -> TemplateValue {
        var info: [CodingUserInfoKey: any Sendable] = [:]
        if let key = TemplateSample.form, let form { info[key] = form }
        if let mark { info[mark] = true }
        return try TemplateValue(encoding: SampleDecoder(info: info, depth: 0).make(type))
    }

    /// Makes sure that a sample is wanted: what is printed is never read.
    ///
    /// - Throws: a `DecodingError` that names the type.
    static func insist(_ type: Any.Type, _ decoder: any Decoder) throws {
        if let mark, decoder.userInfo[mark] != nil { return }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath, debugDescription: "\(type) is printed by templates and cannot be read"))
    }
}

/// Answers every question with an example.
private struct SampleDecoder: Decoder {
    let info: [CodingUserInfoKey: any Sendable]
    let depth: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { info }

    func make<T: Decodable>(_ type: T.Type) throws -> T {
        // A list and an optional are described too, but as empty ones.
        if !(type is any Loose.Type), !(type is any ListOfSamples.Type) {
            if let described = type as? any Described.Type, let example = described.example as? T { return example }
            if let cases = type as? any CaseIterable.Type, let first = Self.first(cases) as? T { return first }
        }
        return try T(from: SampleDecoder(info: info, depth: depth + 1))
    }

    private static func first<C: CaseIterable>(_ type: C.Type) -> Any? { C.allCases.first }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(SampleObject<Key>(decoder: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { SampleList(decoder: self) }

    func singleValueContainer() -> any SingleValueDecodingContainer { SampleScalar(decoder: self) }
}

private protocol ListOfSamples {}
extension Array: ListOfSamples {}

private struct SampleObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SampleDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { decoder.depth > 4 * TemplateSample.deepest }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder.make(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedDecodingContainer<Nested> { decoder.container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { decoder.unkeyedContainer() }
    func superDecoder() -> any Decoder { decoder }
    func superDecoder(forKey key: Key) -> any Decoder { decoder }
}

private struct SampleList: UnkeyedDecodingContainer {
    let decoder: SampleDecoder
    var codingPath: [any CodingKey] { [] }
    var currentIndex = 0
    var count: Int? { decoder.depth > 2 * TemplateSample.deepest ? 0 : 1 }
    var isAtEnd: Bool { currentIndex >= (count ?? 0) }

    init(decoder: SampleDecoder) { self.decoder = decoder }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        return try decoder.make(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
        currentIndex += 1
        return decoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
        currentIndex += 1
        return decoder.unkeyedContainer()
    }

    mutating func superDecoder() -> any Decoder { decoder }
}

private struct SampleScalar: SingleValueDecodingContainer {
    let decoder: SampleDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }
    func decode(_ type: String.Type) -> String { String.example }
    func decode(_ type: Bool.Type) -> Bool { true }
    func decode(_ type: Double.Type) -> Double { Double.example }
    func decode(_ type: Float.Type) -> Float { 1.5 }
    func decode(_ type: Int.Type) -> Int { 1 }
    func decode(_ type: Int8.Type) -> Int8 { 1 }
    func decode(_ type: Int16.Type) -> Int16 { 1 }
    func decode(_ type: Int32.Type) -> Int32 { 1 }
    func decode(_ type: Int64.Type) -> Int64 { 1 }
    func decode(_ type: UInt.Type) -> UInt { 1 }
    func decode(_ type: UInt8.Type) -> UInt8 { 1 }
    func decode(_ type: UInt16.Type) -> UInt16 { 1 }
    func decode(_ type: UInt32.Type) -> UInt32 { 1 }
    func decode(_ type: UInt64.Type) -> UInt64 { 1 }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.make(type) }
}

extension Text: Decodable {
    /// Words that every catalogue of the kernel has, for samples; anything else is refused.
    public init(from decoder: any Decoder) throws {
        try TemplateSample.insist(Text.self, decoder)
        self.init("lyceum.footer")
    }
}

extension RawHTML: Decodable {
    /// Some markup, for samples; anything else is refused.
    public init(from decoder: any Decoder) throws {
        try TemplateSample.insist(RawHTML.self, decoder)
        self.init("<b>text</b>")
    }
}

extension TemplateValue: Decodable {
    /// Some text, for samples; anything else is refused.
    public init(from decoder: any Decoder) throws {
        try TemplateSample.insist(TemplateValue.self, decoder)
        self = .text(String.example)
    }
}

extension FormFields: Decodable {
    /// The form that the page's template was declared with; anything else is refused.
    public init(from decoder: any Decoder) throws {
        guard let key = TemplateSample.form, let form = decoder.userInfo[key] as? FormFields else {
            throw DescriptionError(
                "a view has a form, of which its template does not say the type: Template(…, of:, form: SomeForm.self)")
        }
        self = form
    }

    /// A form in which every field is filled and refused.
    package init<I: Input>(sample type: I.Type) throws {
        let schema = try Book().object(type)
        let faults = schema.fields.map { Fault(pointer: "/" + $0.name, code: "sample", sentence: String.example) }
        let entered = schema.fields.map { (name: $0.name, value: String.example) }
        self = FormFields(schema, entered, Faults(faults)).failing(nil, String.example)
    }
}
