public import Lyceum
public import PostgreSQL

/// The times of one schedule in one region.
///
/// ``CronSchedule`` knows times on the wall only; PostgreSQL, which has the rules of all zones, turns them into moments. Of a
/// time that comes twice it takes the second; a time that is skipped becomes as much later as clocks are put forward.
@_spi(Jobs) public struct Occasions: Sendable {
    let job: String
    let expression: String
    let zone: String
    private let cron: CronSchedule

    init(_ job: String, _ schedule: Schedule, _ plan: RegionPlan) throws {
        try self.init(job, schedule.expression, zone: schedule.zoneName(in: plan.entry.timeZone))
    }

    /// The times of a schedule in a zone.
    public init(_ job: String, _ expression: String, zone: String) throws {
        (self.job, self.expression, self.zone) = (job, expression, zone)
        cron = try CronSchedule(expression)
    }

    /// The last moment of the schedule up to `now`, and the next one after it.
    public func around(_ now: Instant, _ connection: Connection) throws -> (last: Instant?, next: Instant?) {
        let wall: String = try connection.query("select (\(now)::timestamptz at time zone \(zone))::text").row(0).only()
        guard let time = CivilTime(wall) else { return (nil, nil) }
        let times = cron.around(time).map(\.description)
        var row = try connection.query(
            """
            select max(one.at) filter (where one.at <= \(now)), min(one.at) filter (where one.at > \(now))
            from (select time::timestamp at time zone \(zone) as at from unnest(\(times)::text[]) as time) as one
            """
        ).row(0)
        return (try row.next(), try row.next())
    }
}
