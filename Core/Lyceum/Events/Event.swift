/// A fact: something that has happened, stored with the transaction that made it true and delivered to listeners later.
///
/// An event is a plain struct of its data. It is named `plugin.noun.past_verb`; its fields may grow by optional ones, and a
/// change that old listeners could not read takes a new ``major`` version.
public protocol Event: Codable, Sendable {
    /// `courses.enrollment.created`.
    static var name: String { get }
    /// The version of the payload's shape. It changes only when old listeners could not read the new one.
    static var major: Int { get }
    /// What the event is about; events of one key are delivered in the order in which they happened.
    var key: String { get }
}

extension Event {
    /// The first version.
    public static var major: Int { 1 }
}

/// Declares that a plugin owns an event: only it may emit it.
public struct Emits: Declaration {
    package let name: String
    package let major: Int
    package let describe: @Sendable (Book) throws -> ObjectSchema
    /// An event as it would be stored, with invented values.
    package let sample: @Sendable (Book) throws -> String
    /// Throws when a stored event can no longer be read.
    package let check: @Sendable (Book, String) throws -> Void

    /// Declares an event; its name must begin with the plugin's id.
    public init<E: Event>(_ event: E.Type) {
        (name, major) = (E.name, E.major)
        describe = { try $0.object(E.self) }
        sample = { try EventCoding.text(try $0.describe(E.self).example) }
        check = { book, text in _ = try EventCoding.value(E.self, text, try book.object(E.self)) }
    }

    /// `courses.enrollment.created v1`.
    package var id: String { "\(name) v\(major)" }

    /// `event courses.enrollment.created v1`.
    public var summary: String { "event \(id)" }
}

/// Another plugin's event, known by its name and the fields that matter here, without importing its type.
///
///     Listener("welcome", on: Fact("courses.enrollment.created", major: 1, as: Enrolled.self)) { … }
public struct Fact<Payload: Decodable & Sendable>: Sendable {
    package let name: String
    package let major: Int

    /// Names an event; `Payload` may leave out fields of it, but every field it has must be there.
    public init(_ name: String, major: Int, as payload: Payload.Type) {
        (self.name, self.major) = (name, major)
    }
}
