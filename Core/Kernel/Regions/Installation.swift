internal import Glibc
public import Lyceum
internal import PostgreSQL

/// Everything that one process serves: the regions of a generation.
public final class Installation: Sendable {
    let generation: Generation
    let services: [RegionService]
    let plans: [RegionPlan]
    let metrics: Metrics
    let pages: KernelPageSet
    private let names: [[UInt8]]
    /// The largest body, apart from the other limits because it is asked for with every request.
    let bodyLimit: Int
    /// How many threads each region holds.
    let shares: RegionShares
    /// All that threads can be at work on.
    let work: WorkTable
    let log: Log

    /// Builds the regions of a generation.
    ///
    /// - Parameters:
    ///   - registry: the plugins that this process can run.
    ///   - metricsFile: where the counters of all processes lie; nil keeps them in this process.
    ///   - slot: which of the web workers this is, from 0.
    ///   - tellsDelivery: whether the supervisor gave this process the pipe to the delivery process.
    /// - Throws: ``RegionPlanError``, or a sentence about what cannot be prepared.
    public convenience init(
        _ generation: Generation, _ registry: Registry, metricsFile: String? = nil, slot: Int = 0,
        tellsDelivery: Bool = false, log: Log
    ) throws {
        try self.init(
            generation, registry, world: .real, metricsFile: metricsFile, slot: slot, tellsDelivery: tellsDelivery,
            log: log)
    }

    /// The same with time and chance of one's own.
    public init(
        _ generation: Generation, _ registry: Registry, world: World, metricsFile: String? = nil, slot: Int = 0,
        tellsDelivery: Bool = false, log: Log
    ) throws {
        self.generation = generation
        self.log = log
        bodyLimit = generation.limits.bodyBytes
        var labels = [MetricLabel.kernel]
        var services: [RegionService] = []
        let plans = try generation.regions.map { try RegionPlan($0, registry) }
        let work = WorkTable(plans)
        for plan in plans {
            let entry = plan.entry
            let signal = PublishedSignal(region: entry.id)
            let runtime = try Installation.runtime(
                plan, generation.limits, world, work, log, published: { if tellsDelivery { signal.send() } })
            services.append(try RegionService(plan, runtime: runtime, work, metrics: &labels))
        }
        self.work = work
        shares = RegionShares(
            regions: plans.count, most: generation.limits.share(regions: plans.count))
        self.services = services
        self.plans = plans
        names = services.map { Array($0.region.id.utf8) }
        pages = try KernelPageSet()
        metrics = try Metrics(labels, file: metricsFile, slot: slot)
    }

    /// What the plugins of a region share.
    static func runtime(
        _ plan: RegionPlan, _ limits: Generation.Limits, _ world: World, _ work: WorkTable, _ log: Log,
        published: @escaping @Sendable () -> Void = {}
    ) throws -> Runtime {
        let entry = plan.entry
        let region = Region(
            id: entry.id, title: entry.title, about: entry.about, locale: entry.locale, currency: entry.currency,
            timeZone: entry.timeZone, countries: entry.countries, home: entry.home,
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
            region: region, pool: Pool.make(entry.database, limits),
            hooks: HookTable(guards: guards, collectors: collectors, milliseconds: limits.hookMilliseconds) {
                log.write(region: entry.id, $0)
            },
            services: ServiceTable(offers), grants: GrantTable(plan.permissions), roles: roles,
            jobs: JobTable(jobs), world: world, events: plan.events, published: published)
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
