internal import FirstParty
internal import Foundation
internal import Kernel
internal import Lyceum
internal import PostgreSQL

/// What the configuration means together with what operators decided: the plugins of every region, resolved.
///
/// Whoever serves needs all of it to be right. A command that looks, or is about one region, goes on without a library that
/// cannot be loaded and without regions that cannot be resolved, and says so.
struct Resolution {
    /// What the files say.
    let configuration: Configuration
    /// All plugins that this program knows.
    let registry: Registry
    /// The regions that can be resolved, in the order of the files.
    let plans: [RegionPlan]
    /// What became of asking the databases.
    let reaches: [String: Reach]
    /// The plugins that a region's database enables and that do not exist any more, as sentences at the place of libraries.
    let orphans: [ConfigurationProblem]
    /// Where uploaded files are kept.
    let files: String
    /// What regions have of their own and cannot be used; the plugins' own stays in its place.
    let refused: [ConfigurationProblem]
    /// The plugins' templates with which a region's own cannot be tried, a sentence each.
    let untried: [String]

    /// The libraries that cannot be loaded and that regions are served without, by id.
    let failed: [String: ConfigurationProblem]

    /// The plugins that are enabled and have no code here, by region: a library cannot be loaded, or is not named any more.
    private let lacking: [String: Set<String>]
    /// What is wrong with libraries and with what all regions share.
    private let common: [ConfigurationProblem]
    /// What is wrong in regions: with those that cannot be resolved, and with those of which a plugin is left out.
    private let faults: [String: [ConfigurationProblem]]

    /// What the databases say of their plugins; absent where one could not be asked.
    var records: [String: [PluginRecord]] { reaches.compactMapValues { $0.decisions?.records } }

    /// Asks the databases of regions what was decided there.
    typealias Ask = ([Generation.RegionEntry]) throws -> [String: Reach]

    /// Resolves every region.
    ///
    /// - Parameters:
    ///   - complete: whether everything must be right, and a plugin that an operator enabled must exist. Whoever serves insists on
    ///     it, because it would vanish without a word; `disable`, which is the way out, does not.
    ///   - mayFail: with `complete`, whether regions are to be served without a library of this id that cannot be loaded.
    /// - Throws: ``ConfigurationProblems`` with all that is wrong in all regions, if it is to be complete.
    init(
        _ configuration: Configuration, _ state: StateDirectory, complete: Bool = false,
        mayFail: (String) -> Bool = { _ in false }, ask: Ask = Reach.nobody
    ) throws {
        self.configuration = configuration
        files = configuration.installation.files ?? state.files
        let (registry, broken) = try Resolution.registry(configuration)
        self.registry = registry
        let failed = broken.filter { complete && mayFail($0.key) }
        self.failed = failed
        common = broken.filter { failed[$0.key] == nil }.values.sorted {
            ($0.line ?? 0, $0.sentence) < ($1.line ?? 0, $1.sentence)
        }
        var plans: [RegionPlan] = []
        var faults: [String: [ConfigurationProblem]] = [:]
        var databases: [String: String] = [:]
        var entries: [Generation.RegionEntry] = []
        var refused: [ConfigurationProblem] = []
        var lacking: [String: Set<String>] = [:]
        var untried: [String] = []
        for region in configuration.regions {
            do {
                let entry = try Resolution.entry(region, configuration, state)
                if let other = databases.updateValue(region.id, forKey: entry.database) {
                    let sentence = "names the database of the region \(other) too; each region has one of its own"
                    throw ConfigurationProblems(list: [region.file.problem(sentence, at: "/database")])
                }
                entries.append(entry)
            } catch let problems as ConfigurationProblems { faults[region.id] = problems.list }
        }
        let reaches = try ask(entries)
        self.reaches = reaches
        for (region, entry) in configuration.regions.compactMap({ region in
            entries.first { $0.id == region.id }.map { (region, $0) }
        }) {
            var entry = entry
            let decisions = reaches[region.id]?.decisions
            entry.revision = decisions?.revision ?? 0
            let known = Set(registry.ids + broken.keys)
            entry.plugins = Resolution.enabled(region, decisions?.records ?? [], known)
            // Of a library that cannot be loaded everything has been said; what follows from its absence is no news.
            let lost = entry.plugins.map(\.id).filter { broken[$0] != nil }
            entry.plugins.removeAll { lost.contains($0.id) }
            entry.failed = Resolution.fail(&entry.plugins, lost, failed, registry)
            let wanted = PluginRecord.enabled(listed: region.plugins.map(\.id), decisions?.records ?? [])
            lacking[region.id] = Set(wanted).subtracting(entry.plugins.map(\.id))
            let hidden = Resolution.reveal(&entry.plugins, region, configuration, registry, insists: complete)
            faults[region.id] = (lost.compactMap { failed[$0] == nil ? broken[$0] : nil } + hidden).nilIfEmpty
            entry.templates = region.own.templates
            entry.words = region.own.words
            do throws(RegionPlanError) {
                let plan = try RegionPlan(entry, registry)
                refused += region.own.refused
                plans.append(Resolution.sound(plan, registry, &refused, &untried))
            } catch {
                let own = Resolution.problems(error, region).filter { problem in
                    !lost.contains { problem.sentence.contains($0) }
                }
                faults[region.id, default: []] += own
            }
        }
        self.plans = plans
        self.refused = refused
        self.lacking = lacking
        self.untried = untried
        orphans = configuration.regions.flatMap { [registry] region in
            Resolution.orphans(region, reaches[region.id]?.decisions?.records ?? [], configuration, registry)
        }
        self.faults = faults
        if complete { try insist(on: nil, orphans) }
    }

