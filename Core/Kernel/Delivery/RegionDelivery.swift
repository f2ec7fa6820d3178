internal import FastCGI
internal import Glibc
internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// Delivers the events of one region on threads of its own: round after round over its listeners' lanes until told to stop.
///
/// A thread that finds nothing waits for the bell, and looks by itself each second. Once a second, whether or not there is
/// work, one of them also looks whether others put events aside, or gave a listener other lanes.
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
    private let looked = Atomic<UInt64>(0)
    private let isLooking = Atomic<Bool>(false)
    /// Listeners that have no place in the log, of which that has been said.
    private let homeless = Mutex<Set<String>>([])
    private let stopping = Atomic<Bool>(false)

    /// How often everything is looked at, in microseconds: the longest that a thread waits for the bell.
    private static let patience: UInt64 = 1_000_000
    /// The same where something is in the way.
    private static let impatience: UInt64 = 100_000
    /// How long a thread that keeps up lets events gather, in microseconds, when a lane had so many; a batch costs nearly the
    /// same for one event as for ten.
    ///
    /// Up to 2,000 events a second that settles at a millisecond or two, above at the most.
    private static func gathering(_ count: Int) -> UInt32 { UInt32(min(count * 500, 20_000)) }

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
        let delivery = ListenerDelivery(database, limits, schedule: schedule, mutant: mutant, log: log) {
            self.isStopping
        }
        while !isStopping {
            do {
                let connection = try runtime.pool.checkOut()
                defer { runtime.pool.checkIn(connection) }
                if thread == 0 { try look(connection, settles: true) }
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
            let count: Int
            do {
                count = try setup.settle(
                    listener.name, plugin: listener.plugin, topic: listener.topic, major: listener.major,
                    start: listener.start, lanes: listener.lanes)
            } catch let error as ListenerMoved {
                // As after a return to an older generation: the others go on.
                if homeless.withLock({ $0.insert(listener.name).inserted }) {
                    log.write(
                        level: .error, region: region, plugin: listener.plugin, listener: listener.name, "\(error)")
                }
                continue
            }
            _ = homeless.withLock { $0.remove(listener.name) }
            for number in 0..<count {
                let known = present.first {
                    $0.listener.name == listener.name && $0.number == number && $0.count == count
                }
                found.append(known ?? DeliveryLane(listener, number: number, of: count))
            }
        }
        lanes.withLock { $0 = found }
    }

    /// Looks, unless another thread does, whether others put events aside, and whether each listener has its lanes.
    private func look(_ connection: Connection, settles: Bool) throws {
        guard !isLooking.exchange(true, ordering: .acquiring) else { return }
        defer { isLooking.store(false, ordering: .releasing) }
        looked.store(Metrics.clock(), ordering: .relaxed)
        let lanes = lanes.withLock { $0 }
        for lane in lanes { lane.retryAt = 0 }
        let isUnsettled =
            lanes.contains { $0.count != $0.listener.lanes } || Set(lanes.map(\.listener.name)).count < listeners.count
        if settles || isUnsettled { try settle(connection) }
    }

    private func deliver(_ delivery: ListenerDelivery, _ thread: Int, _ connection: Connection) async throws {
        while !isStopping {
            if Metrics.clock() - looked.load(ordering: .relaxed) >= RegionDelivery.patience {
                try look(connection, settles: false)
            }
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
            _ = bell.wait(thread, milliseconds: Int(patience(lanes) / 1_000) + 1)
        }
    }

    /// How long a thread that found nothing waits for the bell, in microseconds.
    private func patience(_ lanes: [DeliveryLane]) -> UInt64 {
        let now = Metrics.clock()
        return lanes.reduce(RegionDelivery.patience) { least, lane in
            let retryAt = lane.retryAt
            if lane.isStuck || retryAt <= now { return min(least, RegionDelivery.impatience) }
            return min(least, retryAt - now)
        }
    }
}
