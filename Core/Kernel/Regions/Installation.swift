internal import Glibc
public import Lyceum
internal import PostgreSQL

/// Everything that one process serves: the regions of a generation.
public final class Installation: Sendable {
    let generation: Generation
    /// Where the generation lies; beside it is what outlives it.
    let directory: String?
    let services: [RegionService]
    let plans: [RegionPlan]
    let metrics: Metrics
    let counters: RegionCounters
    let probes: [RegionProbe]
    let pages: KernelPageSet
    private let names: [[UInt8]]
    /// The largest body, apart from the other limits because it is asked for with every request.
    let bodyLimit: Int
    /// How many threads each region holds.
    let shares: RegionShares
    /// Who has used how much of which rate limit.
    let rates: RateBoard
    /// Whether any region lets other origins use its API.
    let hasOrigins: Bool
    /// All that threads can be at work on.
    let work: WorkTable
    let log: Log

    /// Builds the regions of a generation.
    ///
    /// - Parameters:
    ///   - registry: the plugins that this process can run.
    ///   - slot: which of the web workers this is, from 0; ``deliverySlot`` is the delivery process.
    ///   - tellsDelivery: whether the supervisor gave this process the pipe to the delivery process.
    /// - Throws: ``RegionPlanError``, or a sentence about what cannot be prepared.
    public convenience init(
        _ generation: Generation, _ registry: Registry, slot: Int = 0, tellsDelivery: Bool = false, log: Log
    ) throws {
        try self.init(generation, registry, world: .real, slot: slot, tellsDelivery: tellsDelivery, log: log)
    }

    /// The same with time and chance of one's own.
    public convenience init(
        _ generation: Generation, _ registry: Registry, world: World, slot: Int = 0, tellsDelivery: Bool = false,
        log: Log
    ) throws {
        try self.init(
            generation, registry, world: world, counting: CounterTable(), slot: slot, tellsDelivery: tellsDelivery,
            log: log)
    }

    /// The same with a table of counters that other processes add to as well.
    ///
    /// - Parameter directory: where the generation lies, for what delivers; nothing is written into it.
    init(
        _ generation: Generation, _ registry: Registry, world: World = .real, directory: String? = nil,
        counting table: CounterTable,
        slot: Int = 0, tellsDelivery: Bool = false, log: Log
    ) throws {
        self.generation = generation
        self.log = log
        self.directory = directory
        bodyLimit = generation.limits.bodyBytes
        var labels = [MetricLabel.kernel]
        var services: [RegionService] = []
        let plans = try generation.regions.map { try RegionPlan($0, registry) }
        let work = WorkTable(plans)
        counters = RegionCounters(generation.regions.map(\.id), table, slot: slot)
        for (index, plan) in plans.enumerated() {
            let entry = plan.entry
            let signal = PublishedSignal(region: entry.id)
            let runtime = try Installation.runtime(
                plan, generation.limits, world, work, log, counters[index], files: generation.files,
                published: { _ in if tellsDelivery { signal.send() } })
            services.append(
                try RegionService(
                    plan, runtime: runtime, work, refresh: generation.refreshes ? generation.revision : nil,
                    log: log, metrics: &labels))
        }
        self.work = work
        shares = RegionShares(
            regions: plans.count, most: generation.limits.share(regions: plans.count))
        self.services = services
        rates = try RateBoard()
        hasOrigins = services.contains { $0.crossOrigin != nil }
        self.plans = plans
        names = services.map { Array($0.region.id.utf8) }
        pages = try KernelPageSet()
        // Where no requests are answered, none are counted.
        metrics = Metrics(
            labels, threads: generation.limits.threads,
            slot == Installation.deliverySlot ? try CounterTable(capacity: 0) : table, slot: slot)
        if slot != Installation.deliverySlot, metrics.uncounted > 0 {
            log.write(
                level: .warning,
                "the requests of \(metrics.uncounted) routes are not counted: there is place for \(table.capacity)")
        }
        probes = zip(plans, services).map { RegionProbe($0, $1.runtime, log) }
    }

