/// What a handler is lent for one request; it cannot outlive it.
public struct Context: ~Copyable {
    /// What the client asked.
    public let request: Request
    /// Where it was asked.
    public let region: Region
    /// Who asks; nil for a guest.
    public let principal: Principal?
    /// The region's database, as the plugin that answers may use it.
    public let database: Database

    /// The token by which ``principal`` was recognised: a session's or a bearer's.
    public let token: String?

    package init(request: Request, region: Region, principal: Principal?, token: String?, database: Database) {
        (self.request, self.region, self.principal) = (request, region, principal)
        (self.token, self.database) = (token, database)
    }

    /// Whether whoever asks has a permission; a guest has none.
    public func may(_ permission: Permission) -> Bool { database.runtime.grants.allows(permission, principal) }

    /// The permissions that the region's plugins declare, by their ids.
    public var permissions: [Permission] { database.runtime.grants.permissions }

    /// Who asks, on a route that is not public.
    ///
    /// - Throws: ``Problem/unauthenticated`` for a guest, which only a public route can meet.
    public var user: Principal {
        get throws {
            guard let principal else { throw Problem.unauthenticated }
            return principal
        }
    }

    /// What a plugin attached to a collecting hook point answers, in the order of the plugins.
    public func collect<Question, Item>(
        _ point: CollectPoint<Question, Item>, _ question: Question
    ) async throws -> [Item] {
        try await database.runtime.hooks.collect(point, question, database)
    }
}
