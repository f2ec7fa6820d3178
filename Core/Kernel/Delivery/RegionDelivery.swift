internal import Glibc
internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// Delivers the events of one region, on a thread of its own: round after round over its listeners until told to stop.
final class RegionDelivery: Sendable {
    private let region: String
    private let listeners: [DeclaredListener]
    private let runtime: Runtime
    private let schedule: RetrySchedule
    private let mutant: ListenerDelivery.Mutant
    private let log: Log
    private let stopping = Atomic<Bool>(false)
    /// How long a round that found nothing waits, in microseconds.
    static let pause: UInt32 = 100_000

    init(
        _ plan: RegionPlan, _ runtime: Runtime, schedule: RetrySchedule, mutant: ListenerDelivery.Mutant, log: Log
    ) throws {
        listeners = try DeclaredListener.all(plan)
        (region, self.runtime, self.schedule) = (plan.entry.id, runtime, schedule)
        (self.mutant, self.log) = (mutant, log)
    }

    /// Asks ``run()`` to return once the batch in hand has been committed.
    func stop() { stopping.store(true, ordering: .relaxed) }

    private var isStopping: Bool { stopping.load(ordering: .relaxed) }

    func run() async {
        let listeners = listeners.map {
            ListenerDelivery($0, database: Database(runtime), schedule: schedule, mutant: mutant, log: log)
        }
        guard !listeners.isEmpty else { return }
        var isAway = false
        while !isStopping {
            do {
                let connection = try runtime.pool.checkOut()
                defer { runtime.pool.checkIn(connection) }
                for listener in listeners { try listener.ensureCursor(connection) }
                if isAway { log.write(region: region, "the database answers again; events are delivered") }
                isAway = false
                try await deliver(listeners, connection)
            } catch {
                if !isAway { log.write(region: region, "delivery waits for the database: \(error)") }
                isAway = true
                pause()
            }
        }
    }

    private func deliver(_ listeners: [ListenerDelivery], _ connection: Connection) async throws {
        var stuck: Set<String> = []
        while !isStopping {
            var worked = false
            for listener in listeners where !isStopping {
                do {
                    if case .worked = try await listener.step(connection) { worked = true }
                    if stuck.remove(listener.name) != nil { log.write(region: region, "\(listener.name) goes on") }
                } catch let error as DatabaseError where error.isUnavailable || connection.isBroken {
                    throw error
                } catch {
                    // One listener in trouble holds up no other; it is said once, and tried again each round.
                    connection.rollback()
                    if stuck.insert(listener.name).inserted {
                        log.write(region: region, "\(listener.name) is stuck: \(error)")
                    }
                }
            }
            if !worked { pause() }
        }
    }

    private func pause() { usleep(RegionDelivery.pause) }
}
