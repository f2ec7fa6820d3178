internal import FastCGI
internal import Glibc
internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// Delivers the events of one region on threads of its own: round after round over its listeners' lanes until told to stop.
///
/// A thread that finds nothing waits for the bell, and looks by itself each second.
final class RegionDelivery: Sendable {
    /// The word by which web processes of this host ring.
    let signal: PublishedSignal
    private let region: String
    private let listeners: [DeclaredListener]
    private let runtime: Runtime
    private let schedule: RetrySchedule
    private let mutant: ListenerDelivery.Mutant
    private let log: Log
    private let limits: Generation.Limits
    /// How many threads deliver, each with a connection while it has work.
    private let threads: Int
    private let bell: Bell
    private let others: OtherHosts
    private let lanes = Mutex<[DeliveryLane]>([])
    private let isAway = Atomic<Bool>(false)
    private let kept = Atomic<UInt64>(0)
    private let stopping = Atomic<Bool>(false)

    /// How long a thread waits for the bell, in milliseconds; less where events wait to be tried again.
    private static let patience = 1_000
    private static let impatience = 100
    /// How long a thread that keeps up lets events gather, in microseconds, when a lane had so many; a batch costs nearly the
    /// same for one event as for ten.
    ///
    /// Up to 2,000 events a second that settles at a millisecond or two, above at the most.
    private static func gathering(_ count: Int) -> UInt32 { UInt32(min(count * 500, 20_000)) }
    /// How often the log's partitions are looked after, in microseconds.
    private static let upkeep: UInt64 = 3_600_000_000

    init(
        _ plan: RegionPlan, _ runtime: Runtime, _ limits: Generation.Limits, _ work: WorkTable, schedule: RetrySchedule,
        mutant: ListenerDelivery.Mutant, log: Log
    ) throws {
        listeners = try DeclaredListener.all(plan, work)
        (region, self.runtime, self.schedule) = (plan.entry.id, runtime, schedule)
        (self.mutant, self.log, self.limits) = (mutant, log, limits)
        signal = PublishedSignal(region: region)
        threads = min(limits.deliveries, limits.connections)
        bell = try Bell(listeners: threads)
        others = OtherHosts(region: region, database: plan.entry.database, bell: bell, log: log)
    }

    /// Starts the threads; none where nobody listens.
    ///
    /// - Returns: what to join after ``stop()``.
    func start(_ watchdog: Watchdog?) throws -> [pthread_t] {
        guard !listeners.isEmpty else { return [] }
        var started = [try Thread.start { self.others.run() }.get()]
        for number in 0..<threads {
            started.append(try Thread.start { ThreadRunner.run { await self.run(number, watchdog?.watch()) } }.get())
        }
        return started
    }

    /// Asks the threads to return once the batches in hand have been committed.
    func stop() {
        stopping.store(true, ordering: .relaxed)
        others.stop()
        bell.ring()
    }

    /// Says that there are new events.
    func wake() {
        bell.ring()
        others.tell()
    }

    private var isStopping: Bool { stopping.load(ordering: .relaxed) }

    private func run(_ thread: Int, _ watch: ThreadWatch?) async {
        let database = Database(runtime)
        database.guardian = watch
        let delivery = ListenerDelivery(database, limits, schedule: schedule, mutant: mutant, log: log)
        while !isStopping {
            do {
                let connection = try runtime.pool.checkOut()
                defer { runtime.pool.checkIn(connection) }
                if thread == 0 { try settle(connection) }
                if isAway.exchange(false, ordering: .relaxed) {
                    log.write(region: region, "the database answers again; events are delivered")
                }
                try await deliver(delivery, thread, connection)
            } catch {
                if !isAway.exchange(true, ordering: .relaxed) {
                    log.write(level: .error, region: region, "delivery waits for the database: \(error)")
                }
                usleep(100_000)
            }
        }
    }

    /// Gives every listener its cursors.
    private func settle(_ connection: Connection) throws {
        let setup = CursorSetup(connection: connection)
        let present = lanes.withLock { $0 }
        var found: [DeliveryLane] = []
        for listener in listeners {
            let count = try setup.settle(
                listener.name, plugin: listener.plugin, topic: listener.topic, major: listener.major,
                start: listener.start, lanes: listener.lanes)
            for number in 0..<count {
                let known = present.first {
                    $0.listener.name == listener.name && $0.number == number && $0.count == count
                }
                found.append(known ?? DeliveryLane(listener, number: number, of: count))
            }
        }
        lanes.withLock { $0 = found }
    }

    private func deliver(_ delivery: ListenerDelivery, _ thread: Int, _ connection: Connection) async throws {
        while !isStopping {
            let lanes = lanes.withLock { $0 }
            var (worked, isBehind, most) = (false, false, 0)
            for index in lanes.indices where !isStopping {
                // Threads begin at different lanes, so that they seldom meet.
                let lane = lanes[(index + thread * lanes.count / threads) % lanes.count]
                guard lane.take() else { continue }
                defer { lane.give() }
                do {
                    switch try await delivery.step(lane, connection) {
                    case .idle: break
                    case .all(let count): (worked, most) = (true, max(most, count))
                    case .more: (worked, isBehind) = (true, true)
                    }
                    if lane.isStuck {
                        lane.isStuck = false
                        log.write(
                            region: region, plugin: lane.listener.plugin, listener: lane.listener.name,
                            "\(lane.listener.name) goes on")
                    }
                } catch let error as DatabaseError where error.isUnavailable || connection.isBroken {
                    throw error
                } catch {
                    // One listener in trouble holds up no other; it is said once, and tried again each round.
                    connection.rollback()
                    if !lane.isStuck {
                        lane.isStuck = true
                        log.write(
                            level: .error, region: region, plugin: lane.listener.plugin, listener: lane.listener.name,
                            "\(lane.listener.name) is stuck: \(error)")
                    }
                }
            }
            guard !worked else {
                if !isBehind { usleep(RegionDelivery.gathering(most)) }
                continue
            }
            let waits = lanes.contains { $0.hasRetries || $0.isStuck }
            if !bell.wait(thread, milliseconds: waits ? RegionDelivery.impatience : RegionDelivery.patience) {
                try look(lanes, thread, connection, again: lanes.contains { $0.count != $0.listener.lanes })
            }
        }
    }

    /// What is done each second, or more often while something waits: others may have put events aside or moved cursors.
    private func look(_ lanes: [DeliveryLane], _ thread: Int, _ connection: Connection, again: Bool) throws {
        guard thread == 0 else { return }
        for lane in lanes { lane.hasRetries = true }
        if again || lanes.isEmpty { try settle(connection) }
        let now = Metrics.clock()
        if now - kept.load(ordering: .relaxed) > RegionDelivery.upkeep {
            kept.store(now, ordering: .relaxed)
            keep(connection)
        }
    }

    /// Makes the log's partitions of the next weeks, and drops those that are old and that nobody needs.
    private func keep(_ connection: Connection) {
        do {
            for name in try LogKeeper(connection: connection).keep(days: limits.eventDays) {
                log.write(region: region, "dropped the log's partition \(name), older than \(limits.eventDays) days")
            }
            try OncePerKey.forget(connection)
            for sentence in try LogKeeper(connection: connection).leftBehind(days: limits.eventDays) {
                log.write(level: .warning, region: region, sentence)
            }
        } catch {
            connection.rollback()
            log.write(level: .warning, region: region, "the log's partitions cannot be looked after now: \(error)")
        }
    }
}
