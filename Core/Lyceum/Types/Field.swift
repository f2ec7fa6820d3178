internal import JSON
internal import Synchronization

/// What a client, a form, a query string or a configuration file may send.
///
/// Every stored property has a default, is optional, or is a ``Field``.
///
/// Decoding and describing are the compiler's: a hand-written `init(from:)`, renamed coding keys and dictionaries are
/// refused, with a sentence, when the type is described at start.
public protocol Input: Decodable, Sendable {
    /// A blank value; its required fields are unset (see ``Field/wrappedValue``).
    init()

    /// Rules between fields; called once each field is right by itself. By default there are none.
    func check(_ faults: inout Faults)
}

extension Input {
    /// No rules.
    public func check(_ faults: inout Faults) {}

    /// Makes a value by hand, for a test, a seed or a call of a service: the same rules hold as for a client.
    ///
    ///     let draft = try CourseDraft.make { $0.title = "Swift in a week" ; $0.price = ... }
    ///
    /// - Throws: ``Faults`` naming each required field that was left unset, else what ``check(_:)`` finds. What a single
    ///   field may hold (``Rule``) is not asked here.
    public static func make(_ fill: (inout Self) throws -> Void) throws -> Self {
        var value = Self()
        try fill(&value)
        var faults = Faults()
        for child in Mirror(reflecting: value).children {
            guard let field = child.value as? any AnyField, field.isUnset, let label = child.label else { continue }
            faults.add(FieldName(name: String(label.dropFirst())), "is required", code: "required")
        }
        if faults.isEmpty { value.check(&faults) }
        guard faults.isEmpty else { throw faults }
        return value
    }
}

/// One field of an ``Input``: what it means, what it may hold, what it is when absent.
///
///     @Field("What learners see.", .length(1...200)) var title: String
///     @Field("Who may follow it.") var level = Level.beginner
///
/// Without a default, and unless it is an optional or a ``Change``, the field is required.
@propertyWrapper
public struct Field<Value: Decodable & Sendable>: Decodable, Sendable {
    var value: Value?
    /// Nil in a value that nobody described or decoded, such as a blank one.
    let definition: Definition?

    // The synthesized init(from:) evaluates these initial values for every body before it decodes; so rules are
    // autoclosures, evaluated only while a type is described, and the text is a StaticString.

    /// A field without rules.
    public init(_ about: StaticString = "") { self.init(nil, about, nil) }
    /// A field with a default.
    public init(wrappedValue: Value, _ about: StaticString = "") { self.init(wrappedValue, about, nil) }
    /// A field with rules.
    public init(_ about: StaticString, _ rule: @autoclosure () -> Rule<Value>) {
        self.init(nil, about, Describing.now ? rule().edit : nil)
    }
    /// A field with a default and rules.
    public init(wrappedValue: Value, _ about: StaticString, _ rule: @autoclosure () -> Rule<Value>) {
        self.init(wrappedValue, about, Describing.now ? rule().edit : nil)
    }
    /// An optional field: a rule about text is a rule about optional text.
    public init<W>(_ about: StaticString, _ rule: @autoclosure () -> Rule<W>) where Value == W? {
        self.init(nil, about, Describing.now ? rule().edit : nil)
    }
    /// An optional field with a default.
    public init<W>(wrappedValue: Value, _ about: StaticString, _ rule: @autoclosure () -> Rule<W>) where Value == W? {
        self.init(wrappedValue, about, Describing.now ? rule().edit : nil)
    }
    /// A field of a PATCH.
    public init<W>(_ about: StaticString, _ rule: @autoclosure () -> Rule<W>) where Value == Change<W> {
        self.init(nil, about, Describing.now ? rule().edit : nil)
    }
    /// A field of a PATCH that can be set to null.
    public init<W>(_ about: StaticString, _ rule: @autoclosure () -> Rule<W>) where Value == Change<W?> {
        self.init(nil, about, Describing.now ? rule().edit : nil)
    }
    /// A secret.
    public init<W>(_ about: StaticString, _ rule: @autoclosure () -> Rule<W>) where Value == Secret<W> {
        self.init(nil, about, Describing.now ? rule().edit : nil)
    }
    /// An optional secret.
    public init<W>(_ about: StaticString, _ rule: @autoclosure () -> Rule<W>) where Value == Secret<W>? {
        self.init(nil, about, Describing.now ? rule().edit : nil)
    }

