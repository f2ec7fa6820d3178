public import Lyceum

/// A plugin in a region that enabled it, and what it does there.
public struct EnabledPlugin: Sendable {
    /// The plugin.
    public let plugin: KnownPlugin
    /// What it does with the region's settings.
    public let contributions: [any Contribution]
}

/// What a region consists of, decided without any I/O: its plugins in order, and everything they contribute, checked.
public struct RegionPlan: Sendable {
    /// What the configuration says.
    public private(set) var entry: Generation.RegionEntry
    /// The plugins, each after those it needs.
    public let plugins: [EnabledPlugin]
    /// The plugins that the region does not enable; what they have of it stays there when they are disabled.
    let dormant: [KnownPlugin]
    /// The kernel's own part of a region in which people can sign in; nil in any other.
    private(set) var kernel: EnabledPlugin?

    /// The plugins, and the kernel as one.
    private var everyone: [EnabledPlugin] { plugins + (kernel.map { [$0] } ?? []) }

    /// Resolves a region.
    ///
    /// - Throws: ``RegionPlanError`` with everything that is wrong.
    public init(_ entry: Generation.RegionEntry, _ registry: Registry) throws(RegionPlanError) {
        self.entry = entry
        let order: [KnownPlugin]
        do { order = try Resolver.order(entry.plugins.map(\.id), in: registry, region: entry.id) } catch {
            throw RegionPlanError(region: entry.id, sentences: [error.description])
        }
        let book = Book()
        var plugins: [EnabledPlugin] = []
        var sentences: [String] = []
        var settings: [SettingsFaults] = []
        for plugin in order {
            let text = entry.plugins.first { $0.id == plugin.id }?.settings ?? "{}"
            do {
                let contributions = try AskedPlugin.asking(
                    "region \(entry.id): the plugin \(plugin.id) \(plugin.manifest.version)",
                    "when it was asked what it contributes"
                ) { try plugin.contributions(settings: text, book) }
                let parts = contributions.compactMap { ($0 as? SlotPart)?.collect }
                plugins.append(EnabledPlugin(plugin: plugin, contributions: contributions + parts))
            } catch let faults as Faults {
                settings.append(SettingsFaults(plugin: plugin.id, faults: faults.list))
            } catch {
                sentences.append("region \(entry.id): the settings of \(plugin.id) cannot be described: \(error)")
            }
        }
        self.plugins = plugins
        dormant = registry.ids.compactMap { id in order.contains { $0.id == id } ? nil : registry.plugins[id] }
        if !all(Authenticator.self).isEmpty {
            kernel = EnabledPlugin(
                plugin: KnownPlugin(OperatorPlugin.self),
                contributions: OperatorPlugin(self).contributions(NoSettings()))
        }
        if settings.isEmpty {
            let check = ContributionCheck(entry.id, everyone)
            sentences += check.sentences
            for limit in entry.api.limits where limit.name != "*" && !check.limitNames.contains(limit.name) {
                // That of a plugin which is not enabled right now means nothing.
                let owner = String(limit.name.prefix { $0 != "." })
                if registry.ids.contains(owner), !order.contains(where: { $0.id == owner }) { continue }
                let hint = nearest(limit.name, check.limitNames).map { "did you mean \"\($0)\"?" }
                let known =
                    check.limitNames.isEmpty ? "there is none" : "there are \(check.limitNames.joined(separator: ", "))"
                sentences.append(
                    "region \(entry.id): no route has the rate limit \"\(limit.name)\" (api.limits); \(hint ?? known)")
            }
        }
        guard sentences.isEmpty, settings.isEmpty else {
            throw RegionPlanError(region: entry.id, sentences: sentences, settings: settings)
        }
    }

    /// The plan without those of the region's own templates and words that cannot be used, and why each cannot.
    ///
    /// Templates are tried with the samples of all pages that print them. What is for a plugin that the region has not enabled
    /// right now goes without a word, because it is of use as soon as the plugin is.
    /// - Parameter known: the ids of all plugins that there are.
    /// - Returns: also the plugins' templates of which no sample can be made, so that nothing was tried with them.
    /// - Throws: a `TemplateError` where the plugins' own templates do not fit together.
    public func withSoundPages(
        known: [String]
    ) throws -> (plan: RegionPlan, refused: [TemplateError], untried: [TemplateError]) {
        var plan = self
        func isAway(_ name: String) -> Bool {
            let owner = String(name.prefix { $0 != "." })
            return known.contains(owner) && !plugins.contains { $0.plugin.id == owner }
        }
        plan.entry.templates.removeAll { isAway($0.name) }
        plan.entry.words.removeAll { isAway($0.key) }
        func remove(_ refused: [TemplateError]) {
            plan.entry.templates.removeAll { template in refused.contains { $0.file == template.file } }
            plan.entry.words.removeAll { words in refused.contains { $0.file == words.file && $0.line == words.line } }
        }
        let unreadable = try GenerationFile.unreadable(plan.entry.templates, plan.entry.words)
        remove(unreadable)
        guard !plan.entry.templates.isEmpty || !plan.entry.words.isEmpty else { return (plan, unreadable, []) }
        let templates = try RegionTemplates(plan, isChecked: true)
        remove(templates.refused)
        return (plan, unreadable + templates.refused, templates.untried)
    }

