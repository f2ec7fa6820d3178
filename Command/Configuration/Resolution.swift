internal import FirstParty
internal import Foundation
internal import Kernel
internal import Lyceum
internal import PostgreSQL

/// What the configuration means together with what operators decided: the plugins of every region, resolved.
struct Resolution {
    /// What the files say.
    let configuration: Configuration
    /// All plugins that this program knows.
    let registry: Registry
    /// The regions, resolved, in the order of the files.
    let plans: [RegionPlan]
    /// What the databases say; absent where one could not be asked.
    let records: [String: [PluginRecord]]

    /// The plugins that a region's database enables and that do not exist any more, as sentences at the place of libraries.
    let orphans: [ConfigurationProblem]

    /// What a region's database says about its plugins; nil when it cannot be asked.
    typealias Ask = (Generation.RegionEntry) -> RegionDecisions?

    /// Resolves every region.
    ///
    /// - Parameter complete: whether a plugin that an operator enabled must exist. Whoever serves insists on it, because it
    ///   would vanish without a word; `disable`, which is the way out, does not.
    /// - Throws: ``ConfigurationProblems`` with all that is wrong in all regions.
    init(
        _ configuration: Configuration, _ state: StateDirectory, complete: Bool = false,
        ask: Ask = { _ in RegionDecisions(revision: 0, records: []) }
    ) throws {
        self.configuration = configuration
        var problems: [ConfigurationProblem] = []
        registry = Resolution.registry(configuration, &problems)
        var plans: [RegionPlan] = []
        var records: [String: [PluginRecord]] = [:]
        var databases: [String: String] = [:]
        for region in configuration.regions {
            var entry = try Resolution.entry(region, configuration, state)
            if let other = databases.updateValue(region.id, forKey: entry.database) {
                problems.append(
                    region.file.problem(
                        "names the database of the region \(other) too; each region has one of its own", at: "/database"
                    ))
            }
            let decisions = ask(entry)
            records[region.id] = decisions?.records
            entry.revision = decisions?.revision ?? 0
            entry.plugins = Resolution.enabled(region, records[region.id] ?? [], registry)
            problems += Resolution.reveal(&entry.plugins, region, configuration, registry, insists: complete)
            do { plans.append(try RegionPlan(entry, registry)) } catch {
                problems += Resolution.problems(error, region)
            }
        }
        (self.plans, self.records) = (plans, records)
        orphans = configuration.regions.flatMap { [registry, records] region in
            Resolution.orphans(region, records[region.id] ?? [], configuration, registry)
        }
        if complete { problems += orphans }
        guard problems.isEmpty else { throw ConfigurationProblems(list: problems) }
    }

    /// Puts secrets in the place of what names them; answers what is wrong with those that cannot be had.
    private static func reveal(
        _ plugins: inout [Generation.PluginEntry], _ region: Configuration.Region, _ configuration: Configuration,
        _ registry: Registry, insists: Bool
    ) -> [ConfigurationProblem] {
        let references = SecretReferences(
            directory: configuration.directory, environment: ProcessInfo.processInfo.environment, insists: insists)
        return plugins.indices.flatMap { index -> [ConfigurationProblem] in
            guard let known = registry.plugins[plugins[index].id] else { return [] }
            var faults = Faults()
            // What is no settings at all is said by those who check them.
            if let text = try? references.settings(plugins[index].settings, of: known, &faults) {
                plugins[index].settings = text
            }
            return region.file.problems(faults.list, below: "/plugins/\(known.id)")
        }
    }

    /// The generation of this resolution.
    func generation(revision: Int) -> Generation {
        var generation = Generation()
        generation.revision = revision
        generation.workers = configuration.installation.workers
        generation.development = configuration.installation.development
        generation.log = configuration.installation.log
        generation.limits = configuration.installation.limits
        generation.libraries = configuration.libraries
        generation.regions = plans.map(\.entry)
        return generation
    }

    /// A region's plan.
    ///
    /// - Throws: ``Failure`` for a name that no region has.
    func plan(_ id: String) throws -> RegionPlan {
        guard let plan = plans.first(where: { $0.entry.id == id }) else {
            throw Resolution.unknown(id, plans.map(\.entry.id))
        }
        return plan
    }

    /// The plans of one region, or of all.
    func plans(_ choice: RegionChoice) throws -> [RegionPlan] {
        try choice.region.map { [try plan($0)] } ?? plans
    }

