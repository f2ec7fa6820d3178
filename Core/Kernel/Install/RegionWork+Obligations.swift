internal import Lyceum

extension RegionWork {
    /// Something that a plugin still owes.
    public struct Obligation: Sendable, Equatable {
        /// What it is, in the plural.
        public let about: String
        /// How many there are, at least one.
        public let count: Int
        /// A few of them.
        public let examples: [String]

        /// `3 bookings that are yet to come: Yoga for Ada, Yoga for Bob, …`.
        public var sentence: String {
            guard !examples.isEmpty else { return "\(count) \(about)" }
            return "\(count) \(about): \(examples.joined(separator: ", "))\(count > examples.count ? ", …" : "")"
        }
    }

    /// What a plugin of the region still owes; empty when it may be disabled.
    ///
    /// - Throws: what the plugin throws when it is asked, in a sentence that names the plugin.
    public func obligations(of plugin: String) async throws -> [Obligation] {
        try await RegionWork.owed(by: plugin, plan, runtime)
    }

    /// The same over connections that somebody else has.
    static func owed(by plugin: String, _ plan: RegionPlan, _ runtime: Runtime) async throws -> [Obligation] {
        var found: [Obligation] = []
        for (owner, one) in plan.all(Lyceum.Obligation.self) where owner == plugin {
            let database = Database(runtime)
            database.act(as: plugin)
            let owed: Owed
            do { owed = try await database.transaction { try await one.ask($0) } } catch {
                throw RegistryError("what \(plugin) owes (\(one.id)) cannot be found out: \(error)")
            }
            guard owed.count > 0 else { continue }
            found.append(Obligation(about: one.about, count: owed.count, examples: Array(owed.examples.prefix(5))))
        }
        return found
    }
}
