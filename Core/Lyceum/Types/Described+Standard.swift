extension Bool: Described {
    /// True or false.
    public static func schema(_ book: Book) -> Schema { .boolean }
    /// True.
    public static var example: Bool { true }
}

extension Described where Self: FixedWidthInteger {
    /// A whole number within the type's range.
    public static func schema(_ book: Book) -> Schema {
        .integer(Self.bitWidth < 64 ? Int64(clamping: Self.min)...Int64(clamping: Self.max) : nil)
    }
    /// One.
    public static var example: Self { 1 }
}

extension Int: Described {}
extension Int64: Described {}
extension Int32: Described {}
extension Int16: Described {}
extension Int8: Described {}
extension UInt32: Described {}
extension UInt16: Described {}
extension UInt8: Described {}

extension Double: Described {
    /// A finite number.
    public static func schema(_ book: Book) -> Schema { .number(nil) }
    /// One and a half.
    public static var example: Double { 1.5 }
}

extension String: Described {
    /// Text of any length.
    public static func schema(_ book: Book) -> Schema { .string(nil, length: nil) }
    /// `text`.
    public static var example: String { "text" }
}

extension Array: Described where Element: Decodable {
    /// A list of any length.
    public static func schema(_ book: Book) throws -> Schema { .list(try book.schema(Element.self), count: nil) }
    /// The empty list.
    public static var example: [Element] { [] }
}

extension Optional: Described where Wrapped: Decodable {
    /// The same as without the question mark; that it may be null is the field's business.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Wrapped.self) }
    /// Nil.
    public static var example: Wrapped? { nil }
}

extension Change: Described {
    /// The schema of the value.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Value.self) }
    /// Left alone.
    public static var example: Change { .keep }
}

extension Field: Described {
    /// The schema of the value.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Value.self) }
    /// Unset.
    public static var example: Field { Field() }
}

extension Secret: Described where Value: Described {
    /// The schema of the value.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Value.self) }
    /// The example of the value.
    public static var example: Secret { Secret(Value.example) }
}

/// Optional, Change and the wrappers around them: the key may be absent.
protocol Loose {
    static var nullable: Bool { get }
    static var required: Bool { get }
    static var isChange: Bool { get }
    static var blank: Any? { get }
}

extension Optional: Loose {
    static var nullable: Bool { true }
    static var required: Bool { false }
    static var isChange: Bool { false }
    static var blank: Any? { Self.none as Any }
}

extension Change: Loose {
    static var nullable: Bool { (Value.self as? any Loose.Type)?.nullable ?? false }
    static var required: Bool { false }
    static var isChange: Bool { true }
    static var blank: Any? { Self.keep }
}

extension Field: Loose {
    static var nullable: Bool { (Value.self as? any Loose.Type)?.nullable ?? false }
    static var required: Bool { (Value.self as? any Loose.Type)?.required ?? true }
    static var isChange: Bool { (Value.self as? any Loose.Type)?.isChange ?? false }
    static var blank: Any? { nil }
}

/// Types that decode, but that no field may have; each says what to use instead.
protocol Refused {
    static var reason: String { get }
}

extension Dictionary: Refused {
    static var reason: String { "is a dictionary, and keys must have names; use a list of objects" }
}
extension Set: Refused {
    static var reason: String { "is a set, and JSON has none; use a list" }
}
extension UInt: Refused { static var reason: String { "is an unsigned 64-bit number; use Int" } }
extension UInt64: Refused { static var reason: String { "is an unsigned 64-bit number; use Int64" } }
extension Float: Refused { static var reason: String { "is a Float, whose digits nobody expects; use Double" } }