    /// What is wrong with the plugins' own templates, each tried with a sample of what its page shows: for their tests.
    ///
    /// - Throws: a `TemplateError` where they do not fit together.
    public func templateFaults() throws -> [TemplateError] {
        let templates = try RegionTemplates(self, isChecked: false)
        let library = templates.builtIn ?? templates.library
        let (samples, untried) = RegionTemplates.samples(self)
        return samples.sorted { $0.key < $1.key }.flatMap { name, sample in
            library.check(name, sample, over: RegionTemplates.common)
        } + untried
    }

    /// All contributions of one kind, with the plugin of each, in the order of the plugins.
    func all<Kind: Contribution>(_ kind: Kind.Type) -> [(plugin: String, value: Kind)] {
        everyone.flatMap { enabled in
            enabled.contributions.compactMap { one in (one as? Kind).map { (enabled.plugin.id, $0) } }
        }
    }

    /// The routes and pages, for lists: method, address, who may use it, and the plugin.
    public var addresses: [(method: String, path: String, access: String, plugin: String)] {
        all(Route.self).map {
            ($0.value.method.rawValue, "/api/" + $0.value.path, $0.value.access.description, $0.plugin)
        }
            + all(PageRoute.self).map {
                ($0.value.method.rawValue, "/" + $0.value.path, $0.value.access.description, $0.plugin)
            }
    }

    /// The listeners: the name that its cursor has, the plugin, the event's name and major version.
    public var listeners: [(name: String, plugin: String, topic: String, major: Int, start: Listener.Start)] {
        all(Listener.self).map {
            ("\($0.plugin).\($0.value.id)", $0.plugin, $0.value.topic, $0.value.major, $0.value.start)
        }
    }

    /// The jobs: the name of each, its plugin, and its schedule with its zone.
    public var jobs: [(name: String, plugin: String, schedule: String?, zone: String?)] {
        all(Job.self).map { plugin, job in
            (
                "\(plugin).\(job.id)", plugin, job.schedule?.expression,
                job.schedule?.zoneName(in: entry.timeZone)
            )
        }
    }

    /// The plugin of each Swift module in which a region's types may be declared, by the module's name: its own and, where
    /// it has one, its contract, `Courses` and `CoursesContract`.
    var modules: [String: String] {
        var modules: [String: String] = [:]
        for enabled in everyone {
            guard let module = String(reflecting: enabled.plugin.type).split(separator: ".").first else { continue }
            modules[String(module)] = enabled.plugin.id
            modules[module + "Contract"] = enabled.plugin.id
        }
        return modules
    }

    /// Who answers in the region: its plugins, and the kernel as one.
    var manifests: [Manifest] { everyone.map(\.plugin.manifest) }

    /// Whether a plugin has anything that it may owe to people.
    public func owesAnything(_ plugin: String) -> Bool { all(Obligation.self).contains { $0.plugin == plugin } }

    /// The permissions that the region's plugins declare.
    var permissions: [Permission] {
        everyone.flatMap { enabled in enabled.plugin.declarations.compactMap { $0 as? Permission } }
    }

    /// The events that the region's plugins declare, by name and version.
    var events: Set<String> {
        Set(plugins.flatMap { $0.plugin.declarations.compactMap { ($0 as? Emits)?.id } })
    }

    /// The example data of the plugins, in their order.
    package var demos: [(plugin: String, value: Demo)] { all(Demo.self) }
}

/// Everything that is wrong with a region.
public struct RegionPlanError: Error, CustomStringConvertible {
    /// The region's id.
    public let region: String
    /// What is wrong, apart from settings.
    public let sentences: [String]
    /// What is wrong with plugins' settings, for the configuration's reader to find the lines of.
    public let settings: [SettingsFaults]

    init(region: String, sentences: [String], settings: [SettingsFaults] = []) {
        (self.region, self.sentences, self.settings) = (region, sentences, settings)
    }

    /// All of it, a line each.
    public var description: String {
        let faults = settings.flatMap { one in
            one.faults.map { "region \(region): settings of \(one.plugin): \($0.pointer) \($0.sentence)" }
        }
        return (sentences + faults).joined(separator: "\n")
    }
}

/// What is wrong with the settings of one plugin.
public struct SettingsFaults: Sendable {
    /// The plugin's id.
    public let plugin: String
    /// The faults; their pointers begin at the settings.
    public let faults: [Fault]
}
