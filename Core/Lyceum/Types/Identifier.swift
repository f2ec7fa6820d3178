public import PostgreSQL

/// A typed id: the id of a course is no id of a person.
///
///     public enum Course {
///         public struct ID: Identifier {
///             public let raw: RawID
///             public init(_ raw: RawID) { self.raw = raw }
///         }
///     }
///
/// In JSON and in a path it is the text of its uuid, in SQL a `uuid`. A malformed one in a body is a fault of that field;
/// in a path it names nothing, and the answer is 404.
public protocol Identifier: RequestPart, Described, Codable, Hashable, Comparable, CustomStringConvertible, SQLValue
where Plan == Void {
    /// Gives an id its type.
    init(_ raw: RawID)
    /// The id without its type.
    var raw: RawID { get }
}

extension Identifier {
    /// A new id, later than every one that this process made before.
    public static func make() -> Self { Self(RawID.make()) }

    /// Reads the 36 characters; nil for anything else.
    public init?(_ text: String) {
        guard let raw = RawID(text) else { return nil }
        self.init(raw)
    }

    /// The 36 characters.
    public var description: String { raw.description }

    /// In the order in which they were made.
    public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }

    /// Text in the format `uuid`.
    public static func schema(_ book: Book) -> Schema { .string(.uuid, length: nil) }
    /// An id of version 7.
    public static var example: Self { Self(RawID.example) }

    /// Decodes the 36 characters.
    public init(from decoder: any Decoder) throws { self.init(try RawID(from: decoder)) }

    /// Encodes the 36 characters.
    public func encode(to encoder: any Encoder) throws { try raw.encode(to: encoder) }

    /// Reads PostgreSQL's `uuid`.
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) {
        guard let raw = RawID(utf8: bytes) else { return nil }
        self.init(raw)
    }

    /// Writes PostgreSQL's `uuid`.
    public func append(sql bytes: inout [UInt8]) { raw.append(sql: &bytes) }
}
