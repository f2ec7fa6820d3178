internal import Kernel
internal import PostgreSQL

/// Whether the databases have what a new generation needs, before it is taken up: with a plugin whose schema is not there, every
/// one of its pages would be an error.
enum Readiness {
    /// Brings the embedded databases up to date, which are this program's own, and makes sure that the others are.
    ///
    /// A region whose database does not answer is left out: it will be what it was.
    ///
    /// - Throws: ``Failure`` that names what is missing in databases that only their operator may change.
    static func settle(_ resolution: Resolution, _ databases: Databases) throws {
        var refusals: [String] = []
        for plan in resolution.plans where resolution.reaches[plan.entry.id]?.silence == nil {
            guard let steps = try missing(plan), !steps.isEmpty else { continue }
            if databases.isEmbedded(plan.entry) {
                for step in try Migration.run(plan, databases) { say("info: region \(plan.entry.id): \(step)") }
            } else {
                refusals.append(sentence(plan, steps))
            }
        }
        guard refusals.isEmpty else {
            throw Failure(refusals.joined(separator: "\n") + "\nrun `lyceum migrate`, then try again")
        }
    }

    /// What a region's database lacks, asked with the login that serves; nil when it does not answer.
    static func missing(_ plan: RegionPlan) throws -> [Installer.Step]? {
        let connection: Connection
        do { connection = try Connection(plan.entry.database) } catch {
            guard Reach.isAbsent(error) else { return nil }
            return [Installer.Step(plugin: "lyceum", what: "database \(plan.entry.databaseName)")]
        }
        return try Migration.naming(plan) { try Installer(plan).missing(connection) }
    }

    /// What is missing in a region, in one sentence.
    static func sentence(_ plan: RegionPlan, _ steps: [Installer.Step]) -> String {
        "region \(plan.entry.id): its database lacks \(steps.map(\.description).joined(separator: "; "))"
    }
}
