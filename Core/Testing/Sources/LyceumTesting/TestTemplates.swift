internal import Kernel
internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// Databases with plugins installed, to be copied: made once for each set of plugins in a test's process.
final class TestTemplates: Sendable {
    static let shared = TestTemplates()
    private let names = Mutex<[String: String]>([:])

    /// The template that has a region's plugins.
    func name(for entry: Generation.RegionEntry, _ registry: Registry, _ cluster: Cluster) throws -> String {
        let plugins = entry.plugins.compactMap { registry.plugins[$0.id] }
        let key = plugins.map { "\(String(reflecting: $0.type)) \($0.manifest.version)" }.joined(separator: ", ")
        // Held while the template is made, so that each is made once; nobody could go on without it.
        return try names.withLock { names in
            if let known = names[key] { return known }
            let name = "template_\(names.count)"
            var template = entry
            template.databaseName = name
            template.database = cluster.conninfo(database: name)
            try cluster.createDatabase(name)
            try TestTemplates.install(template, registry)
            names[key] = name
            return name
        }
    }

    /// The connection ends with this call: a database that somebody is connected to cannot be copied.
    static func install(_ entry: Generation.RegionEntry, _ registry: Registry) throws {
        let connection = try Connection(entry.database)
        try Installer(try RegionPlan(entry, registry)).install(connection)
    }
}
