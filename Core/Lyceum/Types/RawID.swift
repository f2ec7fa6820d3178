public import JSON
public import PostgreSQL
internal import Synchronization

/// Sixteen bytes that name one thing: a UUID (RFC 9562), made in version 7, so that later ids sort after earlier ones.
///
/// Ids of things are typed (``Identifier``); this is what is inside.
public struct RawID: Hashable, Comparable, Sendable {
    /// The first eight bytes, most significant first.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// An id of 128 given bits.
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// In the order of their bytes, which is PostgreSQL's order too.
    public static func < (a: RawID, b: RawID) -> Bool { a.high == b.high ? a.low < b.low : a.high < b.high }

    /// The moment in a version 7 id, to the millisecond; nil for other versions.
    public var instant: Instant? {
        guard high >> 12 & 15 == 7 else { return nil }
        return Instant(microseconds: Int64(high >> 16) * 1000)
    }

    /// A new id, later than every one that this process made before.
    public static func make() -> RawID { IDGenerator.shared.next() }
}

extension RawID {
    /// Reads the 36 characters of RFC 9562, section 4; capital letters are accepted, braces and `urn:` are not.
    public init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for at in 0..<36 {
            if at == 8 || at == 13 || at == 18 || at == 23 {
                guard text[at] == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Pairs.hex(text[at]) else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
            digits += 1
        }
        self.init(high: words.0, low: words.1)
    }

    /// Writes the 36 characters, in small letters, to memory that has room for them.
    func write(to out: UnsafeMutablePointer<UInt8>) {
        var at = 0
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                out[at] = UInt8(ascii: "-")
                at += 1
            }
            let word = nibble < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - (nibble & 15) * 4)) & 15
            out[at] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
            at += 1
        }
    }
}

extension RawID: LosslessStringConvertible {
    /// Reads the 36 characters; nil for anything else.
    public init?(_ text: String) {
        var text = text
        guard let id = text.withUTF8({ RawID(utf8: $0) }) else { return nil }
        self = id
    }

    /// The 36 characters, in small letters.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            write(to: start)
            return 36
        }
    }
}

extension RawID: SQLValue {
    /// Reads PostgreSQL's `uuid`.
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) { self.init(utf8: bytes) }

    /// Writes PostgreSQL's `uuid`.
    public func append(sql bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { buffer in
            guard let start = buffer.baseAddress else { return }
            write(to: start)
            bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: 36))
        }
    }
}

extension RawID: Described, Codable {
    /// Text in the format `uuid`.
    public static func schema(_ book: Book) -> Schema { .string(.uuid, length: nil) }
    /// An id of version 7.
    public static var example: RawID { RawID(high: 0x0198_0c2e_7d4a_7c3e, low: 0x9a51_6f0b_8a2d_4c11) }

    /// Decodes the 36 characters.
    public init(from decoder: any Decoder) throws {
        if let utf8 = decoder.tree?.value?.utf8, let id = RawID(utf8: utf8) {
            self = id
            return
        }
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = RawID(text) else { throw DescriptionError("\"\(text)\" is no id (RFC 9562)") }
        self = id
    }

    /// Encodes the 36 characters.
    public func encode(to encoder: any Encoder) throws {
        if let direct = encoder.direct { return direct.out.id(self) }
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension JSONWriter {
    /// Writes an id in quotes.
    public func id(_ id: RawID) {
        byte(UInt8(ascii: "\""))
        append(upTo: 36) { to in
            id.write(to: to)
            return 36
        }
        byte(UInt8(ascii: "\""))
    }
}

/// Makes ids of version 7 that grow: within a millisecond, and while the clock stands still or runs backwards, the 74
/// random bits of the last id are counted up by a random step (RFC 9562, section 6.2, method 2).
public final class IDGenerator: Sendable {
    private struct Last {
        var milliseconds: UInt64 = 0
        /// 12 bits beside the version and 62 beside the variant.
        var high: UInt64 = 0
        var low: UInt64 = 0
    }
    private let last = Mutex(Last())
    private let now: @Sendable () -> Instant
    private let random: @Sendable () -> UInt64

    /// The process's own: real clock, the kernel's randomness.
    public static let shared = IDGenerator(now: { Instant.now }, random: { UInt64.random(in: 0...UInt64.max) })

    /// A generator of one's own, for tests that decide time and chance.
    public init(now: @escaping @Sendable () -> Instant, random: @escaping @Sendable () -> UInt64) {
        (self.now, self.random) = (now, random)
    }

    /// A new id, greater than every one before it.
    public func next() -> RawID {
        let clock = UInt64(clamping: now().microseconds / 1000) & 0xFFFF_FFFF_FFFF
        let (a, b) = (random(), random())
        return last.withLock { last in
            if clock > last.milliseconds {
                // The highest bit is left free, so that counting up does not soon overflow.
                last = Last(milliseconds: clock, high: a & 0x7FF, low: b >> 2)
            } else {
                last.low += 1 + (a & 0xFFFF_FFFF)
                if last.low >> 62 != 0 {
                    last.low &= (1 << 62) - 1
                    last.high += 1
                }
                if last.high >> 12 != 0 { last = Last(milliseconds: last.milliseconds + 1, high: 0, low: last.low) }
            }
            return RawID(high: last.milliseconds << 16 | 0x7000 | last.high, low: 1 << 63 | last.low)
        }
    }
}
