internal import JSON
internal import Lyceum
internal import PostgreSQL

/// A region as one process serves it: everything its plugins contribute, in the form that a request needs it.
///
/// Built once, then only read.
final class RegionService: Sendable {
    let runtime: Runtime
    let router: Router
    let endpoints: [EndpointSet]
    let authenticator: (plugin: String, value: Authenticator)?
    let signInPage: String?
    let pages: PageRenderer
    /// What the region's API is, for those who write clients.
    let document: APIDocument
    /// Whose pages may use the API; nil where only its own may.
    let crossOrigin: CrossOrigin?
    /// The same for people.
    let reference: APIReference
    /// Where `/` leads; nil is the front page of the kernel's own, also where the page that is meant does not exist.
    let home: String?

    var region: Region { runtime.region }

    /// The number of the generation, where open pages ask for it; nil where none do.
    let refresh: Int?

    init(
        _ plan: RegionPlan, runtime: Runtime, _ work: WorkTable, refresh: Int? = nil, log: Log,
        metrics: inout [MetricLabel]
    ) throws {
        (self.runtime, self.refresh) = (runtime, refresh)
        let book = Book(prefixes: plan.modules)
        var sets: [String: EndpointSet] = [:]
        func add(
            _ plugin: String, _ method: Method, _ path: String, _ access: Access, _ about: String,
            _ limits: [RateLimit], _ kind: Endpoint.Kind
        ) throws {
            if case .permission(let permission) = access, !runtime.grants.knows(permission) {
                throw RegistryError(
                    "\(plugin) asks for the permission \(permission.id) at \(path), but nobody declares it")
            }
            let endpoint = Endpoint(
                plugin: plugin, role: runtime.roles[plugin], method: method, path: path, access: access,
                about: about, kind: kind, paces: limits.compactMap { Pace($0, plugin: plugin, plan.entry) },
                metric: metrics.count,
                work: work.number(
                    .request, region: plan.entry.id, plugin: plugin, name: "\(method.rawValue) \(path)"))
            metrics.append(MetricLabel(region: plan.entry.id, plugin: plugin, method: method.rawValue, path: path))
            try RegionService.checkPlaceholders(endpoint)
            sets[path, default: EndpointSet()].add(endpoint)
        }
        for (plugin, route) in plan.all(Route.self) {
            try add(
                plugin, route.method, "/api/" + route.path, route.access, route.about, route.limits,
                .api(try route.prepare(book)))
        }
        for (plugin, page) in plan.all(PageRoute.self) {
            try add(plugin, page.method, "/" + page.path, page.access, "", page.limits, .page(try page.prepare(book)))
        }
        let paths = sets.keys.sorted()
        // Two spellings of one path (other placeholder names) share an entry: the router keeps one number for both.
        var byShape: [String: Int] = [:]
        var endpoints: [EndpointSet] = []
        for path in paths {
            let shape = path.split(separator: "/").map { $0.first == "{" ? "{}" : String($0) }.joined(separator: "/")
            guard let set = sets[path] else { continue }
            if let known = byShape[shape] {
                for endpoint in set.byMethod { if let endpoint { endpoints[known].add(endpoint) } }
            } else {
                byShape[shape] = endpoints.count
                endpoints.append(set)
            }
        }
        self.endpoints = endpoints
        document = APIDocument(runtime.region, plan.manifests, endpoints)
        reference = APIReference(runtime.region, plan.manifests, endpoints)
        router = Router(byShape.map { ($0.key, $0.value) })
        authenticator = plan.all(Authenticator.self).first
        signInPage = plan.all(SignInPage.self).first?.value.path
        pages = try PageRenderer(plan, runtime, refresh: refresh, log: log)
        crossOrigin = CrossOrigin(plan.entry.api.origins)
        home = plan.entry.home != "/" && plan.hasHome ? plan.entry.home : nil
    }

    private static func checkPlaceholders(_ endpoint: Endpoint) throws {
        let wanted = endpoint.path.split(separator: "/").count { $0.first == "{" }
        let taken = endpoint.sources.count { $0 == .path }
        guard wanted == taken, wanted <= Request.maximumCaptures else {
            throw RegistryError(
                """
                \(endpoint.plugin): \(endpoint.method.rawValue) \(endpoint.path) has \(wanted) placeholders, but its handler \
                takes \(taken) ids; there may be at most \(Request.maximumCaptures)
                """)
        }
    }
}
