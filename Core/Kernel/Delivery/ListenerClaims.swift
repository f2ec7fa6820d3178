internal import Lyceum

/// Who may have a listener: what decides how it is shown, and whether it may be forgotten.
public struct ListenerClaims: Sendable {
    /// The listeners of a region's plugins, each with the event that it hears: `courses.enrollment.created v1`.
    let declared: [String: String]
    /// The plugins whose listeners are known here, as hosts name them: `courses 1.0.0`.
    public var known: Set<String>
    /// The ids of plugins that are enabled and could not be loaded, so that nobody knows which listeners they have.
    public var failed: Set<String>
    /// The listeners that serve on this host, whatever is decided.
    public var served: Set<String> = []
    /// This host, where ``served`` says all about it; nil: what the database knows of it counts, as of any other.
    public var host: String?

    /// What a region's plan says.
    public init(_ plan: RegionPlan) {
        declared = Dictionary(
            plan.listeners.map { ($0.name, "\($0.topic) v\($0.major)") }, uniquingKeysWith: { one, _ in one })
        known = Set(plan.plugins.map { "\($0.plugin.id) \($0.plugin.manifest.version)" })
        failed = Set(plan.entry.failed.map(\.id))
    }

    /// The same, where it serves.
    static func serving(_ plan: RegionPlan) -> ListenerClaims {
        var claims = ListenerClaims(plan)
        claims.served = Set(claims.declared.keys)
        return claims
    }

    /// The plugin of a listener, by its name.
    static func plugin(of listener: String) -> String { String(listener.prefix { $0 != "." }) }

    /// Whether an enabled plugin has a listener.
    func isDeclared(_ listener: String) -> Bool { declared[listener] != nil }

    /// How a listener stands, in a word: `active`, `absent`, `failed` or `quarantined`.
    public func state(of listener: String, isQuarantined: Bool) -> String {
        ListenerState(listener, isQuarantined: isQuarantined, self).rawValue
    }

    /// Whether a plugin that is enabled and could not be loaded may have a listener.
    func mayBeOfFailed(_ listener: String) -> Bool { failed.contains(Self.plugin(of: listener)) }
}
