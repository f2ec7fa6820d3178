internal import FastCGI
internal import Glibc
internal import PostgreSQL

/// Looks after the event logs of all regions once an hour, also where nobody listens, on a thread and by connections of its
/// own: events are delivered meanwhile, and a region that is away holds up nobody.
final class LogUpkeep: Sendable {
    private struct Region: Sendable {
        let name: String
        let database: String
    }

    private let regions: [Region]
    private let days: Int
    private let deadDays: Int?
    private let log: Log

    /// Seconds from one time to the next, and after one that failed.
    private static let pause: UInt32 = 3_600
    private static let shortPause: UInt32 = 60

    init(_ plans: [RegionPlan], days: Int, deadDays: Int?, log: Log) {
        regions = plans.map { Region(name: $0.entry.id, database: $0.entry.database) }
        (self.days, self.deadDays, self.log) = (days, deadDays, log)
    }

    /// Starts the thread, which ends with the process: it does nothing that is not undone when it does not come to its end.
    func start() throws { pthread_detach(try Thread.start { self.run() }.get()) }

    private func run() {
        var said: Set<String> = []
        while true {
            var failures: Set<String> = []
            for region in regions { failures.formUnion(keep(region, except: said)) }
            said = failures
            sleep(failures.isEmpty ? LogUpkeep.pause : LogUpkeep.shortPause)
        }
    }

    /// Sentences about what failed, each of which is logged once.
    private func keep(_ region: Region, except said: Set<String>) -> Set<String> {
        var settings = ConnectionSettings()
        settings.applicationName = "lyceum upkeep"
        settings.statementTimeout = .seconds(60)
        var failures: Set<String> = []
        func attempt(_ what: String, _ body: () throws -> Void) {
            do { try body() } catch {
                let sentence = "\(what) now: \(error)"
                if !said.contains(sentence), failures.insert(sentence).inserted {
                    log.write(level: .warning, region: region.name, sentence)
                }
                failures.insert(sentence)
            }
        }
        attempt("the event log cannot be looked after") {
            let connection = try Connection(region.database, settings)
            let keeper = LogKeeper(connection: connection)
            attempt("the event log's next partitions cannot be made") { try keeper.prepare() }
            attempt("old events cannot be dropped") {
                for sentence in try keeper.drop(days: days) { log.write(region: region.name, sentence) }
            }
            if let deadDays {
                attempt("events that were given up long ago cannot be dropped") {
                    for sentence in try keeper.dropDead(days: deadDays) {
                        log.write(level: .warning, region: region.name, sentence)
                    }
                }
            }
            attempt("events to be tried again cannot be looked after") { try keeper.unblock() }
            attempt("old answers to requests with a key cannot be dropped") { try OncePerKey.forget(connection) }
            for sentence in try keeper.leftBehind(days: days) {
                log.write(level: .warning, region: region.name, sentence)
            }
        }
        return failures
    }
}
