internal import FastCGI
internal import Glibc
internal import Lyceum

/// Delivers the events of all regions, a thread for each, until SIGTERM or SIGINT.
///
/// One process delivers at a time: the supervisor stops the old one before it starts the new. Two at once would be slow, not
/// wrong, because each holds the cursors it moves.
public struct DeliveryProcess: Sendable {
    private let regions: [RegionDelivery]

    /// Prepares to deliver.
    ///
    /// - Throws: a sentence that names a listener whose payload cannot be described.
    public init(_ installation: Installation, schedule: RetrySchedule = RetrySchedule()) throws {
        try self.init(installation, schedule: schedule, mutant: .none)
    }

    /// Delivers in a wrong order of work, to show that the tests of delivery notice.
    @_spi(Mutants) public static func cursorFirst(_ installation: Installation, schedule: RetrySchedule) throws -> Self
    {
        try Self(installation, schedule: schedule, mutant: .cursorFirst)
    }

    private init(_ installation: Installation, schedule: RetrySchedule, mutant: ListenerDelivery.Mutant) throws {
        regions = try zip(installation.plans, installation.services).map { plan, service in
            try RegionDelivery(plan, service.runtime, schedule: schedule, mutant: mutant, log: installation.log)
        }
    }

    /// Delivers until a signal, or until nobody reads the lifeline any more, which means that the supervisor is gone.
    ///
    /// - Parameters:
    ///   - lifeline: the writing end of a pipe that the supervisor reads; nil without one.
    ///   - ready: called once every region has a thread.
    /// - Throws: when the process has no descriptor or no thread left; it should end then.
    public func run(lifeline: Int32? = nil, ready: () -> Void) throws {
        let signals = try SignalPipe()
        signals.catching([SIGTERM, SIGINT])
        signal(SIGHUP, SIG_IGN)
        var threads: [pthread_t] = []
        for region in regions {
            threads.append(try Thread.start { ThreadRunner.run { await region.run() } }.get())
        }
        ready()
        _ = signals.wait(lifeline: lifeline)
        for region in regions { region.stop() }
        for thread in threads { pthread_join(thread, nil) }
    }
}