    /// What serves, resolved with the libraries that it was started with.
    private init(
        _ serving: Serving, _ configuration: Configuration, _ state: StateDirectory, ask: Ask
    ) throws {
        self.configuration = configuration
        files = configuration.installation.files ?? state.files
        let registry = try Registry(FirstParty.plugins, libraries: serving.generation.libraries)
        self.registry = registry
        reaches = try ask(serving.generation.regions)
        plans = try serving.generation.regions.map { try RegionPlan($0, registry) }
        (orphans, common, faults, refused, untried, failed, lacking) = ([], [], [:], [], [], [:], [:])
    }

    /// Who may have a region's listeners, as far as the files and its database say.
    func claims(_ plan: RegionPlan) -> ListenerClaims {
        var claims = ListenerClaims(plan)
        claims.failed.formUnion(lacking[plan.entry.id] ?? [])
        return claims
    }

    /// For a command that looks or works something off: what serves where that was taken back, and what is decided elsewhere.
    ///
    /// Says where the two differ.
    static func looking(_ site: Site, _ configuration: Configuration) throws -> Resolution {
        guard let serving = Serving(site.state), let note = serving.note else {
            return try Resolution(configuration, site.state, ask: Reach.ask)
        }
        let resolution = try Resolution(serving, configuration, site.state, ask: Reach.ask)
        say(note + "; `lyceum plan` shows what the next generation changes")
        for region in configuration.regions {
            guard let records = resolution.records[region.id], let entry = serving.region(region.id) else { continue }
            let decided = PluginRecord.enabled(listed: region.plugins.map(\.id), records)
            for plugin in entry.plugins where !decided.contains(plugin.id) {
                let isDisabled = records.contains { $0.id == plugin.id && $0.decision == .disabled }
                let why = isDisabled ? "was disabled" : "is not listed in its file any more"
                say("  \(region.id): \(plugin.id) serves until then, although it \(why)")
            }
            for plugin in decided where !serving.serves(plugin, in: region.id) {
                say("  \(region.id): \(plugin) does not serve until then, although it is enabled")
            }
        }
        return resolution
    }

    /// A plan with those of the region's own templates and words that can be used.
    private static func sound(
        _ plan: RegionPlan, _ registry: Registry, _ refused: inout [ConfigurationProblem], _ untried: inout [String]
    ) -> RegionPlan {
        do {
            let (sound, faults, unsampled) = try plan.withSoundPages(known: registry.ids)
            untried += unsampled.map {
                "\(plan.entry.id): \($0); its own templates were not tried with that page"
            }
            refused += faults.map {
                ConfigurationProblem(file: $0.file, line: $0.line == 0 ? nil : $0.line, sentence: $0.message)
            }
            return sound
        } catch {
            // The plugins' own templates do not fit together; the candidate says so when it is started.
            return plan
        }
    }

    /// Says which of the regions' own templates and words are not used.
    func noteRefused() {
        for problem in refused { say("\(problem); the plugin's own is used") }
        for sentence in untried { say("note: \(sentence)") }
    }

    /// Makes sure that nothing is wrong with a region; with nil, with any.
    ///
    /// - Throws: ``ConfigurationProblems`` with all that is.
    func insist(on region: String?, _ more: [ConfigurationProblem] = []) throws {
        var list = region == nil ? common : []
        for one in configuration.regions where region == nil || one.id == region {
            list += (faults[one.id] ?? []).filter { !list.contains($0) }
        }
        list += more
        guard list.isEmpty else { throw ConfigurationProblems(list: list) }
    }

    /// Takes plugins that need one that may fail away too; answers all that failed, with the reasons.
    private static func fail(
        _ plugins: inout [Generation.PluginEntry], _ lost: [String], _ problems: [String: ConfigurationProblem],
        _ registry: Registry
    ) -> [Generation.FailedPlugin] {
        var failed = lost.compactMap { id in
            problems[id].map { Generation.FailedPlugin(id: id, reason: $0.description) }
        }
        while let next = plugins.first(where: { plugin in
            registry.plugins[plugin.id]?.manifest.requires.contains { need in failed.contains { $0.id == need.id } }
                == true
        }) {
            let needed = registry.plugins[next.id]?.manifest.requires.map(\.id) ?? []
            let missing = failed.map(\.id).filter { needed.contains($0) }.joined(separator: " and ")
            failed.append(Generation.FailedPlugin(id: next.id, reason: "it requires \(missing), which failed"))
            plugins.removeAll { $0.id == next.id }
        }
        return failed
    }

