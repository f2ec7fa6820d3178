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
    /// The numbers of the permissions that each role has; `admin` has all of them.
    private let grants: [String: Set<Int>]

    var region: Region { runtime.region }

    init(_ plan: RegionPlan, runtime: Runtime, metrics: inout [MetricLabel]) throws {
        self.runtime = runtime
        let book = Book()
        let permissions = plan.plugins.flatMap { enabled in
            enabled.plugin.declarations.compactMap { $0 as? Permission }
        }
        var grants: [String: Set<Int>] = [:]
        for (number, permission) in permissions.enumerated() {
            for role in permission.roles + ["admin"] { grants[role, default: []].insert(number) }
        }
        self.grants = grants

        var sets: [String: EndpointSet] = [:]
        func add(
            _ plugin: String, _ method: Method, _ path: String, _ access: Access, _ kind: Endpoint.Kind
        ) throws {
            let gate: Endpoint.Gate =
                switch access {
                case .public: .open
                case .authenticated: .signedIn
                case .permission(let permission):
                    .permission(try RegionService.number(permission, permissions, plugin, path))
                }
            let endpoint = Endpoint(
                plugin: plugin, method: method, path: path, gate: gate, kind: kind, metric: metrics.count)
            metrics.append(MetricLabel(region: plan.entry.id, plugin: plugin, method: method.rawValue, path: path))
            try RegionService.checkPlaceholders(endpoint)
            sets[path, default: EndpointSet()].add(endpoint)
        }
        for (plugin, route) in plan.all(Route.self) {
            try add(plugin, route.method, "/api/" + route.path, route.access, .api(try route.prepare(book)))
        }
        for (plugin, page) in plan.all(PageRoute.self) {
            try add(plugin, page.method, "/" + page.path, page.access, .page(try page.prepare(book)))
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
        router = Router(byShape.map { ($0.key, $0.value) })
        authenticator = plan.all(Authenticator.self).first
        signInPage = plan.all(SignInPage.self).first?.value.path
        pages = try PageRenderer(plan, runtime.region)
    }

    private static func number(
        _ permission: Permission, _ declared: [Permission], _ plugin: String, _ path: String
    ) throws -> Int {
        guard let number = declared.firstIndex(where: { $0.id == permission.id }) else {
            throw RegistryError("\(plugin) asks for the permission \(permission.id) at \(path), but nobody declares it")
        }
        return number
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

    /// Whether somebody may do what a permission's number stands for.
    func allows(_ permission: Int, _ principal: Principal) -> Bool {
        principal.roles.contains { grants[$0]?.contains(permission) ?? false }
    }
}
