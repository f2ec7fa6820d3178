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
    public init(_ installation: Installation, schedule: RetrySchedule = RetrySchedule()) {
        self.init(installation, schedule: schedule, mutant: .none)
    }

    /// Delivers in a wrong order of work, to show that the tests of delivery notice.
    @_spi(Mutants) public static func cursorFirst(_ installation: Installation, schedule: RetrySchedule) -> Self {
        Self(installation, schedule: schedule, mutant: .cursorFirst)
    }

    private init(_ installation: Installation, schedule: RetrySchedule, mutant: ListenerDelivery.Mutant) {
        regions = zip(installation.plans, installation.services).map { plan, service in
            RegionDelivery(plan, service.runtime, schedule: schedule, mutant: mutant, log: installation.log)
        }
    }

    /// Delivers until a signal; `ready` is called once every region has a thread.
    public func run(ready: () -> Void) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGHUP)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var threads: [pthread_t] = []
        for region in regions {
            if case .success(let thread) = Thread.start({ ThreadRunner.run { await region.run() } }) {
                threads.append(thread)
            }
        }
        ready()
        var signal: Int32 = 0
        repeat { sigwait(&signals, &signal) } while signal == SIGHUP
        for region in regions { region.stop() }
        for thread in threads { pthread_join(thread, nil) }
    }
}
