internal import JSON

/// What a value may be: the one description that validation, OpenAPI, settings, rows and golden files read.
public indirect enum Schema: Sendable {
    /// True or false.
    case boolean
    /// A whole number within `Int64`, and within the range if there is one.
    case integer(ClosedRange<Int64>?)
    /// A finite number.
    case number(ClosedRange<Double>?)
    /// Text; the length counts Unicode scalars, as PostgreSQL's `char_length` does.
    case string(Format?, length: ClosedRange<Int>?)
    /// One of some words.
    case choice([String])
    /// A list of one kind of value.
    case list(Schema, count: ClosedRange<Int>?)
    /// An object with named fields.
    case object(ObjectSchema)
    /// One of several objects, told apart by a tag.
    case union(UnionSchema)
    /// Whatever JSON there is: an ``AnyJSON``.
    case any

    /// What a text must look like.
    public enum Format: String, Sendable {
        /// A ``Day``, `2026-01-31`.
        case date
        /// An ``Instant`` as RFC 3339 writes it.
        case instant = "date-time"
        /// An ``Identifier``: RFC 9562, 36 characters.
        case uuid
        /// An e-mail address, as far as can be told by looking at it.
        case email
        /// An absolute http or https address.
        case url = "uri"
        /// Small letters, digits and hyphens.
        case slug
        /// Text of several lines; every other text has one.
        case multiline
        /// A ``Currency``.
        case currency
        /// A ``Cursor``.
        case cursor
    }
}

/// The fields of an object.
public final class ObjectSchema: @unchecked Sendable {
    // Sendable because it is filled by the Book that describes its type, on one thread, before the Book hands it out, and
    // never changed afterwards. A class, because a type may hold a list of itself.

    /// The type's own name, for people: `CourseDraft`.
    public let name: String
    /// The name in OpenAPI's components, unique within a ``Book``: `courses.CourseDraft`.
    public let reference: String
    /// In the order of declaration.
    public internal(set) var fields: [FieldSchema] = []
    /// Whether this is an answer, whose fields are always there, if only as null.
    public internal(set) var isAnswer = false
    /// Whether it is a view of a row that counts its changes (``Versioned``).
    public internal(set) var isVersioned = false
    /// Whether one of its fields is a cursor.
    var hasCursor = false
    let type: ObjectIdentifier
    /// A `Checker` of that same type: the rules between the fields of an ``Input``.
    var checker: AnyObject?
    /// What an input is that has no field at all, where that is right: most queries are empty.
    var blank: Kept?

    init(_ name: String, reference: String, _ type: Any.Type) {
        (self.name, self.reference, self.type) = (name, reference, ObjectIdentifier(type))
    }

    func field(named name: String) -> FieldSchema? { fields.first { $0.name == name } }
}

/// The rules between the fields of a type, kept without asking what the type is for every body.
final class Checker<T> {
    let check: @Sendable (T, inout Faults) -> Void
    init(_ check: @escaping @Sendable (T, inout Faults) -> Void) { self.check = check }
}

/// A value of some type, kept for ever where it is found without asking the runtime about a class of that type.
struct Kept: @unchecked Sendable {
    // Sendable because only an Input or its stored properties are kept, which are Sendable as it is, and the memory is
    // neither written nor freed after the initializer.
    private let type: ObjectIdentifier
    private let pointer: UnsafeRawPointer

    init<T>(_ value: T) {
        type = ObjectIdentifier(T.self)
        let copy = UnsafeMutablePointer<T>.allocate(capacity: 1)
        copy.initialize(to: value)
        pointer = UnsafeRawPointer(copy)
    }

    /// The value, if it is of just this type.
    @inline(__always)
    func value<T>(_ wanted: T.Type) -> T? {
        guard type == ObjectIdentifier(wanted) else { return nil }
        return pointer.assumingMemoryBound(to: T.self).pointee
    }
}

/// Several objects, told apart by the value of one field.
public final class UnionSchema: @unchecked Sendable {
    // Sendable for the reason that ObjectSchema is.

    /// The type's own name.
    public let name: String
    /// The name in OpenAPI's components.
    public let reference: String
    /// The name of the field that tells.
    public let tag: String
    /// In the order of declaration.
    public internal(set) var variants: [(name: String, object: ObjectSchema)] = []

    init(_ name: String, reference: String, tag: String) {
        (self.name, self.reference, self.tag) = (name, reference, tag)
    }
}

/// One field of an object.
public final class FieldSchema: @unchecked Sendable {
    // Sendable for the reason that ObjectSchema is.

    /// The field's name, as in JSON.
    public let name: String
    /// What it may hold.
    public internal(set) var schema: Schema
    /// Whether the key must be there.
    public internal(set) var required: Bool
    /// Whether it may be null.
    public internal(set) var nullable: Bool
    /// Whether an absent key means "leave it alone" (``Change``).
    public internal(set) var isChange = false
    /// What it means, for people.
    public internal(set) var about = ""
    /// What to use instead, where it is deprecated.
    public internal(set) var deprecated: String?
    /// Whether nobody may see it (``Secret``).
    public internal(set) var secret = false
    /// An example, as JSON text.
    public internal(set) var example: String?
    /// The default, as JSON text, for people.
    public internal(set) var preset: String?
    /// The value of an absent field.
    var fallback: Kept?
    var definition: Definition?
    let key: JSONKey

    var isCursor: Bool { if case .string(.cursor, _) = schema { true } else { false } }

    init(_ name: String, _ schema: Schema, required: Bool, nullable: Bool) {
        (self.name, self.schema, self.required, self.nullable) = (name, schema, required, nullable)
        key = JSONKey(name)
    }
}

/// A value type that knows its own schema; everything else is described by watching its `init(from:)` once.
///
/// Conform where a type decodes itself by hand: the schema is taken as it is said, and never checked against the code. What
/// its `init(from:)` refuses, though it fits the schema, is a fault of the field; throw a ``Fault`` to say why.
public protocol Described: Decodable {
    /// What values look like.
    static func schema(_ book: Book) throws -> Schema
    /// A valid value; it is handed to `init(from:)` while a containing type is described.
    static var example: Self { get }
}

/// Documentation for the fields of a view or an event, where a ``Field`` would be in the way.
public protocol Documented {
    /// A sentence for each field that needs one, by the field's name.
    static var about: [String: String] { get }
}

/// Why a type cannot be described, or a statement's columns are not a view's fields: a mistake of the author, told at
/// start or when a statement is first used.
public struct DescriptionError: Error, Sendable, CustomStringConvertible {
    /// A sentence that names the type and the field.
    public let description: String

    /// An error with a sentence.
    public init(_ description: String) { self.description = description }
}
