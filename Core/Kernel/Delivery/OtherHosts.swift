internal import Glibc
internal import PostgreSQL
internal import Synchronization

/// Wakes the delivery processes of other hosts that serve the region, and is woken by theirs: `NOTIFY` over one connection
/// of its own, never in a transaction of anybody's, because a notification takes a lock over its commit.
///
/// Where no other host is connected nothing is sent. Notifications that are lost cost the second until the next look.
final class OtherHosts: Sendable {
    private let region: String
    private let database: String
    private let bell: Bell
    private let log: Log
    private let stopping = Atomic<Bool>(false)
    private let isAsked = Atomic<Bool>(false)

    private static let application = "lyceum delivery"

    init(region: String, database: String, bell: Bell, log: Log) {
        (self.region, self.database, self.bell, self.log) = (region, database, bell, log)
    }

    /// Asks for a notification, soon.
    func tell() { isAsked.store(true, ordering: .relaxed) }

    /// Asks ``run()`` to return.
    func stop() { stopping.store(true, ordering: .relaxed) }

    /// Listens and tells until stopped, connecting anew whenever the connection is lost.
    func run() {
        var isAway = false
        while !stopping.load(ordering: .relaxed) {
            do {
                var settings = ConnectionSettings()
                settings.applicationName = OtherHosts.application
                let connection = try Connection(database, settings)
                isAway = false
                try serve(connection)
            } catch {
                // Delivery's own threads say that the database is away.
                if !isAway { bell.ring() }
                isAway = true
                usleep(500_000)
            }
        }
    }

    private func serve(_ connection: Connection) throws {
        try connection.script("set synchronous_commit = off; listen lyceum_event")
        var others = 0
        var counted = ContinuousClock.now - .seconds(10)
        while !stopping.load(ordering: .relaxed) {
            if counted.duration(to: .now) > .seconds(2) {
                counted = .now
                others = try connection.query(
                    """
                    select count(*) from pg_stat_activity
                    where datname = current_database() and application_name = \(OtherHosts.application)
                        and pid <> pg_backend_pid()
                    """
                ).row(0).only()
            }
            // The pause between two tellings is also what makes one of many.
            if others > 0, isAsked.exchange(false, ordering: .relaxed) { try connection.script("notify lyceum_event") }
            if try !connection.notifications(atMost: others > 0 ? .milliseconds(2) : .milliseconds(250)).isEmpty {
                bell.ring()
            }
        }
    }
}
