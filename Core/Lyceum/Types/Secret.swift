/// A value that nobody may read by accident: not in logs, not in `lyceum settings`, not in an answer.
public struct Secret<Value: Decodable & Sendable>: Decodable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The value itself.
    public let revealed: Value

    /// Hides a value.
    public init(_ value: Value) { revealed = value }

    /// Decodes the value as if it were no secret.
    public init(from decoder: any Decoder) throws {
        if let tree = decoder.tree { revealed = try tree.make(Value.self) } else { revealed = try Value(from: decoder) }
    }

    /// `(secret)`.
    public var description: String { "(secret)" }
    /// `(secret)`.
    public var debugDescription: String { description }
    /// Empty.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
