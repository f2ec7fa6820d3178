package import PostgreSQL

/// What the plugins of one region share in one process: built once by the kernel, then only read.
package final class Runtime: Sendable {
    package let region: Region
    package let pool: Pool
    package let hooks: HookTable
    package let services: ServiceTable
    package let jobs: JobTable
    package let grants: GrantTable
    /// The database role that each plugin works as, by its id; absent where roles are not used.
    package let roles: [String: String]
    package let world: World
    /// The events that the region's plugins declare, as ``Emits`` names them: `courses.enrollment.created v1`.
    package let events: Set<String>
    /// Whether an audit is kept, so that transactions say who acts.
    package let isAudited: Bool
    /// Tells whoever delivers that so many events were committed; costs next to nothing, and may be lost.
    package let published: @Sendable (Int) -> Void

    package init(
        region: Region, pool: Pool, hooks: HookTable, services: ServiceTable, grants: GrantTable,
        roles: [String: String], jobs: JobTable = JobTable(), world: World, events: Set<String>,
        isAudited: Bool = false, published: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        (self.region, self.pool, self.hooks, self.services) = (region, pool, hooks, services)
        (self.jobs, self.events, self.isAudited) = (jobs, events, isAudited)
        (self.grants, self.roles, self.world, self.published) = (grants, roles, world, published)
    }
}

/// Time and chance, injected so that tests decide them.
public struct World: Sendable {
    /// The moment.
    public let now: @Sendable () -> Instant
    /// A new id.
    public let newID: @Sendable () -> RawID

    /// Decides time and chance.
    public init(now: @escaping @Sendable () -> Instant, newID: @escaping @Sendable () -> RawID) {
        (self.now, self.newID) = (now, newID)
    }
}
