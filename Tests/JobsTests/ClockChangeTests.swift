@_spi(Jobs) import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("A schedule where clocks are changed")
struct ClockChangeTests {
    /// All moments of a schedule between two, as a keeper finds them: the next one, then the next after it.
    private func moments(_ expression: String, _ zone: String, from: String, until: String) throws -> [String] {
        let cluster = try TestCluster.shared()
        let connection = try Connection(cluster.conninfo(database: "postgres"))
        let occasions = try Occasions("test.job", expression, zone: zone)
        var now = try #require(Instant(from))
        let end = try #require(Instant(until))
        var found: [String] = []
        while let next = try occasions.around(now, connection).next, next <= end {
            #expect(try occasions.around(next, connection).last == next)
            if next > now + .seconds(60) {
                // Just before it, the one before is the last; nothing is hidden between them.
                #expect(try occasions.around(next - .seconds(1), connection).next == next)
            }
            found.append("\(next)".replacing(":00Z", with: "Z"))
            now = next
        }
        return found
    }

    @Test(
        "each time on the wall runs once: one that is skipped as much later, one that is doubled the second time round",
        arguments: [
            // Berlin goes from 02:00 to 03:00 at 01:00 UTC, and back from 03:00 to 02:00 at 01:00 UTC.
            ("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", ["28T01:30Z", "29T01:30Z", "30T00:30Z"]),
            ("0 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", ["28T01:00Z", "29T01:00Z", "30T00:00Z"]),
            ("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", ["24T00:30Z", "25T01:30Z", "26T01:30Z"]),
            (
                "0 1-4 * * *", "Europe/Berlin", "2026-03-28T22:00:00Z",
                ["29T00:00Z", "29T01:00Z", "29T02:00Z", "29T23:00Z"]
            ),
            (
                "*/30 2,3 * * *", "Europe/Berlin", "2026-03-28T22:00:00Z",
                ["29T01:00Z", "29T01:30Z", "30T00:00Z", "30T00:30Z", "30T01:00Z", "30T01:30Z"]
            ),
            // New York goes from 02:00 to 03:00 at 07:00 UTC, and back from 02:00 to 01:00 at 06:00 UTC.
            ("30 2 * * *", "America/New_York", "2026-03-07T06:00:00Z", ["07T07:30Z", "08T07:30Z", "09T06:30Z"]),
            ("30 1 * * *", "America/New_York", "2026-10-31T05:00:00Z", ["31T05:30Z", "01T06:30Z", "02T06:30Z"]),
            (
                "15 * * * *", "America/New_York", "2026-11-01T04:00:00Z",
                ["01T04:15Z", "01T06:15Z", "01T07:15Z", "01T08:15Z"]
            ),
        ])
    func changes(expression: String, zone: String, from: String, expected: [String]) throws {
        let month = from.prefix(8)
        let start = try #require(Instant(from))
        let days = expected.count > 4 || expression.contains("*/") ? 2 : 3
        let found = try moments(expression, zone, from: from, until: "\(start + .seconds(86_400 * days))")
        #expect(found.prefix(expected.count).map { String($0.dropFirst(8)) } == expected, "\(month)")
    }

    @Test("a year of a nightly job has 365 runs in every zone, an hourly one loses the doubled hour and no other")
    func year() throws {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"] {
            let nightly = try moments(
                "30 2 * * *", zone, from: "2026-01-01T14:00:00Z", until: "2027-01-01T14:00:00Z")
            #expect(nightly.count == 365, "\(zone)")
            #expect(Set(nightly).count == 365, "\(zone)")
        }
        let hourly = try moments(
            "0 * * * *", "Europe/Berlin", from: "2026-10-24T00:00:00Z", until: "2026-10-26T00:00:00Z")
        #expect(hourly.count == 47)
    }
}
