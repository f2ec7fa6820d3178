@_spi(Jobs) import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("A schedule's five fields")
struct CronTests {
    private func times(_ expression: String, after: String, count: Int = 3) throws -> [String] {
        let cron = try CronSchedule(expression)
        var time = try #require(CivilTime(after))
        return try (0..<count).map { _ in
            time = try #require(cron.next(after: time))
            return "\(time)"
        }
    }

    @Test(
        "the next times of",
        arguments: [
            ("0 2 * * *", "2026-01-01 02:00", "2026-01-02 02:00, 2026-01-03 02:00, 2026-01-04 02:00"),
            ("*/20 * * * *", "2026-01-01 23:30", "2026-01-01 23:40, 2026-01-02 00:00, 2026-01-02 00:20"),
            ("5-10/5,30 8 * * *", "2026-01-01 00:00", "2026-01-01 08:05, 2026-01-01 08:10, 2026-01-01 08:30"),
            ("40/10 0 * * *", "2026-01-01 00:00", "2026-01-01 00:40, 2026-01-01 00:50, 2026-01-02 00:40"),
            ("0 0 31 * *", "2026-01-31 00:00", "2026-03-31 00:00, 2026-05-31 00:00, 2026-07-31 00:00"),
            ("0 0 29 2 *", "2024-02-29 00:00", "2028-02-29 00:00, 2032-02-29 00:00, 2036-02-29 00:00"),
            ("0 0 29 feb *", "2096-02-29 00:00", "2104-02-29 00:00, 2108-02-29 00:00, 2112-02-29 00:00"),
            ("0 9 * * MON-fri", "2026-01-02 09:00", "2026-01-05 09:00, 2026-01-06 09:00, 2026-01-07 09:00"),
            ("0 9 * * 0", "2026-01-01 00:00", "2026-01-04 09:00, 2026-01-11 09:00, 2026-01-18 09:00"),
            ("0 9 * * 7", "2026-01-01 00:00", "2026-01-04 09:00, 2026-01-11 09:00, 2026-01-18 09:00"),
            ("0 9 * * 6-7", "2026-01-01 00:00", "2026-01-03 09:00, 2026-01-04 09:00, 2026-01-10 09:00"),
            ("0 0 13 * fri", "2026-01-30 12:00", "2026-02-06 00:00, 2026-02-13 00:00, 2026-02-20 00:00"),
            ("59 23 31 dec *", "2026-12-31 23:58", "2026-12-31 23:59, 2027-12-31 23:59, 2028-12-31 23:59"),
        ])
    func next(expression: String, after: String, expected: String) throws {
        #expect(try times(expression, after: after).joined(separator: ", ") == expected)
    }

    @Test("looking back finds the same times as looking forward")
    func back() throws {
        for expression in ["*/7 3-5 * * *", "0 0 31 * *", "30 12 1-7 * tue", "0 0 29 2 *"] {
            let cron = try CronSchedule(expression)
            var time = try #require(CivilTime("2026-01-01 00:00"))
            for _ in 0..<40 {
                let next = try #require(cron.next(after: time))
                #expect(cron.last(until: next) == next)
                if let before = cron.last(until: next.adding(minutes: -1)), before > time { Issue.record("\(before)") }
                time = next
            }
        }
    }

    @Test(
        "what is no schedule is refused with a sentence",
        arguments: [
            (
                "0 2 * *",
                """
                a schedule has five fields (minute, hour, day of the month, month, day of the week), such as "0 2 * * *"; \
                "0 2 * *" has 4
                """
            ),
            ("61 * * * *", "the minute \"61\" of a schedule cannot be read: it takes 0 to 59, not \"61\""),
            ("* 24 * * *", "the hour \"24\" of a schedule cannot be read: it takes 0 to 23, not \"24\""),
            ("* * 0 * *", "the day of the month \"0\" of a schedule cannot be read: it takes 1 to 31, not \"0\""),
            (
                "* * * foo *",
                "the month \"foo\" of a schedule cannot be read: it takes 1 to 12 or jan to dec, not \"foo\""
            ),
            (
                "* * * * mo",
                "the day of the week \"mo\" of a schedule cannot be read: it takes 0 to 7 or sun to sat, not \"mo\""
            ),
            ("1,,2 * * * *", "the minute \"1,,2\" of a schedule cannot be read: it takes 0 to 59, not \"\""),
            (
                "*/0 * * * *",
                "the minute \"*/0\" of a schedule cannot be read: the step after / must be a number from 1"
            ),
            (
                "9-5 * * * *",
                "the minute \"9-5\" of a schedule cannot be read: the range 9-5 goes backwards; write two ranges with a comma"
            ),
            (
                "0 0 31 feb,apr *",
                "\"0 0 31 feb,apr *\" never comes: no month among those given has such a day of the month"
            ),
        ])
    func refused(expression: String, sentence: String) {
        #expect(throws: CronSchedule.Mistake.self) { try CronSchedule(expression) }
        do { _ = try CronSchedule(expression) } catch { #expect(error.description == sentence) }
    }
}
