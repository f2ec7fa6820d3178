internal import Glibc
public import JSON
public import PostgreSQL

/// A moment, to the microsecond, as PostgreSQL's `timestamptz` keeps it: from the year 1 to the year 9999, without leap
/// seconds.
public struct Instant: Hashable, Comparable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    private static let perDay: Int64 = 86_400_000_000
    private static let earliest = -719_162 * perDay
    private static let latest = 2_932_897 * perDay - 1

    /// A moment; what lies before the year 1 or after the year 9999 becomes the nearest one that does not.
    public init(microseconds: Int64) { self.microseconds = min(max(microseconds, Self.earliest), Self.latest) }

    /// The moment by the machine's clock.
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// By time.
    public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

    /// So much later; parts of a microsecond are dropped.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        let (whole, tooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (moved, overflow) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let (sum, beyond) = instant.microseconds.addingReportingOverflow(moved)
        return Instant(microseconds: tooMuch || overflow || beyond ? (seconds < 0 ? .min : .max) : sum)
    }

    /// So much earlier.
    public static func - (instant: Instant, duration: Duration) -> Instant { instant + (.zero - duration) }

    /// How much later than another.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }

    /// The day it falls on in UTC.
    public var day: Day { Day(number: Int((microseconds - timeOfDay) / Self.perDay)) }

    /// Microseconds since midnight in UTC.
    var timeOfDay: Int64 {
        let rest = microseconds % Self.perDay
        return rest < 0 ? rest + Self.perDay : rest
    }
}

extension Instant: LosslessStringConvertible {
    /// Reads RFC 3339, with `Z` or an offset.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Instant(utf8: $0) }) else { return nil }
        self = value
    }

    /// Reads RFC 3339: `2026-01-31T09:00:00Z`, `2026-01-31t10:00:00.25+01:00`.
    ///
    /// Digits after the sixth of a fraction are dropped; a 60th second is refused.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) { self.init(bytes, sql: false) }

    private init?(_ bytes: UnsafeBufferPointer<UInt8>, sql: Bool) {
        var scan = Scanner(bytes)
        guard let day = scan.day(), sql ? scan.take(" ") : scan.take("T", or: "t"),
            let hour = scan.digits(2), hour < 24, scan.take(":"),
            let minute = scan.digits(2), minute < 60, scan.take(":"),
            let second = scan.digits(2), second < 60
        else { return nil }
        var fraction: Int64 = 0
        if scan.take(".") {
            guard let first = scan.digit() else { return nil }
            fraction = Int64(first) * 100_000
            var scale: Int64 = 10_000
            while let digit = scan.digit() {
                fraction += Int64(digit) * scale
                scale /= 10
            }
        }
        var offset = 0
        if sql || !scan.take("Z", or: "z") {
            let west = scan.take("-")
            guard west || scan.take("+"), let hours = scan.digits(2), hours < 24 else { return nil }
            var minutes = 0
            // PostgreSQL writes +00 and, for some zones, +05:30; RFC 3339 always wants the minutes.
            if !(sql && scan.atEnd) {
                guard scan.take(":"), let given = scan.digits(2), given < 60 else { return nil }
                minutes = given
            }
            offset = (hours * 60 + minutes) * (west ? -60 : 60)
        }
        guard scan.atEnd else { return nil }
        let seconds = Int64(hour * 3600 + minute * 60 + second - offset)
        let total = Int64(day.number) * Self.perDay + seconds * 1_000_000 + fraction
        guard (Self.earliest...Self.latest).contains(total) else { return nil }
        microseconds = total
    }

    /// RFC 3339 in UTC, with as many decimals as it has: `2026-01-31T09:00:00.25Z`.
    public var description: String {
        let out = JSONWriter(capacity: 64)
        out.instant(self)
        return String(out.text.dropFirst().dropLast())
    }
}

extension Instant: Described, Codable {
    /// Text in the format `date-time`.
    public static func schema(_ book: Book) -> Schema { .string(.instant, length: nil) }
    /// 2026-01-01T09:00:00Z.
    public static var example: Instant { Instant(microseconds: 1_767_258_000_000_000) }

    /// Decodes RFC 3339.
    public init(from decoder: any Decoder) throws {
        if let utf8 = decoder.tree?.value?.utf8, let instant = Instant(utf8: utf8) {
            self = instant
            return
        }
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Instant(text) else {
            throw DescriptionError("\"\(text)\" is no time such as 2026-01-31T09:00:00Z")
        }
        self = value
    }

    /// Encodes RFC 3339.
    public func encode(to encoder: any Encoder) throws {
        if let direct = encoder.direct { return direct.out.instant(self) }
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Instant: SQLValue {
    /// Reads PostgreSQL's `timestamptz`; nil for infinity, and for years before 1 or after 9999.
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) { self.init(bytes, sql: true) }

    /// Writes PostgreSQL's `timestamptz`.
    public func append(sql bytes: inout [UInt8]) { bytes.append(contentsOf: description.utf8) }
}

extension JSONWriter {
    /// Writes `"2026-01-31T09:00:00.25Z"`, with as many decimals as there are: the text that ``Rows`` writes too.
    public func instant(_ instant: Instant) {
        byte(UInt8(ascii: "\""))
        date(instant.day)
        let time = UInt64(instant.timeOfDay)
        let seconds = time / 1_000_000
        byte(UInt8(ascii: "T"))
        digits(seconds / 3600, width: 2)
        byte(UInt8(ascii: ":"))
        digits(seconds / 60 % 60, width: 2)
        byte(UInt8(ascii: ":"))
        digits(seconds % 60, width: 2)
        var fraction = time % 1_000_000
        if fraction != 0 {
            var width = 6
            while fraction % 10 == 0 {
                fraction /= 10
                width -= 1
            }
            byte(UInt8(ascii: "."))
            digits(fraction, width: width)
        }
        byte(UInt8(ascii: "Z"))
        byte(UInt8(ascii: "\""))
    }
}