    private init(_ value: Value?, _ about: StaticString, _ edit: (@Sendable (FieldSchema) -> Void)?) {
        self.value = value
        definition = Describing.now ? Definition("\(about)", edit) : nil
    }

    /// The field's value.
    ///
    /// In a decoded value it is always set. In one made by hand an unset field reads as `nil` or `.keep` where its type
    /// has that; a required one reads as a blank (empty text, 0, false, an empty list) or else its type's example, so
    /// that a forgotten field does not end the process. Use ``Input/make(_:)``, which refuses unset fields.
    public var wrappedValue: Value {
        get { value ?? Blank.make(Value.self) }
        set { value = newValue }
    }

    /// The field's name, for `faults.add($endsOn, "must not be before startsOn")`.
    public var projectedValue: FieldName { FieldName(name: definition?.name ?? "") }

    /// Decodes a field of a described input.
    public init(from decoder: any Decoder) throws {
        if let tree = decoder.tree, let field = tree.field {
            definition = field.definition
            value = try tree.make(Value.self)
        } else if let recorder = decoder as? Recorder {
            definition = nil
            value = try recorder.book.describe(Value.self).example
        } else {
            definition = nil
            value = try Value(from: decoder)
        }
    }
}

extension Field: CustomStringConvertible {
    /// The value, or "unset".
    public var description: String { value.map { "\($0)" } ?? "unset" }
}

extension Field: Encodable where Value: Encodable {
    /// Encodes the value; an unset one as null.
    public func encode(to encoder: any Encoder) throws {
        if let value { return try value.encode(to: encoder) }
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}

extension Field: Equatable where Value: Equatable {
    /// Compares values; two unset fields are equal.
    public static func == (a: Field, b: Field) -> Bool { a.value == b.value }
}

/// What a field says about itself.
// Sendable: its variables are written by the Book that describes its type, before any value that shares it is decoded.
final class Definition: @unchecked Sendable {
    let about: String
    let edit: (@Sendable (FieldSchema) -> Void)?
    var name = ""

    init(_ about: String, _ edit: (@Sendable (FieldSchema) -> Void)?) { (self.about, self.edit) = (about, edit) }
}

/// Whether any thread is describing a type right now.
///
/// One that decodes meanwhile only evaluates rules in vain.
enum Describing {
    private static let count = Atomic<Int>(0)
    static var now: Bool { count.load(ordering: .relaxed) != 0 }

    static func blank<I: Input>(_ type: I.Type) -> I {
        count.add(1, ordering: .relaxed)
        defer { count.subtract(1, ordering: .relaxed) }
        return I()
    }
}

protocol AnyField {
    var isUnset: Bool { get }
    func adopt(into slot: FieldSchema)
}

extension Field: AnyField {
    var isUnset: Bool { value == nil && !(Value.self is any Loose.Type) }

    func adopt(into slot: FieldSchema) {
        guard let definition else { return }
        definition.name = slot.name
        slot.definition = definition
        slot.about = definition.about
        definition.edit?(slot)
        if let value {
            slot.required = false
            slot.show(preset: value)
            slot.fallback = Kept(self)
        } else if let loose = Value.self as? any Loose.Type, let blank = loose.blank as? Value {
            var absent = self
            absent.value = blank
            slot.fallback = Kept(absent)
        }
    }
}

extension FieldSchema {
    /// Keeps a default as JSON text, for people; `nil` needs no mention, and a secret gets none.
    func show<T>(preset value: T) {
        if let maybe = value as? any AnyOptional, maybe.isNil { return }
        if !secret, let value = value as? any Encodable { preset = try? JSONWriter.text(value) }
    }
}

protocol AnyOptional {
    var isNil: Bool { get }
    func fall(back slot: FieldSchema)
}

extension Optional: AnyOptional {
    var isNil: Bool { if case .none = self { true } else { false } }
    func fall(back slot: FieldSchema) { if let self { slot.fallback = Kept(self) } }
}