    /// The slot of the delivery process.
    static let deliverySlot = RegionCounters.delivery

    /// What `/metrics` answers.
    func exposition() -> String {
        var out = Exposition()
        out.family("lyceum_generation", .gauge, "The number of the generation that answers.")
        out.sample("lyceum_generation", [], UInt64(max(0, generation.revision)))
        out.family("lyceum_plugin_failed", .gauge, "1 where a region is served without a plugin that it enabled.")
        for plan in plans {
            for plugin in plan.entry.failed {
                out.sample("lyceum_plugin_failed", [("region", plan.entry.id), ("plugin", plugin.id)], UInt64(1))
            }
        }
        metrics.write(to: &out)
        counters.write(to: &out)
        SupervisorBoard.write(to: &out)
        RegionProbe.write(probes, to: &out)
        return out.text
    }

    /// What the plugins of a region share.
    static func runtime(
        _ plan: RegionPlan, _ limits: Generation.Limits, _ world: World, _ work: WorkTable, _ log: Log,
        _ counter: RegionCounter? = nil, files: String = "",
        published: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> Runtime {
        let entry = plan.entry
        let region = Region(
            id: entry.id, title: entry.title, about: entry.about, locale: entry.locale, currency: entry.currency,
            timeZone: entry.timeZone, countries: entry.countries, home: entry.home,
            files: files.isEmpty ? nil : files + "/" + entry.id,
            draining: Set(entry.plugins.filter(\.isDraining).map(\.id)))
        var guards: [String: [HookTable.Attached<GuardHook>]] = [:]
        for (plugin, hook) in plan.all(Guard.self) {
            let number = work.number(.guard, region: entry.id, plugin: plugin, name: hook.point)
            guards[hook.point, default: []].append(.init(plugin: plugin, hook: hook.hook, work: number))
        }
        var collectors: [String: [HookTable.Attached<CollectHook>]] = [:]
        for (plugin, hook) in plan.all(Collect.self) {
            let number = work.number(.collector, region: entry.id, plugin: plugin, name: hook.point)
            collectors[hook.point, default: []].append(.init(plugin: plugin, hook: hook.hook, work: number))
        }
        var offers: [String: (plugin: String, value: any Sendable)] = [:]
        for (plugin, offer) in plan.all(Offer.self) { offers[offer.service] = (plugin, offer.value) }
        var roles: [String: String] = [:]
        for enabled in plan.plugins {
            roles[enabled.plugin.id] =
                PluginRoles(
                    database: entry.databaseName, plugin: enabled.plugin.id, schema: enabled.plugin.manifest.schema
                ).app
        }
        var jobs: [JobTable.Key: ObjectIdentifier] = [:]
        for (plugin, job) in plan.all(Job.self) { jobs[JobTable.Key(plugin: plugin, id: job.id)] = job.payload }
        return Runtime(
            region: region, pool: Pool.make(entry.database, limits, counter),
            hooks: HookTable(guards: guards, collectors: collectors, milliseconds: limits.hookMilliseconds) {
                if $0.isLate { counter?.limits.reached(.hookMilliseconds) }
                log.write(
                    level: .warning, region: entry.id, plugin: $0.plugin, request: $0.request, trace: $0.trace,
                    $0.sentence)
            },
            services: ServiceTable(offers), grants: GrantTable(plan.permissions), roles: roles,
            jobs: JobTable(jobs), world: world, events: plan.events, isAudited: plan.auditKeeper != nil,
            published: { count in
                counter?.published(count)
                published(count)
            })
    }

    /// The service of a region, by the bytes of its name.
    @inline(__always)
    func service(named name: UnsafePointer<CChar>) -> Int? {
        let length = strlen(name)
        for index in names.indices where names[index].count == length {
            if memcmp(names[index], name, length) == 0 { return index }
        }
        return nil
    }
}

extension World {
    /// The machine's clock and randomness.
    public static let real = World(now: { Instant.now }, newID: { RawID.make() })
}
