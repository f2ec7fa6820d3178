/// How patient those are who run jobs; the defaults are the platform's, and tests are less patient.
@_spi(Jobs) public struct JobSettings: Sendable {
    /// Threads for jobs in each region.
    public var threads = 2
    /// How long a lease holds that nobody extends.
    public var lease = Duration.seconds(30)
    /// How often leases are extended, progress is written, and cancellations are looked for.
    public var beat = Duration.seconds(1)
    /// How long one looks away when there is nothing to do.
    public var pause = Duration.milliseconds(250)
    /// How often lapsed leases are looked for.
    public var patrol = Duration.seconds(2)
    /// How long what runs may go on once the process is told to end.
    public var drain = Duration.seconds(30)
    /// How long it may then take to notice that it was cancelled.
    public var grace = Duration.seconds(3)
    /// Days for which runs are kept that are over.
    public var days = 30
    /// Days for which it is kept what operators did to listeners and runs.
    public var interventionDays = 90
    /// Seconds until the second attempt.
    public var base = 1.0
    /// For tests that show that the tests notice: whoever had a run once may write to it for ever.
    public var isFenced = true

    /// The platform's.
    public init() {}
}
