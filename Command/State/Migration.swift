internal import Kernel
internal import Lyceum

/// What `plan` shows and `migrate` does.
enum Migration {
    /// What is missing in a region's database, which may be missing itself.
    static func missing(_ plan: RegionPlan, _ databases: Databases) throws -> [Installer.Step] {
        guard let connection = try databases.administer(plan.entry) else {
            return [Installer.Step(plugin: "lyceum", what: "database \(plan.entry.databaseName)")]
                + plan.plugins.map {
                    Installer.Step(plugin: $0.plugin.id, what: "version \($0.plugin.manifest.version)")
                }
        }
        return try naming(plan) { try Installer(plan).missing(connection) }
    }

    /// Does what is missing.
    static func run(_ plan: RegionPlan, _ databases: Databases) throws -> [Installer.Step] {
        var made: [Installer.Step] = []
        var connection = try databases.administer(plan.entry)
        if connection == nil {
            try databases.create(plan.entry)
            made.append(Installer.Step(plugin: "lyceum", what: "database \(plan.entry.databaseName)"))
            connection = try databases.administer(plan.entry)
        }
        guard let connection else { throw Failure("region \(plan.entry.id): its database vanished while it was made") }
        return made
            + (try naming(plan) { try Installer(plan, login: databases.login(plan.entry)).install(connection) })
    }

    /// Does something in a region's database; what goes wrong says in which region it did.
    static func naming<Outcome>(_ plan: RegionPlan, _ body: () throws -> Outcome) throws -> Outcome {
        do { return try body() } catch { throw Failure("region \(plan.entry.id): \(error)") }
    }
}