    /// The sentence for a region that is not there.
    static func unknown(_ id: String, _ known: [String]) -> Failure {
        let hint = nearest(id, known).map { "did you mean \"\($0)\"?" } ?? "there are \(known.joined(separator: ", "))"
        return Failure("there is no region \"\(id)\"; \(hint)")
    }

    /// The sentence for a plugin that is not there.
    static func unknownPlugin(_ id: String, _ registry: Registry) -> Failure {
        let ids = registry.ids
        let hint = nearest(id, ids).map { "did you mean \"\($0)\"?" } ?? "there are \(ids.joined(separator: ", "))"
        return Failure("there is no plugin \"\(id)\"; \(hint)")
    }

    /// A region as its file describes it, without plugins.
    static func entry(
        _ region: Configuration.Region, _ configuration: Configuration, _ state: StateDirectory
    ) throws -> Generation.RegionEntry {
        let values = region.values
        var entry = Generation.RegionEntry()
        entry.id = region.id
        entry.title = values.title
        entry.about = values.about
        entry.locale = values.locale
        entry.currency = values.currency
        entry.timeZone = values.timeZone
        entry.countries = values.countries
        entry.home = values.home
        entry.api = values.api
        let template = values.database ?? configuration.installation.database
        if template == "embedded" {
            entry.databaseName = "lyceum_" + region.id.replacing("-", with: "_")
            entry.database = try state.cluster().conninfo(database: entry.databaseName)
        } else {
            entry.database = ConnectionString.text(template, region: region.id)
            guard let name = ConnectionString.database(entry.database) else {
                throw ConfigurationProblems(list: [
                    region.file.problem(
                        "must name a database (dbname=…, or the path of a URI); it is \"\(template)\"", at: "/database")
                ])
            }
            entry.databaseName = name
        }
        return entry
    }

    /// The registry of all plugins, linked and loaded.
    private static func registry(_ configuration: Configuration, _ problems: inout [ConfigurationProblem]) -> Registry {
        var registry = Registry()
        do { registry = try Registry(FirstParty.plugins) } catch {
            problems.append(ConfigurationProblem(file: "the built-in plugins", line: nil, sentence: error.description))
        }
        for library in configuration.libraries {
            do {
                let type = try Loader.load(library.path, id: library.id)
                try registry.add(KnownPlugin(type, origin: .library(library.path)))
            } catch {
                problems.append(configuration.file.problem("\(error)", at: "/libraries/\(library.id)"))
            }
        }
        return registry
    }

    /// What the file lists, changed by what operators decided.
    ///
    /// A plugin that no longer exists is among the orphans.
    private static func enabled(
        _ region: Configuration.Region, _ records: [PluginRecord], _ registry: Registry
    ) -> [Generation.PluginEntry] {
        let known = records.filter { registry.plugins[$0.id] != nil }
        return PluginRecord.enabled(listed: region.plugins.map(\.id), known).map { id in
            var entry = region.plugins.first { $0.id == id } ?? Generation.PluginEntry(id: id)
            entry.isDraining = known.contains { $0.id == id && $0.decision == .draining }
            return entry
        }
    }

    /// What an operator enabled in a region and no program or library has.
    private static func orphans(
        _ region: Configuration.Region, _ records: [PluginRecord], _ configuration: Configuration, _ registry: Registry
    ) -> [ConfigurationProblem] {
        let listed = Set(configuration.libraries.map(\.id))
        return records.filter { record in
            // One whose library is named but not loadable has a problem of its own.
            (record.decision == .enabled || record.decision == .draining) && registry.plugins[record.id] == nil
                && !listed.contains(record.id)
        }.map { record in
            ConfigurationProblem(
                file: configuration.file.shown, line: configuration.file.line(of: "/libraries"),
                sentence: """
                    /libraries does not name the plugin "\(record.id)", which was enabled in the region \(region.id) with \
                    `lyceum enable`; name its library again, or take the decision back: \
                    lyceum disable \(record.id) --region \(region.id)
                    """)
        }
    }

    private static func problems(_ error: RegionPlanError, _ region: Configuration.Region) -> [ConfigurationProblem] {
        let file = region.file
        return error.sentences.map { sentence in
            // The plugin at fault is the one the sentence quotes or begins with; its line is the most useful one.
            let guilty = region.plugins.map(\.id).first {
                sentence.contains("\"\($0)\"") || sentence.contains("enables \($0) ")
            }
            let line = file.line(of: guilty.map { "/plugins/\($0)" } ?? "/plugins")
            return ConfigurationProblem(file: file.shown, line: line, sentence: sentence)
        } + error.settings.flatMap { file.problems($0.faults, below: "/plugins/\($0.plugin)") }
    }
}
