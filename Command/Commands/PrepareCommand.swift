internal import ArgumentParser
internal import FirstParty
internal import Kernel

/// `lyceum prepare`: the probe child of `lyceum serve`, which loads and resolves a new generation in its place.
struct PrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Resolve a new generation and write it down; `lyceum serve` runs this.",
        discussion: """
            Prints the generation's directory.

            Example:
              lyceum prepare --state .state
            """,
        shouldDisplay: false)

    @Option(help: ArgumentHelp("Repeat this generation, instead of reading the configuration.", valueName: "number"))
    var again: Int?
    @Flag(help: "With --again: leave out plugins although they owe something.")
    var yes = false
    @Flag(help: "Open pages show themselves anew when it takes over.")
    var develop = false
    @Option(help: ArgumentHelp("What asked for it.", valueName: "text"))
    var cause: String?
    @OptionGroup var site: Site

    func run() async throws {
        let state = site.state
        try state.make()
        let generations = Generations(state: state)
        let revision = try generations.reserve()
        do {
            if let again {
                tell(try await repeated(again, revision, generations))
            } else {
                tell(try await made(revision, generations))
            }
        } catch {
            generations.abandon(revision)
            throw error
        }
    }

    /// Makes a generation of the configuration and of what operators decided.
    private func made(_ revision: Int, _ generations: Generations) async throws -> String {
        let configuration = try Configuration(directory: site.config)
        let last = Self.last(generations)
        let serving = Serving(site.state)
        let databases = try Databases(configuration, site.state)
        // A start is not to fail because of one library; later, what serves is better than the same without a plugin.
        let failed = serving.map { serving in Set(serving.generation.regions.flatMap { $0.failed.map(\.id) }) }
        let resolution = try Resolution(
            configuration, site.state, complete: true, mayFail: { failed?.contains($0) ?? true },
            ask: { entries in try Self.standIn(for: Reach.ask(entries), entries, last, serving, configuration) })
        for sentence in resolution.failures { say("error: \(sentence)") }
        try await Promises.check(serving, resolution.plans, resolution.registry, configuration) { region, plugin in
            let records = resolution.records[region]
            let isDisabled = records?.contains { $0.id == plugin && $0.decision == .disabled } == true
            // Whoever disabled it was asked for what it owed, unless a rollback has brought it back since.
            if isDisabled, serving?.generation.restored == nil { return nil }
            let drain = "lyceum disable \(plugin) --region \(region) --drain"
            if isDisabled {
                return Promises.Objection(
                    why: "\(plugin) serves since the rollback although it was disabled, and",
                    remedy:
                        "Call it back: lyceum enable \(plugin) --region \(region); or let it keep its promises first: \(drain)"
                )
            }
            let isThere = configuration.regions.contains { $0.id == region }
            return Promises.Objection(
                why: isThere ? "its file does not list \(plugin) any more, which" : "its file is gone, and \(plugin)",
                remedy: "List it again, and let it keep its promises first: \(drain)")
        }
        resolution.noteRefused()
        try Readiness.settle(resolution, databases)
        try FilesDirectory(resolution.files, isOwn: configuration.installation.files == nil).prepare()
        return try generations.publish(
            resolution.generation(revision: revision, refreshes: develop), resolution.plans, cause: cause)
    }

    /// What takes the place of decisions that cannot be read: of a database that does not answer and served before, the plugins
    /// that served.
    ///
    /// - Throws: ``Failure`` for a region that would leave a database that serves for one that does not answer, or begin with it.
    private static func standIn(
        for reaches: [String: Reach], _ entries: [Generation.RegionEntry], _ last: [String: Generation.RegionEntry],
        _ serving: Serving?, _ configuration: Configuration
    ) throws -> [String: Reach] {
        var reaches = reaches
        var refusals: [String] = []
        for entry in entries {
            guard let silence = reaches[entry.id]?.silence else { continue }
            let before = last[entry.id]
            if serving != nil, before?.database != entry.database {
                let what =
                    before == nil ? "the region is new, and its" : "another database than before is named, but this"
                refusals.append(
                    """
                    region \(entry.id): \(what) database \(entry.databaseName) does not answer: \(silence). Correct \
                    /database, or make it answer first
                    """)
                continue
            }
            guard let before else { continue }
            say(
                "region \(entry.id): its database does not answer; its plugins are those of the last generation: \(silence)"
            )
            let listed = configuration.regions.first { $0.id == entry.id }?.plugins.map(\.id) ?? []
            let known = before.plugins.map(\.id)
            let records =
                before.plugins.map { plugin in
                    PluginRecord(id: plugin.id, decision: plugin.isDraining ? .draining : .enabled, version: nil)
                }
                + listed.filter { !known.contains($0) }.map { PluginRecord(id: $0, decision: .disabled, version: nil) }
            reaches[entry.id] = .away(silence, RegionDecisions(revision: before.revision, records: records))
        }
        guard refusals.isEmpty else { throw Failure(refusals.joined(separator: "\n")) }
        return reaches
    }

    /// Makes a generation of what another one was: the same libraries, settings and plugins, whatever the configuration says by
    /// now.
    private func repeated(_ number: Int, _ revision: Int, _ generations: Generations) async throws -> String {
        var generation = try GenerationFile.read(directory: generations.directory(number))
        generation.restored = generation.restored ?? number
        generation.revision = revision
        generation.refreshes = develop
        let reaches = Reach.ask(generation.regions)
        for index in generation.regions.indices {
            // All decisions so far are known, and are not what brings the next generation about.
            guard let decisions = reaches[generation.regions[index].id]?.decisions else { continue }
            generation.regions[index].revision = decisions.revision
        }
        let registry = try Registry(FirstParty.plugins, libraries: generation.libraries)
        let plans = try generation.regions.map { entry -> RegionPlan in
            let plan = try RegionPlan(entry, registry)
            // What another release made of templates and words may fit no more; where the plugins' own do not, the start says so.
            guard let (sound, refused, _) = try? plan.withSoundPages(known: registry.ids) else { return plan }
            for fault in refused { say("\(fault); the plugin's own is used") }
            return sound
        }
        generation.regions = plans.map(\.entry)
        if !yes {
            try await Promises.check(Serving(site.state), plans, registry, nil) { region, plugin in
                Promises.Objection(
                    why: "generation \(number) is without \(plugin), which",
                    remedy: "Settle these first, or leave them be: lyceum rollback --to \(number) --yes")
            }
        }
        let lacking = try plans.compactMap { plan -> String? in
            guard reaches[plan.entry.id]?.silence == nil, let steps = try Readiness.missing(plan), !steps.isEmpty else {
                return nil
            }
            return Readiness.sentence(plan, steps)
        }
        guard lacking.isEmpty else { throw Failure(lacking.joined(separator: "\n")) }
        return try generations.publish(generation, plans, cause: cause)
    }

    /// The regions as the last generation had them: for a database that cannot be asked.
    private static func last(_ generations: Generations) -> [String: Generation.RegionEntry] {
        guard let number = generations.served.last,
            let generation = try? GenerationFile.read(directory: generations.directory(number))
        else { return [:] }
        return generation.regions.reduce(into: [:]) { $0[$1.id] = $1 }
    }
}
