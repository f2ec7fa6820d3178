/// A value that PostgreSQL understands: bound where a statement interpolates it, decoded from a column.
///
/// Both directions use PostgreSQL's text format as the session has it: time zone UTC, dates ISO, bytea as hex, UTF-8.
/// `append` writes no quotes and no zero byte; the bytes travel beside the statement, never in its text. NULL is `Optional`'s
/// business: neither function sees it. `init(sql:)` returns nil for bytes that are no such value, and must not keep the pointer.
public protocol SQLValue: Sendable {
    /// Decodes a value from the text PostgreSQL sent; nil when that is no such value.
    init?(sql bytes: UnsafeBufferPointer<UInt8>)

    /// Appends the value as PostgreSQL reads it.
    func append(sql bytes: inout [UInt8])
}

extension String: SQLValue {
    /// The bytes as UTF-8, which the session's encoding guarantees.
    @inlinable
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) { self.init(decoding: bytes, as: UTF8.self) }

    /// The string's UTF-8.
    @inlinable
    public func append(sql bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

extension Bool: SQLValue {
    /// From `t` or `f`.
    @inlinable
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 1 else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "t"): self = true
        case UInt8(ascii: "f"): self = false
        default: return nil
        }
    }

    /// `t` or `f`.
    @inlinable
    public func append(sql bytes: inout [UInt8]) { bytes.append(self ? UInt8(ascii: "t") : UInt8(ascii: "f")) }
}

extension SQLValue where Self: RawRepresentable, RawValue: SQLValue {
    /// From the raw value; nil when there is no such case.
    @inlinable
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) {
        guard let raw = RawValue(sql: bytes) else { return nil }
        self.init(rawValue: raw)
    }

    /// The raw value.
    @inlinable
    public func append(sql bytes: inout [UInt8]) { rawValue.append(sql: &bytes) }
}
