internal import Foundation
internal import Kernel
internal import PostgreSQL

/// The databases of an installation, reachable for as long as this value lives.
///
/// Where they are embedded and the private cluster is made but not running, it runs for the duration of the command.
final class Databases {
    let configuration: Configuration
    let state: StateDirectory
    private let cluster: Cluster?
    /// Absent where there is no installation yet.
    private let lock: FileLock?
    private var mark: String { state.run + "/database-temporary" }

    /// Makes the databases reachable; where there is no state directory and none is to be made, none is.
    ///
    /// - Parameters:
    ///   - making: whether a private cluster is made where there is none.
    ///   - lasting: whether the cluster runs on afterwards.
    init(_ configuration: Configuration, _ state: StateDirectory, making: Bool = false, lasting: Bool = false) throws {
        (self.configuration, self.state) = (configuration, state)
        guard making || state.exists else {
            (cluster, lock) = (nil, nil)
            return
        }
        try state.make()
        let lock = try FileLock(state.run + "/database.lock")
        self.lock = lock
        guard Databases.areEmbedded(configuration) else {
            cluster = nil
            return
        }
        let cluster = try state.cluster()
        self.cluster = cluster
        if making { try cluster.make() }
        guard cluster.isMade else { return }
        // Those who use the cluster share the lock, and whoever stops it holds it alone. Starting it again must be possible
        // beside others who use it, because it may have been killed under them; that has a lock of its own.
        lock.shared()
        let starting = try FileLock(state.run + "/database-start.lock")
        starting.exclusive()
        if try Databases.start(cluster), !lasting { try write("\n", to: mark) }
        if lasting { try? FileManager.default.removeItem(atPath: mark) }
        starting.release()
    }

    /// Starts the cluster where it does not run.
    ///
    /// What a killed server leaves needs a moment to end, and until then PostgreSQL refuses to start.
    private static func start(_ cluster: Cluster) throws -> Bool {
        let deadline = Date().addingTimeInterval(5)
        while true {
            do { return try cluster.start() } catch {
                guard error.description.contains("in use") || error.description.contains("ended while"),
                    Date() < deadline
                else { throw error }
                usleep(100_000)
            }
        }
    }

    /// Whether any region's database is in the private cluster.
    static func areEmbedded(_ configuration: Configuration) -> Bool {
        configuration.regions.contains { region in
            (region.values.database ?? configuration.installation.database) == "embedded"
        }
    }

    /// Starts the cluster again whenever it ends by itself; nil where there is none.
    func watch(log: @escaping @Sendable (String) -> Void) -> ClusterWatch? {
        guard let cluster, cluster.isMade else { return nil }
        return ClusterWatch(cluster, log: log)
    }

    deinit {
        guard let cluster, let lock, FileManager.default.fileExists(atPath: mark), lock.tryExclusive() else { return }
        try? FileManager.default.removeItem(atPath: mark)
        _ = try? cluster.stop()
    }

    /// Whether a region's database is in the private cluster.
    func isEmbedded(_ entry: Generation.RegionEntry) -> Bool { Databases.isEmbedded(entry, configuration) }

    /// Whether a region's database is in the private cluster.
    static func isEmbedded(_ entry: Generation.RegionEntry, _ configuration: Configuration) -> Bool {
        let region = configuration.regions.first { $0.id == entry.id }
        return (region?.values.database ?? configuration.installation.database) == "embedded"
    }

    /// A connection that may make roles and schemas in a region's database; nil where the database does not exist yet.
    func administer(_ entry: Generation.RegionEntry) throws -> Connection? {
        let region = configuration.regions.first { $0.id == entry.id }
        let isOwn = region?.values.database != nil
        let template = isOwn ? nil : configuration.installation.administration
        let text = template.map { ConnectionString.text($0, region: entry.id) } ?? entry.database
        do { return try Connection(text) } catch {
            if isEmbedded(entry), cluster?.isMade != true { return nil }
            if Reach.isAbsent(error) { return nil }
            throw Failure("region \(entry.id): its database cannot be reached: \(error)")
        }
    }

    /// Makes a region's database in the private cluster; any other is its operator's.
    func create(_ entry: Generation.RegionEntry) throws {
        guard let cluster, isEmbedded(entry) else {
            throw Failure(
                """
                region \(entry.id): the database \(entry.databaseName) does not exist; make it: \
                createdb \(entry.databaseName)
                """)
        }
        try cluster.createDatabase(entry.databaseName)
    }

    /// The role that serves a region, where it is another than the one that administers it.
    func login(_ entry: Generation.RegionEntry) -> String? {
        guard !isEmbedded(entry), configuration.installation.administration != nil else { return nil }
        return (try? Connection(entry.database))?.login
    }
}
