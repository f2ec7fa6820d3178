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
    /// Whether its handler takes the body in pieces, up to `limits.partBytes`.
    let streams: Bool
    /// Whether a request with an `Idempotency-Key` happens once; what comes in pieces has keys of its own, their places.
    let takesKey: Bool
    /// What an access key must have been given to use it; nil where every key may.
    let scope: String?
    /// Whether the audit learns who uses it: whatever changes something, and what only looks where that is limited or asks for
    /// a permission with a risk, because it may be an export.
    let tellsWho: Bool

    init(
        plugin: String, role: String?, method: Method, path: String, access: Access, about: String, kind: Kind,
        paces: [Pace], metric: Int, work: UInt64
    ) {
        (self.plugin, self.role, self.method, self.path) = (plugin, role, method, path)
        (self.access, self.about, self.kind) = (access, about, kind)
        (self.metric, self.work) = (metric, work)
        (self.paces, isLimited) = (paces, !paces.isEmpty)
        if case .permission(let permission) = access {
            scope = permission.id
            tellsWho = method != .get || !paces.isEmpty || permission.risk != .low
        } else {
            scope = method.isSafe ? nil : Principal.writing
            tellsWho = method != .get || !paces.isEmpty
        }
        switch kind {
        case .api(let route):
            isPage = false
            streams = route.sources.contains(.stream)
            readsBody = route.sources.contains { $0 == .body || $0 == .form || $0 == .files }
            takesKey = !method.isSafe && !streams
        case .page:
            isPage = true
            streams = false
            takesKey = false
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
        let added = (own.contains("GET") ? ["HEAD"] : []) + (own.contains("OPTIONS") ? [] : ["OPTIONS"])
        return (own + added).joined(separator: ", ")
    }
}