    /// A sentence for each library that cannot be loaded and each region that is served without it.
    var failures: [String] {
        failed.values.map(\.description).sorted()
            + plans.filter { !$0.entry.failed.isEmpty }.map { plan in
                "region \(plan.entry.id) is served without \(plan.entry.failed.map(\.id).joined(separator: " and "))"
            }
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
    ///
    /// - Parameter refreshes: whether open pages show themselves anew when it takes over.
    func generation(revision: Int, refreshes: Bool = false) -> Generation {
        var generation = Generation()
        generation.refreshes = refreshes
        generation.revision = revision
        generation.workers = configuration.installation.workers
        generation.development = configuration.installation.development
        generation.log = configuration.installation.log
        generation.files = files
        generation.limits = configuration.installation.limits
        generation.libraries = configuration.libraries.filter { failed[$0.id] == nil }
        generation.regions = plans.map(\.entry)
        return generation
    }

    /// A region's plan, even where one of its plugins cannot be loaded.
    ///
    /// - Throws: ``Failure`` for a name that no region has, ``ConfigurationProblems`` for one that cannot be resolved.
    func plan(_ id: String) throws -> RegionPlan {
        guard let plan = plans.first(where: { $0.entry.id == id }) else {
            try insist(on: id)
            throw Resolution.unknown(id, configuration.regions.map(\.id))
        }
        note(faults[id] ?? [])
        return plan
    }

    /// The plans of one region, or of all that can be resolved.
    func plans(_ choice: RegionChoice) throws -> [RegionPlan] {
        if let region = choice.region { return [try plan(region)] }
        if plans.isEmpty { try insist(on: nil) }
        note(common + configuration.regions.flatMap { faults[$0.id] ?? [] })
        return plans
    }

    /// The plans of one region, or of all, in which nothing is wrong.
    func soundPlans(_ choice: RegionChoice) throws -> [RegionPlan] {
        let plans = try choice.region.map { [try soundPlan($0)] }
        if plans == nil { try insist(on: nil) }
        return plans ?? self.plans
    }

    /// A region's plan, in which nothing is wrong.
    func soundPlan(_ id: String) throws -> RegionPlan {
        try insist(on: id)
        return try plan(id)
    }

    /// Says what is wrong elsewhere, each thing once.
    private func note(_ problems: [ConfigurationProblem]) {
        var said: [ConfigurationProblem] = []
        for problem in problems where !said.contains(problem) {
            say("note: \(problem)")
            said.append(problem)
        }
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
            let file = values.database == nil ? configuration.file : region.file
            let accepted =
                "write what libpq reads, such as host=db.example.org dbname=lyceum_{region} user=lyceum, or a URI"
            let name: String?
            do { name = try ConnectionParameters(entry.database).database } catch {
                throw ConfigurationProblems(list: [
                    file.problem("is not understood: \(error.message); \(accepted)", at: "/database")
                ])
            }
            guard let name else {
                throw ConfigurationProblems(list: [
                    file.problem(
                        "must name a database (dbname=…, or the path of a URI); it is \"\(template)\"", at: "/database")
                ])
            }
            entry.databaseName = name
            if values.database == nil, let text = configuration.installation.administration {
                do { _ = try ConnectionParameters(ConnectionString.text(text, region: region.id)) } catch {
                    throw ConfigurationProblems(list: [
                        file.problem("is not understood: \(error.message); \(accepted)", at: "/administration")
                    ])
                }
            }
        }
        return entry
    }

    /// The registry of all plugins, linked and loaded, and what is wrong with libraries, by the ids that they are to have.
    private static func registry(
        _ configuration: Configuration
    ) throws -> (Registry, broken: [String: ConfigurationProblem]) {
        var registry = try Registry(FirstParty.plugins)
        var broken: [String: ConfigurationProblem] = [:]
        for library in configuration.libraries {
            do {
                let type = try Loader.load(library.path, id: library.id)
                try registry.add(KnownPlugin(type, origin: .library(library.path)))
            } catch {
                broken[library.id] = configuration.file.problem("\(error)", at: "/libraries/\(library.id)")
            }
        }
        return (registry, broken)
    }

    /// What the file lists, changed by what operators decided.
    ///
    /// A plugin that no longer exists is among the orphans.
    private static func enabled(
        _ region: Configuration.Region, _ records: [PluginRecord], _ known: Set<String>
    ) -> [Generation.PluginEntry] {
        let known = records.filter { known.contains($0.id) }
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

extension Array {
    /// Nil in place of nothing.
    var nilIfEmpty: [Element]? { isEmpty ? nil : self }
}
