internal import ArgumentParser
internal import Kernel

/// The command `lyceum plan`.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a new generation would change, and `lyceum migrate`; change nothing.",
        discussion: """
            Compares what serves with what the configuration and the operators' decisions make now: schema, plugins, settings, \
            permissions, events, hooks, routes, pages, listeners and jobs. + is new, - is gone, ~ becomes otherwise. With \
            --enable or --disable: what these would change.

            Example:
              lyceum plan --region academy
              lyceum plan --region academy --disable courses
            """)

    @Option(help: ArgumentHelp("As if this plugin were enabled in the region.", valueName: "id"))
    var enable: [String] = []
    @Option(help: ArgumentHelp("As if this plugin were disabled in the region.", valueName: "id"))
    var disable: [String] = []
    @OptionGroup var site: Site
    @OptionGroup var choice: RegionChoice
    @OptionGroup var output: OutputChoice

    func validate() throws {
        guard choice.region != nil || (enable.isEmpty && disable.isEmpty) else {
            throw ValidationError("--enable and --disable need --region NAME")
        }
        if let both = enable.first(where: { disable.contains($0) }) {
            throw ValidationError("\(both) cannot be both enabled and disabled; say one of them")
        }
    }

    func run() throws {
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
        if choice.region != nil { changes.removeAll { $0.region != choice.region } }
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
