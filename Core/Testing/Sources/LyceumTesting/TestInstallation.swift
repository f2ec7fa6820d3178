internal import Foundation
public import Kernel
public import Lyceum
public import PostgreSQL
internal import Synchronization

/// An installation for one suite: regions with databases of their own, served in this process.
///
///     let world = try await TestInstallation(plugins: [AccountsPlugin.self, CoursesPlugin.self])
///     let answer = try await world.client().get("/api/courses")
///
/// A database is copied from a template that the first suite with the same plugins made, so that it costs milliseconds.
public final class TestInstallation: Sendable {
    /// The regions that are served, and how.
    public let generation: Generation
    /// What serves them.
    public let installation: Installation
    /// The lines that were logged.
    public let log = TestLog()

    /// Makes regions and installs plugins in them.
    ///
    /// - Parameters:
    ///   - regions: the regions' names; each enables all the plugins, unless `enabling` says otherwise.
    ///   - plugins: the plugins that the installation can run.
    ///   - enabling: for a region, the ids of the plugins it enables.
    ///   - settings: for a plugin's id, its settings as JSON.
    ///   - draining: the ids of plugins that are about to be disabled.
    ///   - homes: for a region, where `/` leads; a front page otherwise.
    ///   - locale: the language of the regions' pages.
    ///   - timeZone: the zone in which the regions' days begin.
    ///   - world: time and chance.
    ///   - copied: whether databases are copied; false for tests of what installing itself leaves behind.
    ///   - limited: whether rate limits hold, which one machine that plays many people would reach; see `api`.
    ///   - api: what the regions' files say of their API.
    ///   - templates: the regions' own versions of templates, of which those that are broken are left out.
    ///   - words: the regions' own words, likewise.
    ///   - cluster: a server of the test's own, where nothing can be copied from; the shared one otherwise.
    public init(
        regions: [String] = ["test"], plugins: [any Plugin.Type], enabling: [String: [String]] = [:],
        settings: [String: String] = [:], draining: [String] = [], homes: [String: String] = [:], locale: String = "en",
        timeZone: String = "UTC", world: World = .real,
        limits: Generation.Limits = Generation.Limits(), copied: Bool = true, limited: Bool = false,
        api: APISettings = APISettings(), templates: [OwnTemplate] = [], words: [OwnWords] = [],
        cluster: Cluster? = nil
    ) async throws {
        let registry = try Registry(plugins)
        let copied = copied && cluster == nil
        let cluster = try cluster ?? TestCluster.shared()
        var generation = Generation()
        generation.development = true
        generation.limits = limits
        // In a directory of its own, which other users can pass through: a test may run nginx as one.
        let files = "/tmp/lyceum-files-\(ProcessInfo.processInfo.processIdentifier)-\(TestInstallation.number())"
        try FileManager.default.createDirectory(
            atPath: files, withIntermediateDirectories: false)
        chmod(files, 0o2750)
        TestTrash.shared.add(files)
        generation.files = files
        generation.regions = try regions.map { name in
            let ids = (enabling[name] ?? plugins.map { $0.manifest.id }).sorted()
            let database = "test_\(name.replacing("-", with: "_"))_\(TestInstallation.number())"
            var entry = Generation.RegionEntry()
            entry.id = name
            entry.title = name
            entry.currency = .eur
            entry.home = homes[name] ?? "/"
            entry.api = api
            (entry.templates, entry.words) = (templates, words)
            if !limited { entry.api.limits.append(APISettings.Quota("*", requests: 0)) }
            (entry.locale, entry.timeZone) = (locale, timeZone)
            entry.plugins = ids.map {
                Generation.PluginEntry(id: $0, settings: settings[$0] ?? "{}", isDraining: draining.contains($0))
            }
            // The copy goes on using the roles of the template, whose names come from the template's.
            entry.databaseName = copied ? try TestTemplates.shared.name(for: entry, registry, cluster) : database
            entry.database = cluster.conninfo(database: database)
            try cluster.createDatabase(database, template: copied ? entry.databaseName : nil)
            if !copied { try TestTemplates.install(entry, registry) }
            return entry
        }
        self.generation = generation
        let log = self.log
        installation = try Installation(generation, registry, world: world, log: Log { log.add($0) })
    }

    private static let counter = Atomic<Int>(0)

    private static func number() -> Int { counter.add(1, ordering: .relaxed).newValue }

    /// A client that speaks to the installation in this process.
    public func client(region: String? = nil) -> InProcessClient {
        InProcessClient(installation, region: region ?? generation.regions[0].id)
    }

    /// The name of a region's database; that of its roles is another, the name of the template it was copied from.
    public func databaseName(region: String? = nil) throws -> String {
        var row = try connection(region: region).query("select current_database()").row(0)
        return try row.next()
    }

    /// A connection to a region's database as the kernel, for looking behind the scenes.
    public func connection(region: String? = nil) throws -> Connection {
        let entry = generation.regions.first { $0.id == region } ?? generation.regions[0]
        return try Connection(entry.database)
    }
}

/// Lines that were logged during a test.
public final class TestLog: Sendable {
    private let stored = Mutex<[String]>([])

    /// The lines so far.
    public var lines: [String] { stored.withLock { $0 } }

    func add(_ line: String) { stored.withLock { $0.append(line) } }
}

extension TestInstallation {
    /// Writes the generation, or another one, for processes to read; answers its directory, which goes with the test's process.
    public func writeGeneration(_ other: Generation? = nil) throws -> String {
        let directory =
            "/tmp/lyceum-generation-\(ProcessInfo.processInfo.processIdentifier)-\(TestInstallation.number())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try GenerationFile.write(other ?? generation, directory: directory)
        TestTrash.shared.add(directory)
        return directory
    }
}
