internal import Lyceum

/// What answers one method at one path of a region.
final class Endpoint: Sendable {
    enum Kind: Sendable {
        case api(PreparedRoute)
        case page(PreparedPage)
    }
    let plugin: String
    /// What the plugin is in the database.
    let role: String?
    let method: Method
    let path: String
    let access: Access
    let kind: Kind
    /// What it does, in one sentence; empty where its plugin does not say.
    let about: String
    /// The place of its counters.
    let metric: Int
    /// Its number among the things that threads do.
    let work: UInt64
    /// Whether a page answers, not the API.
    let isPage: Bool
    /// How often somebody may use it, and whether there is any limit.
    let paces: [Pace]
    let isLimited: Bool
    /// Whether it looks at the body; what is sent to one that does not is never held.
    let readsBody: Bool

    init(
        plugin: String, role: String?, method: Method, path: String, access: Access, about: String, kind: Kind,
        paces: [Pace], metric: Int, work: UInt64
    ) {
        (self.plugin, self.role, self.method, self.path) = (plugin, role, method, path)
        (self.access, self.about, self.kind) = (access, about, kind)
        (self.metric, self.work) = (metric, work)
        (self.paces, isLimited) = (paces, !paces.isEmpty)
        switch kind {
        case .api(let route):
            isPage = false
            readsBody = route.sources.contains { $0 == .body || $0 == .form }
        case .page:
            isPage = true
            // A page's form has the session's token in its body.
            readsBody = method != .get
        }
    }

    var sources: [RequestSource] {
        switch kind {
        case .api(let route): route.sources
        case .page(let page): page.sources
        }
    }
}

/// The endpoints of one path.
struct EndpointSet: Sendable {
    private(set) var byMethod: [Endpoint?] = Array(repeating: nil, count: Method.allCases.count)

    mutating func add(_ endpoint: Endpoint) { byMethod[endpoint.method.index] = endpoint }

    /// The value of an `Allow` header: the methods of the endpoints, and those that the kernel adds.
    var allow: String {
        let own = Method.allCases.filter { byMethod[$0.index] != nil }.map(\.rawValue)
        return (own + (own.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]).joined(separator: ", ")
    }
}
