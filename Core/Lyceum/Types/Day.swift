public import JSON
public import PostgreSQL

/// A calendar day without a zone, from 0001-01-01 to 9999-12-31 of the Gregorian calendar.
public struct Day: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public let number: Int

    /// The first day, 0001-01-01.
    public static let first = Day(number: -719_162)
    /// The last day, 9999-12-31.
    public static let last = Day(number: 2_932_896)

    /// The day that many days after 1970-01-01; what lies beyond ``first`` and ``last`` becomes the nearer of them.
    public init(number: Int) { self.number = min(max(number, -719_162), 2_932_896) }

    /// A day of the calendar; nil where there is none, such as 30 February.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Howard Hinnant's days_from_civil: years begin in March, eras have 400 of them.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        guard parts.day == day else { return nil }
    }

    /// Year, month and day of the month, both counted from 1.
    public var parts: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468  // days since 0000-03-01
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day of the week as ISO 8601 counts it: 1 is Monday, 7 is Sunday.
    public var weekday: Int { ((number + 3) % 7 + 7) % 7 + 1 }

    /// That many days later, or earlier for a negative number.
    public func adding(days: Int) -> Day {
        let (sum, overflow) = number.addingReportingOverflow(days)
        return Day(number: overflow ? (days < 0 ? .min : .max) : sum)
    }

    /// How many days later than another.
    public func days(since other: Day) -> Int { number - other.number }

    /// By time.
    public static func < (a: Day, b: Day) -> Bool { a.number < b.number }
}

extension Day: LosslessStringConvertible {
    /// Reads `2026-01-31`.
    public init?(_ text: String) {
        var text = text
        guard let day = text.withUTF8({ Day(utf8: $0) }) else { return nil }
        self = day
    }

    /// Reads `2026-01-31`, and nothing else.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        var scan = Scanner(bytes)
        guard let day = scan.day(), scan.atEnd else { return nil }
        self = day
    }

    /// `2026-01-31`.
    public var description: String {
        let out = JSONWriter(capacity: 64)
        out.day(self)
        return String(out.text.dropFirst().dropLast())
    }
}

extension Day: Described, Codable {
    /// Text in the format `date`.
    public static func schema(_ book: Book) -> Schema { .string(.date, length: nil) }
    /// 2026-01-31.
    public static var example: Day { Day(number: 20_484) }

    /// Decodes `2026-01-31`.
    public init(from decoder: any Decoder) throws {
        if let utf8 = decoder.tree?.value?.utf8, let day = Day(utf8: utf8) {
            self = day
            return
        }
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let day = Day(text) else { throw DescriptionError("\"\(text)\" is no date such as 2026-01-31") }
        self = day
    }

    /// Encodes `2026-01-31`.
    public func encode(to encoder: any Encoder) throws {
        if let direct = encoder.direct { return direct.out.day(self) }
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Day: SQLValue {
    /// Reads PostgreSQL's `date`; nil for infinity, and for years before 1 or after 9999.
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) { self.init(utf8: bytes) }

    /// Writes PostgreSQL's `date`.
    public func append(sql bytes: inout [UInt8]) { bytes.append(contentsOf: description.utf8) }
}

extension JSONWriter {
    /// Writes `"2026-01-31"`.
    public func day(_ day: Day) {
        byte(UInt8(ascii: "\""))
        date(day)
        byte(UInt8(ascii: "\""))
    }

    /// Writes `2026-01-31` without quotes.
    func date(_ day: Day) {
        let (year, month, day) = day.parts
        digits(UInt64(year), width: 4)
        byte(UInt8(ascii: "-"))
        digits(UInt64(month), width: 2)
        byte(UInt8(ascii: "-"))
        digits(UInt64(day), width: 2)
    }
}
