internal import Kernel
internal import Lyceum
internal import PostgreSQL

/// What `enable` and `disable` look at before they decide, and what they do then.
struct Decision {
    let databases: Databases
    let file: Configuration.Region
    let plan: RegionPlan
    /// Whether the plugin was enabled and does not exist any more.
    let isOrphan: Bool
    /// Whether a rollback lasts, and with it something else may serve than is decided.
    let isTakenBack: Bool
    /// Whether the plugin serves in the region on this host.
    let serves: Bool
    /// Whether this host serves, and the region without the plugin.
    let isAbsent: Bool
    private let resolution: Resolution
    private let plugin: String
    private let state: StateDirectory
    private let patience: Patience

    /// - Parameter isKnown: whether the plugin must exist, other than in the region's record.
    init(_ plugin: String, _ region: String, _ site: Site, _ patience: Patience, isKnown: Bool = true) throws {
        let configuration = try Configuration(directory: site.config)
        try site.state.check()
        databases = try Databases(configuration, site.state)
        resolution = try Resolution(configuration, site.state, ask: Reach.ask)
        plan = try resolution.soundPlan(region)
        guard let file = configuration.regions.first(where: { $0.id == region }) else {
            throw Resolution.unknown(region, configuration.regions.map(\.id))
        }
        isOrphan =
            resolution.registry.plugins[plugin] == nil
            && resolution.records[region]?.contains {
                $0.id == plugin && ($0.decision == .enabled || $0.decision == .draining)
            } == true
        guard resolution.registry.plugins[plugin] != nil || (isOrphan && !isKnown) else {
            throw Resolution.unknownPlugin(plugin, resolution.registry)
        }
        let serving = Serving(site.state)
        isTakenBack = serving?.generation.restored != nil
        serves = serving?.serves(plugin, in: region) == true
        isAbsent = serving != nil && !serves
        (self.file, self.plugin, self.patience, state) = (file, plugin, patience, site.state)
    }

    var isEnabled: Bool { plan.plugins.contains { $0.plugin.id == plugin } }

    /// Whether the plugin is enabled and makes no new promises.
    var isDraining: Bool { plan.entry.plugins.contains { $0.id == plugin && $0.isDraining } }

    /// Whether the plugin still is, as the database has it by now.
    func isStillDraining() throws -> Bool {
        try PluginRecord.all(try connection()).contains { $0.id == plugin && $0.decision == .draining }
    }

    /// Records a decision, says so, and returns when all hosts that serve the region have taken it up.
    func rollOut(_ change: PluginRecord.Decision?, said: () -> Void) throws {
        let own = try Rollout.servingHost(state)
        let connection = try connection()
        let revision = try PluginRecord.decide(change, plugin: plugin, by: own, connection)
        said()
        try rollOut(revision, own, connection)
    }

    /// The same with what becomes of the plugin after draining; false, and nothing is done, where it does not drain any more.
    func rollOutDrained(_ change: PluginRecord.Decision?, said: () -> Void) throws -> Bool {
        let own = try Rollout.servingHost(state)
        let connection = try connection()
        guard let revision = try PluginRecord.settle(change, plugin: plugin, by: own, connection) else { return false }
        said()
        try rollOut(revision, own, connection)
        return true
    }

    private func rollOut(_ revision: Int, _ own: String?, _ connection: Connection) throws {
        let wanted = Rollout.Wanted(region: plan.entry.id, revision: revision, connection: connection)
        try Rollout(state, [wanted], own: own, patience).run()
    }

    /// The region with the plugin, where it is enabled, or serves although it is not: then it may owe something too.
    func whole() throws -> RegionPlan { !isEnabled && isTakenBack && serves ? try candidate() : plan }

    /// The region as it will be with the plugin.
    func candidate() throws -> RegionPlan {
        var entry = plan.entry
        entry.plugins.append(file.plugins.first { $0.id == plugin } ?? Generation.PluginEntry(id: plugin))
        do { return try RegionPlan(entry, resolution.registry) } catch {
            guard !error.settings.isEmpty else { throw Failure(error.description) }
            let faults = error.settings.flatMap { one in
                file.file.problems(one.faults, below: "/plugins/\(one.plugin)").map(\.description)
            }
            throw Failure((error.sentences + faults).joined(separator: "\n") + place(error.settings))
        }
    }

    /// Where missing settings are to be written.
    private func place(_ settings: [SettingsFaults]) -> String {
        let missing = settings.flatMap { one in
            one.faults.filter { $0.code == "required" && $0.pointer.split(separator: "/").count == 1 }.map {
                (one.plugin, $0.pointer.dropFirst())
            }
        }
        guard let plugin = missing.first?.0 else { return "" }
        let keys = missing.filter { $0.0 == plugin }.map { "\n      \($0.1): …" }.joined()
        return "\nwrite in \(file.file.shown):\n  plugins:\n    \(plugin):\(keys)"
    }

    /// A connection for the record.
    func connection() throws -> Connection {
        guard let connection = try databases.administer(plan.entry) else {
            throw Failure("region \(plan.entry.id) has no database yet; run `lyceum migrate` first")
        }
        guard try Installer(plan).isPrepared(connection) else {
            throw Failure("region \(plan.entry.id) was never installed; run `lyceum migrate` first")
        }
        return connection
    }
}
