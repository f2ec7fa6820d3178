internal import Lyceum
internal import PostgreSQL

/// The API of the audit.
enum EntryRoutes {
    @Sendable static func list(
        _ context: borrowing Context, _ filter: Query<EntryFilter>
    ) async throws -> Listing<EntryView> {
        let filter = filter.value
        var wanted = EntryStore.Wanted(
            entity: filter.entity, key: filter.key, account: filter.account, action: filter.action,
            request: filter.request, trace: filter.trace)
        wanted.from = filter.from.map { "\($0)::timestamptz" }
        wanted.to = filter.to.map { "\($0)::timestamptz" }
        wanted.before = try filter.after.values(Int64.self)
        return try await EntryStore.list(wanted, limit: filter.limit, context.database)
    }
}
