/// When a job runs by itself: five fields as cron has them, and the zone in which they are read.
///
///     Schedule("0 2 * * *")                                  every night at two, by the region's own time
///     Schedule("*/15 8-18 * * mon-fri", zone: .zone("Europe/Berlin"))
///
/// The fields are minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or jan-dec) and day of the week (0-7 or
/// sun-sat; 0 and 7 are Sunday). Each is `*`, a number, a range `a-b`, a step `*/n` or `a-b/n`, or several of these with commas.
/// Where both days are restricted, a day that fits one of them is enough, as in every cron.
///
/// A time in an hour that is skipped when clocks are put forward comes as much later, once. A time in an hour that comes
/// twice when they are put back comes once, the second time round.
public struct Schedule: Sendable, Equatable, ExpressibleByStringLiteral {
    /// Whose clock a schedule is read by.
    public enum Zone: Sendable, Equatable {
        /// The region's.
        case region
        /// That of an IANA zone, such as `Europe/Berlin`.
        case zone(String)
    }

    /// The five fields.
    public let expression: String
    /// Whose clock they are read by.
    public let zone: Zone

    /// Makes a schedule; both parts are checked when the region is resolved.
    public init(_ expression: String, zone: Zone = .region) { (self.expression, self.zone) = (expression, zone) }

    /// A schedule by the region's clock.
    public init(stringLiteral expression: String) { self.init(expression) }

    /// The zone's name in a region.
    package func zoneName(in region: String) -> String {
        switch zone {
        case .region: region
        case .zone(let name): name
        }
    }

    /// `0 2 * * *`, or `0 2 * * * Europe/Berlin`.
    package var summary: String {
        switch zone {
        case .region: expression
        case .zone(let name): "\(expression) \(name)"
        }
    }
}
