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
    /// The decisions about the region that are in it: of two hosts whose schedules differ, the one that knows more of them is right.
    let revision: Int
    private let cron: CronSchedule

    init(_ job: String, _ schedule: Schedule, _ plan: RegionPlan) throws {
        try self.init(
            job, schedule.expression, zone: schedule.zoneName(in: plan.entry.timeZone),
            revision: plan.entry.revision)
    }

    /// The times of a schedule in a zone.
    public init(_ job: String, _ expression: String, zone: String, revision: Int = 0) throws {
        (self.job, self.expression, self.zone, self.revision) = (job, expression, zone, revision)
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

    /// The times around one, as texts; both by the clock of the zone.
    private func times(around wall: String) -> [String] {
        CivilTime(wall).map { cron.around($0).map(\.description) } ?? []
    }

    /// When each of several schedules comes next, in their order: two round trips, however many they are.
    static func next(_ all: [Occasions], after now: Instant, _ connection: Connection) throws -> [Instant?] {
        guard !all.isEmpty else { return [] }
        let walls = try connection.query(
            """
            select (\(now)::timestamptz at time zone zone)::text
            from unnest(\(all.map(\.zone))::text[]) with ordinality as given (zone, place) order by place
            """
        ).map { row in try row.next(as: String.self) }
        var (places, zones, times): ([Int], [String], [String]) = ([], [], [])
        for (place, wall) in walls.enumerated() {
            for time in all[place].times(around: wall) {
                places.append(place)
                zones.append(all[place].zone)
                times.append(time)
            }
        }
        var next = [Instant?](repeating: nil, count: all.count)
        let found = try connection.query(
            """
            select place, min(at) from (
                select place, time::timestamp at time zone zone as at
                from unnest(\(places)::bigint[], \(zones)::text[], \(times)::text[]) as given (place, zone, time)
            ) as one where at > \(now) group by place
            """)
        for var row in found { next[try row.next(as: Int.self)] = try row.next() }
        return next
    }
}
