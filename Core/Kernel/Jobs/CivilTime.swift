public import Lyceum

/// A minute as a clock on the wall shows it, in no zone.
@_spi(Jobs) public struct CivilTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The day.
    public let day: Day
    /// From 0 to 1439.
    public let minuteOfDay: Int

    /// A minute of a day.
    public init(_ day: Day, minuteOfDay: Int) { (self.day, self.minuteOfDay) = (day, minuteOfDay) }

    /// Reads `2026-03-29 02:30`, and what PostgreSQL writes: `2026-03-29 02:30:59.25`, whose seconds are dropped.
    public init?(_ text: String) {
        let halves = text.split(separator: " ")
        guard halves.count == 2, let day = Day(String(halves[0])) else { return nil }
        let clock = halves[1].split(separator: ":")
        guard clock.count >= 2, let hour = Int(clock[0]), let minute = Int(clock[1]), (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        self.init(day, minuteOfDay: hour * 60 + minute)
    }

    /// So many minutes later, or earlier.
    public func adding(minutes: Int) -> CivilTime {
        let sum = minuteOfDay + minutes
        let days = sum >= 0 ? sum / 1440 : -((1439 - sum) / 1440)
        return CivilTime(day.adding(days: days), minuteOfDay: sum - days * 1440)
    }

    /// By what the clock shows.
    public static func < (a: CivilTime, b: CivilTime) -> Bool { (a.day, a.minuteOfDay) < (b.day, b.minuteOfDay) }

    /// `2026-03-29 02:30`, as PostgreSQL reads it.
    public var description: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day) \(two(minuteOfDay / 60)):\(two(minuteOfDay % 60))"
    }
}
