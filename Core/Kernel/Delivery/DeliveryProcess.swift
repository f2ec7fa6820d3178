internal import FastCGI
internal import Glibc
internal import Lyceum

/// Delivers the events of all regions, with threads for each, until SIGTERM or SIGINT.
///
/// On one host one process delivers at a time: the supervisor stops the old one before it starts the new. Several hosts may
/// serve a region; a lane of a listener is in the hands of one process.
public struct DeliveryProcess: Sendable {
    private let regions: [RegionDelivery]
    private let jobs: JobProcess
    private let upkeep: LogUpkeep
    private let sealers: [AuditSealer]
    private let log: Log

    /// Prepares to deliver.
    ///
    /// - Throws: a sentence that names a listener whose payload cannot be described.
    public init(_ installation: Installation, schedule: RetrySchedule = RetrySchedule()) throws {
        try self.init(installation, schedule: schedule, mutant: .none)
    }

    /// Delivers in a wrong way, to show that the tests of delivery notice: `cursorFirst`, `byID` or `retryOvertakes`.
    @_spi(Mutants) public static func mutant(
        _ name: String, _ installation: Installation, schedule: RetrySchedule
    ) throws -> Self {
        guard let mutant = ListenerDelivery.Mutant(rawValue: name) else {
            throw RegistryError("there is no mutant \(name) of delivery")
        }
        return try Self(installation, schedule: schedule, mutant: mutant)
    }

    private init(_ installation: Installation, schedule: RetrySchedule, mutant: ListenerDelivery.Mutant) throws {
        log = installation.log
        regions = try zip(installation.plans, installation.services).map { plan, service in
            try RegionDelivery(
                plan, service.runtime, installation.generation.limits, installation.work, schedule: schedule,
                mutant: mutant,
                log: installation.log)
        }
        let directory = installation.directory.map { AuditHeads.directory(generation: $0) }
        sealers = try zip(installation.plans, installation.services).filter { $0.0.auditKeeper != nil }.map {
            plan, service in
            try AuditSealer(
                service.runtime, directory.map { AuditHeads(directory: $0, region: plan.entry.id) }, installation.log)
        }
        let regions = regions
        upkeep = LogUpkeep(
            installation.plans, days: installation.generation.limits.eventDays,
            deadDays: installation.generation.limits.deadDays, log: log)
        jobs = try JobProcess(installation) { regions[$0].wake() }
    }

    /// Delivers until a signal, or until nobody reads the lifeline any more, which means that the supervisor is gone.
    ///
    /// - Parameters:
    ///   - lifeline: the writing end of a pipe that the supervisor reads; nil without one.
    ///   - ready: called once every region has its threads.
    /// - Throws: when the process has no descriptor or no thread left; it should end then.
    public func run(lifeline: Int32? = nil, ready: () -> Void) throws {
        try run(lifeline: lifeline, watchdog: nil, ready: ready)
    }

    func run(lifeline: Int32?, watchdog: Watchdog?, ready: () -> Void) throws {
        let signals = try SignalPipe()
        signals.catching([SIGTERM, SIGINT])
        signal(SIGHUP, SIG_IGN)
        var threads: [pthread_t] = []
        for region in regions { threads += try region.start(watchdog) }
        for sealer in sealers { threads.append(try Thread.start { sealer.run() }.get()) }
        let ears = PublishedSignal.isThere ? try Thread.start { self.hear() }.get() : nil
        let jobs = try jobs.start(watchdog)
        try upkeep.start()
        ready()
        _ = signals.wait(lifeline: lifeline)
        jobs.drain()
        for region in regions { region.stop() }
        for sealer in sealers { sealer.stop() }
        for thread in threads { pthread_join(thread, nil) }
        jobs.wait()
        // It only waits, and ends with the process.
        if let ears { pthread_detach(ears) }
    }

    /// Passes on what web processes of this host say.
    private func hear() {
        while true {
            let words = PublishedSignal.receive(milliseconds: 60_000)
            for region in regions where region.signal.isNamed(in: words) { region.wake() }
            // A pipe without a writer is always readable: the supervisor is gone, and so is this process, soon.
            if words.isEmpty { usleep(10_000) }
        }
    }
}
