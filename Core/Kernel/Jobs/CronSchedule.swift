internal import Lyceum

/// The five fields of a schedule, read: which minutes of a calendar without a zone fit them.
@_spi(Jobs) public struct CronSchedule: Sendable, Equatable {
    /// Why an expression is no schedule, in a sentence.
    public struct Mistake: Error, Equatable, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    let minutes: CronField
    let hours: CronField
    let days: CronField
    let months: CronField
    let weekdays: CronField

    /// Reads an expression.
    public init(_ expression: String) throws(Mistake) {
        let fields = expression.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard fields.count == 5 else {
            throw Mistake(
                description: """
                    a schedule has five fields (minute, hour, day of the month, month, day of the week), such as "0 2 * * *"; \
                    "\(expression)" has \(fields.count)
                    """)
        }
        minutes = try CronField(fields[0], "minute", 0...59)
        hours = try CronField(fields[1], "hour", 0...23)
        days = try CronField(fields[2], "day of the month", 1...31)
        months = try CronField(fields[3], "month", 1...12, names: CronField.months)
        weekdays = try CronField(fields[4], "day of the week", 0...7, names: CronField.weekdays, wraps: true)
        // Any eight years hold a 29 February but for 1896-1904 and the like; none hold a 31 April.
        guard next(after: CivilTime(Day(number: 0), minuteOfDay: 0)) != nil else {
            throw Mistake(
                description: "\"\(expression)\" never comes: no month among those given has such a day of the month")
        }
    }

    /// The first time that fits after another.
    ///
    /// Nil when none comes within nine years.
    public func next(after time: CivilTime) -> CivilTime? {
        search(from: time.adding(minutes: 1), by: 1)
    }

    /// The last time that fits, up to and including another; nil when none was within nine years.
    public func last(until time: CivilTime) -> CivilTime? {
        search(from: time, by: -1)
    }

    /// Times around another, ascending: all within three hours of it, and at least two before (or at) it and two after it.
    ///
    /// Clocks are put forward and back by less than three hours, but for an island that crosses the date line.
    func around(_ time: CivilTime) -> [CivilTime] {
        var before: [CivilTime] = []
        var at = last(until: time)
        while let found = at, before.count < 2 || found > time.adding(minutes: -180) {
            before.append(found)
            at = last(until: found.adding(minutes: -1))
        }
        var after: [CivilTime] = []
        at = next(after: time)
        while let found = at, after.count < 2 || found < time.adding(minutes: 180) {
            after.append(found)
            at = next(after: found)
        }
        return before.reversed() + after
    }

    private func search(from start: CivilTime, by step: Int) -> CivilTime? {
        var day = start.day
        var minute: Int? = start.minuteOfDay
        for _ in 0..<(9 * 366) {
            if fits(day), let found = self.minute(from: minute ?? (step > 0 ? 0 : 1439), by: step) {
                return CivilTime(day, minuteOfDay: found)
            }
            day = day.adding(days: step)
            minute = nil
        }
        return nil
    }

    private func fits(_ day: Day) -> Bool {
        let parts = day.parts
        guard months.contains(parts.month) else { return false }
        let fitsDay = days.contains(parts.day)
        let fitsWeekday = weekdays.contains(day.weekday % 7)
        // The rule of every cron: two restricted days are alternatives.
        return days.isAll || weekdays.isAll ? fitsDay && fitsWeekday : fitsDay || fitsWeekday
    }

    private func minute(from start: Int, by step: Int) -> Int? {
        var hour = start / 60
        var minute = start % 60
        while (0..<24).contains(hour) {
            if hours.contains(hour) {
                while (0..<60).contains(minute) {
                    if minutes.contains(minute) { return hour * 60 + minute }
                    minute += step
                }
            }
            hour += step
            minute = step > 0 ? 0 : 59
        }
        return nil
    }
}
