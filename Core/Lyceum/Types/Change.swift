/// A field of a PATCH: left alone, or set.
///
/// `Change<String?>` can also be set to null.
public enum Change<Value: Decodable & Sendable>: Decodable, Sendable {
    /// The key was absent.
    case keep
    /// The key was there.
    case set(Value)

    /// Decodes a field of a described input.
    public init(from decoder: any Decoder) throws {
        guard let tree = decoder.tree else {
            self = .set(try Value(from: decoder))
            return
        }
        self = tree.value == nil ? .keep : .set(try tree.make(Value.self))
    }

    /// The new value, or the old one where it is left alone: `title.applied(to: course.title)`.
    public func applied(to old: Value) -> Value {
        switch self {
        case .keep: old
        case .set(let new): new
        }
    }
}

extension Change: Equatable where Value: Equatable {}
