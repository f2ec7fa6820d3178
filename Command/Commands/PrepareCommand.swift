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
    @OptionGroup var site: Site

    func run() async throws {
        let state = site.state
        try state.make()
        let generations = Generations(state: state)
        let revision = try generations.reserve()
        do {
            if let again {
                tell(try repeated(again, revision, generations))
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
        let databases = try Databases(configuration, site.state)
        let resolution = try Resolution(configuration, site.state, complete: true) { entry in
            if let decisions = Databases.records(entry) { return decisions }
            guard let before = last[entry.id] else { return nil }
            say("region \(entry.id): its database does not answer; its plugins are those of the last generation")
            let listed = configuration.regions.first { $0.id == entry.id }?.plugins.map(\.id) ?? []
            let known = before.plugins.map(\.id)
            let records =
                before.plugins.map { plugin in
                    PluginRecord(id: plugin.id, decision: plugin.isDraining ? .draining : .enabled, version: nil)
                }
                + listed.filter { !known.contains($0) }.map { PluginRecord(id: $0, decision: .disabled, version: nil) }
            return RegionDecisions(revision: before.revision, records: records)
        }
        try await checkRemoved(last, resolution)
        try Readiness.settle(resolution, databases)
        try FilesDirectory(resolution.files, isOwn: configuration.installation.files == nil).prepare()
        return try generations.publish(resolution.generation(revision: revision), resolution.plans)
    }

    /// Makes sure that no plugin that still owes something is removed from a region's file; nobody asked `disable` about it.
    ///
    /// Not at a start, where nothing would be served then.
    private func checkRemoved(_ last: [String: Generation.RegionEntry], _ resolution: Resolution) async throws {
        guard RunningSupervisor.revision(site.state) > 0 else { return }
        for plan in resolution.plans {
            guard let before = last[plan.entry.id], let records = resolution.records[plan.entry.id] else { continue }
            let removed = before.plugins.map(\.id).filter { id in
                !plan.entry.plugins.contains { $0.id == id }
                    && !records.contains { $0.id == id && $0.decision == .disabled }
            }
            // A plugin whose library is gone as well can be asked nothing.
            guard !removed.isEmpty, let old = try? RegionPlan(before, resolution.registry) else { continue }
            for id in removed where old.owesAnything(id) {
                let work = try RegionWork(old, resolution.configuration.installation.limits)
                let owed = try await work.obligations(of: id)
                guard !owed.isEmpty else { continue }
                throw Failure(
                    """
                    region \(plan.entry.id): its file does not list \(id) any more, which still owes \
                    \(owed.map(\.sentence).joined(separator: "; ")). List it again, and let it keep its promises first: \
                    lyceum disable \(id) --region \(plan.entry.id) --drain
                    """)
            }
        }
    }

    /// Makes a generation of what another one was: the same libraries, settings and plugins, whatever the configuration says by
    /// now.
    private func repeated(_ number: Int, _ revision: Int, _ generations: Generations) throws -> String {
        var generation = try GenerationFile.read(directory: generations.directory(number))
        generation.restored = generation.restored ?? number
        generation.revision = revision
        for index in generation.regions.indices {
            // All decisions so far are known, and are not what brings the next generation about.
            guard let decisions = Databases.records(generation.regions[index]) else { continue }
            generation.regions[index].revision = decisions.revision
        }
        let registry = try Registry(FirstParty.plugins, libraries: generation.libraries)
        let plans = try generation.regions.map { try RegionPlan($0, registry) }
        let lacking = try plans.compactMap { plan in
            try Readiness.missing(plan).flatMap { $0.isEmpty ? nil : Readiness.sentence(plan, $0) }
        }
        guard lacking.isEmpty else { throw Failure(lacking.joined(separator: "\n")) }
        return try generations.publish(generation, plans)
    }

    /// The regions as the last generation had them: for a database that cannot be asked.
    private static func last(_ generations: Generations) -> [String: Generation.RegionEntry] {
        guard let number = generations.served.last,
            let generation = try? GenerationFile.read(directory: generations.directory(number))
        else { return [:] }
        return generation.regions.reduce(into: [:]) { $0[$1.id] = $1 }
    }
}
