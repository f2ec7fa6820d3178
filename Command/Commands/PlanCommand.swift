internal import ArgumentParser
internal import FirstParty
internal import Kernel

/// The command `lyceum plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a new generation would change, and `lyceum migrate`; change nothing.",
        discussion: """
            Compares what serves with what the configuration and the operators' decisions make now: schema, plugins, settings, \
            permissions, events, hooks, routes, pages, listeners and jobs. + is new, - is gone, ~ becomes otherwise, and ! is \
            what a plugin that goes still owes to people, for which the change is refused. With --enable or --disable: what \
            these would change; with --rollback: what `lyceum rollback` would.

            Example:
              lyceum plan --region academy
              lyceum plan --region academy --disable courses
              lyceum plan --rollback
            """)

    @Option(help: ArgumentHelp("As if this plugin were enabled in the region.", valueName: "id"))
    var enable: [String] = []
    @Option(help: ArgumentHelp("As if this plugin were disabled in the region.", valueName: "id"))
    var disable: [String] = []
    @Flag(help: "What `lyceum rollback` would change.")
    var rollback = false
    @Option(help: ArgumentHelp("With --rollback: to this one.", valueName: "generation"))
    var to: Int?
    @OptionGroup var site: Site
    @OptionGroup var choice: RegionChoice
    @OptionGroup var output: OutputChoice

    func validate() throws {
        guard !rollback || (enable.isEmpty && disable.isEmpty) else {
            throw ValidationError("--rollback is about a generation as it was; leave out --enable and --disable")
        }
        guard rollback || to == nil else { throw ValidationError("--to needs --rollback") }
        guard choice.region != nil || (enable.isEmpty && disable.isEmpty) else {
            throw ValidationError("--enable and --disable need --region NAME")
        }
        if let both = enable.first(where: { disable.contains($0) }) {
            throw ValidationError("\(both) cannot be both enabled and disabled; say one of them")
        }
    }

    func run() async throws {
        if rollback { return try await planRollback() }
        let configuration = try Configuration(directory: site.config)
        let databases = try Databases(configuration, site.state)
        let resolution = try Resolution(configuration, site.state, ask: Reach.ask)
        let chosen = try resolution.soundPlans(choice).map(\.entry.id)
        let plans = try resolution.plans.map { plan in
            plan.entry.id == choice.region ? try candidate(plan, resolution) : plan
        }
        var changes: [Outline.Change] = []
        for plan in plans where chosen.contains(plan.entry.id) {
            changes += try Migration.missing(plan, databases).map { step in
                Outline.Change(.added, region: plan.entry.id, item: "schema", name: step.description)
            }
        }
        resolution.noteRefused()
        let after = try Outline(resolution.generation(revision: 0), plans)
        changes += try before(resolution).changes(to: after).filter { change in
            change.region.map { chosen.contains($0) || !plans.map(\.entry.id).contains($0) } ?? true
        }
        // A private cluster that runs only for this command ends with the value.
        defer { withExtendedLifetime(databases) {} }
        let shown = plans.filter { chosen.contains($0.entry.id) || choice.region == nil }
        changes += try await owed(resolution, shown)
        show(changes)
    }

    /// What a rollback would change.
    private func planRollback() async throws {
        guard let serving = Serving(site.state) else {
            throw Failure("nothing serves \(site.state.path) on this host, so there is nothing to take back")
        }
        let back = try StepBack(site.state, to: to)
        let registry = try Registry(FirstParty.plugins, libraries: back.generation.libraries)
        let plans = try back.generation.regions.map { try RegionPlan($0, registry) }
        let owing = try await Promises.owing(
            serving.generation.regions, plans, try Promises.whole(registry, serving), serving.generation.limits
        ) { _, _ in true }
        say(
            "`lyceum rollback` would make generation \(back.name) serve again\(back.name == back.number ? "" : ", as \(back.number) was")"
        )
        show(back.changes + owing.flatMap(Self.changes))
    }

    /// What plugins that serve, or would, owe and do not keep after the change.
    private func owed(_ resolution: Resolution, _ next: [RegionPlan]) async throws -> [Outline.Change] {
        let serving = Serving(site.state)
        let now = serving?.generation.regions ?? resolution.plans.map(\.entry)
        let registry = try serving.map { try Promises.whole(resolution.registry, $0) } ?? resolution.registry
        let limits = resolution.configuration.installation.limits
        return try await Promises.owing(
            now.filter { choice.region == nil || $0.id == choice.region }, next, registry, limits
        ) { region, plugin in
            // Of one that was never installed there is nobody to ask.
            resolution.records[region]?.contains { $0.id == plugin && $0.version != nil } ?? true
        }.flatMap(Self.changes)
    }

    private static func changes(_ owing: Promises.Owing) -> [Outline.Change] {
        owing.owed.map {
            Outline.Change(.owed, region: owing.region, item: "obligation", name: owing.plugin, was: $0.sentence)
        }
    }

    private func show(_ all: [Outline.Change]) {
        let changes = all.filter { choice.region == nil || $0.region == choice.region }
        if output.json { return tell(json: changes.map { PlanLines.Shown($0) }) }
        if changes.isEmpty { return tell("nothing to do") }
        for line in PlanLines.text(changes) { tell(line) }
    }

    /// What serves; where nothing does, what served last; and where nothing ever did, what is decided now.
    private func before(_ resolution: Resolution) throws -> Outline {
        let generations = Generations(state: site.state)
        let serving = RunningSupervisor.revision(site.state)
        let isRunning = KnownProcess(file: site.state.supervisorPid) != nil && serving > 0
        guard let number = isRunning ? serving : generations.served.last,
            let outline = try? Outline.read(directory: generations.directory(number))
        else { return try Outline(resolution.generation(revision: 0), resolution.plans) }
        if !isRunning { say("nothing serves now; compared with generation \(number), which did") }
        if let restored = try? GenerationFile.read(directory: generations.directory(number)).restored, isRunning {
            say("after a rollback generation \(number) serves, which is \(restored) again")
        }
        return outline
    }

    /// The region with the plugins that it would have.
    private func candidate(_ plan: RegionPlan, _ resolution: Resolution) throws -> RegionPlan {
        for id in enable + disable where resolution.registry.plugins[id] == nil {
            throw Resolution.unknownPlugin(id, resolution.registry)
        }
        var entry = plan.entry
        entry.plugins.removeAll { disable.contains($0.id) }
        let file = resolution.configuration.regions.first { $0.id == entry.id }
        for id in enable where !entry.plugins.contains(where: { $0.id == id }) {
            entry.plugins.append(file?.plugins.first { $0.id == id } ?? Generation.PluginEntry(id: id))
        }
        do { return try RegionPlan(entry, resolution.registry) } catch { throw Failure(error.description) }
    }
}

/// Changes as people and programs read them.
enum PlanLines {
    /// A line for each change, below the names of the regions.
    static func text(_ changes: [Outline.Change]) -> [String] {
        let regions = changes.map(\.region).reduce(into: [String?]()) { if !$0.contains($1) { $0.append($1) } }
        return regions.flatMap { region in
            [region ?? "every region"]
                + changes.filter { $0.region == region }.map { "  \($0.kind.rawValue) \($0.sentence)" }
        }
    }

    /// A change for programs.
    struct Shown: Encodable {
        let change: String
        let region: String?
        let kind: String
        let name: String
        let was: String
        let becomes: String
        let sentence: String

        init(_ one: Outline.Change) {
            (change, region, kind, name) = (one.kind.rawValue, one.region, one.item, one.name)
            (was, becomes, sentence) = (one.was, one.becomes, one.sentence)
        }
    }
}
