internal import FastCGI
internal import Glibc
internal import Lyceum

/// Runs the jobs of all regions in this process, beside the delivery of events.
///
/// Several processes may do so at once, on one host or many: a run is claimed by one of them, and each time of a schedule is
/// queued once.
public struct JobProcess: Sendable {
    private struct Region: Sendable {
        let keeper: JobKeeper
        let thread: JobThread
        let count: Int
    }
    private let regions: [Region]

    /// Prepares to run jobs.
    ///
    /// - Parameters:
    ///   - installation: whose jobs.
    ///   - published: is told when jobs have committed events, with the place of the region.
    /// - Throws: a sentence that names a job whose payload cannot be described.
    public init(_ installation: Installation, published: @escaping @Sendable (Int) -> Void = { _ in }) throws {
        var settings = JobSettings()
        let limits = installation.generation.limits
        settings.threads = limits.jobs
        settings.days = limits.jobDays
        settings.interventionDays = max(limits.eventDays, limits.jobDays)
        settings.drain = .seconds(limits.drainSeconds)
        try self.init(installation, settings, published: published)
    }

    /// The same with a patience of one's own.
    @_spi(Jobs) public init(
        _ installation: Installation, _ settings: JobSettings, published: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        regions = try installation.plans.indices.map { index in
            let (plan, service) = (installation.plans[index], installation.services[index])
            let jobs = try DeclaredJob.all(plan)
            var limits = installation.generation.limits
            // Connections of their own, so that no job waits for events: one each, and one for the keeper.
            limits.connections = settings.threads + 1
            // The run's time-out ends a statement; this ends what a dead process left behind.
            let longest = jobs.map(\.timeOut).max() ?? .zero
            limits.statementMilliseconds = max(limits.statementMilliseconds, Int(longest.inSeconds * 1_000))
            let runtime = try Installation.runtime(
                plan, limits, service.runtime.world, installation.work, installation.log, installation.counters[index],
                files: installation.generation.files, published: { _ in published(index) })
            let keeper = try JobKeeper(
                jobs, runtime, settings, holder: ProcessToken.own.text, log: installation.log)
            return Region(
                keeper: keeper,
                thread: JobThread(
                    keeper: keeper, runtime: runtime, settings: settings, work: installation.work, log: installation.log
                ),
                count: jobs.isEmpty ? 0 : settings.threads)
        }
    }

    /// Jobs at work, to be ended by ``JobsAtWork/drain()`` and ``JobsAtWork/wait()``.
    ///
    /// - Throws: when there is no thread left; the process should end then.
    public func start() throws -> JobsAtWork { try start(nil) }

    func start(_ watchdog: Watchdog?) throws -> JobsAtWork {
        var keepers: [UInt] = []
        for region in regions {
            let (keeper, thread) = (region.keeper, region.thread)
            keepers.append(try Thread.start { ThreadRunner.run { keeper.run() } }.get())
            for _ in 0..<region.count {
                // Nobody waits for it: a job that does not end must not hold up the process.
                pthread_detach(try Thread.start { ThreadRunner.run { await thread.run(watchdog?.watch()) } }.get())
            }
        }
        return JobsAtWork(keepers: regions.map(\.keeper), threads: keepers)
    }
}

/// Jobs that run in this process.
public struct JobsAtWork: Sendable {
    let keepers: [JobKeeper]
    let threads: [UInt]

    /// Claims nothing more from now on; what runs may go on for as long as a process may drain.
    public func drain() { for keeper in keepers { keeper.drain() } }

    /// Returns when everything has ended, or was cancelled and given back because it took too long; to be called once.
    public func wait() { for thread in threads { pthread_join(thread, nil) } }
}
