internal import ArgumentParser
internal import Kernel
internal import Lyceum
internal import PostgreSQL

/// The command `lyceum enable`.
struct EnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Enable a plugin in a region: its schema first, then the running processes.",
        discussion: """
            The plugin's schema is installed, what the region's file says about its settings holds, and a running `lyceum serve` \
            takes it up before this command returns.

            Example:
              lyceum enable courses --region academy
            """)

    @Argument(help: ArgumentHelp("The plugin.", valueName: "id"))
    var plugin: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name"))
    var region: String
    @OptionGroup var site: Site

    func run() throws {
        let decision = try Decision(plugin, region, site)
        let listed = decision.file.plugins.contains { $0.id == plugin }
        if decision.isEnabled { return tell("\(plugin) is enabled in \(region) already") }
        let change: PluginRecord.Decision? = listed ? nil : .enabled
        // The region with the plugin is resolved before anything is changed: what is missing is said now.
        let plan = try decision.candidate(change)
        for step in try Migration.run(plan, decision.databases) { tell("\(step)") }
        try PluginRecord.decide(change, plugin: plugin, try decision.connection())
        tell("\(plugin) is enabled in \(region)")
        try RunningSupervisor.takeUp(site.state)
    }
}

/// The command `lyceum disable`.
struct DisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Disable a plugin in a region; its data stays.",
        discussion: """
            Its routes and pages are gone there, its listeners wait where they are, and other regions notice nothing. It is \
            refused while another enabled plugin requires it.

            Example:
              lyceum disable courses --region academy
            """)

    @Argument(help: ArgumentHelp("The plugin.", valueName: "id"))
    var plugin: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name"))
    var region: String
    @OptionGroup var site: Site

    func run() throws {
        let decision = try Decision(plugin, region, site, isKnown: false)
        if decision.isOrphan {
            try PluginRecord.decide(nil, plugin: plugin, try decision.connection())
            tell("\(plugin), which does not exist any more, is not enabled in \(region) now; its data stays")
            return try RunningSupervisor.takeUp(site.state)
        }
        guard decision.isEnabled else { return tell("\(plugin) is not enabled in \(region)") }
        let needing = decision.plan.plugins.filter { enabled in
            enabled.plugin.manifest.requires.contains { $0.id == plugin }
        }.map(\.plugin.id)
        guard needing.isEmpty else {
            throw Failure(
                """
                \(plugin) cannot be disabled in \(region): \(needing.joined(separator: " and ")) \
                \(needing.count == 1 ? "requires" : "require") it; disable \(needing.joined(separator: " and ")) first
                """)
        }
        let listed = decision.file.plugins.contains { $0.id == plugin }
        let change: PluginRecord.Decision? = listed ? .disabled : nil
        try PluginRecord.decide(change, plugin: plugin, try decision.connection())
        tell("\(plugin) is disabled in \(region); its data stays")
        try RunningSupervisor.takeUp(site.state)
    }
}

/// What both commands look at before they decide.
struct Decision {
    let databases: Databases
    let file: Configuration.Region
    let plan: RegionPlan
    /// Whether the plugin was enabled and does not exist any more.
    let isOrphan: Bool
    private let resolution: Resolution
    private let plugin: String
    private let state: StateDirectory

    /// - Parameter isKnown: whether the plugin must exist, other than in the region's record.
    init(_ plugin: String, _ region: String, _ site: Site, isKnown: Bool = true) throws {
        let configuration = try Configuration(directory: site.config)
        try site.state.check()
        databases = try Databases(configuration, site.state)
        resolution = try Resolution(configuration, site.state, ask: Databases.records)
        plan = try resolution.plan(region)
        guard let file = configuration.regions.first(where: { $0.id == region }) else {
            throw Resolution.unknown(region, configuration.regions.map(\.id))
        }
        isOrphan =
            resolution.registry.plugins[plugin] == nil
            && resolution.records[region]?.contains { $0.id == plugin && $0.decision == .enabled } == true
        guard resolution.registry.plugins[plugin] != nil || (isOrphan && !isKnown) else {
            let ids = resolution.registry.ids
            let hint =
                nearest(plugin, ids).map { "did you mean \"\($0)\"?" } ?? "there are \(ids.joined(separator: ", "))"
            throw Failure("there is no plugin \"\(plugin)\"; \(hint)")
        }
        (self.file, self.plugin, state) = (file, plugin, site.state)
    }

    var isEnabled: Bool { plan.plugins.contains { $0.plugin.id == plugin } }

    /// The region as it will be with the plugin.
    func candidate(_ change: PluginRecord.Decision?) throws -> RegionPlan {
        var entry = plan.entry
        entry.plugins.append(file.plugins.first { $0.id == plugin } ?? Generation.PluginEntry(id: plugin))
        do { return try RegionPlan(entry, resolution.registry) } catch { throw Failure(error.description) }
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
