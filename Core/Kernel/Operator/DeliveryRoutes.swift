internal import Lyceum
internal import PostgreSQL

/// The API of deliveries.
struct DeliveryRoutes: Sendable {
    private let claims: ListenerClaims

    init(_ plan: RegionPlan) { claims = ListenerClaims(plan) }

    @Sendable func listeners(_ context: borrowing Context) async throws -> [ListenerView] {
        let lanes = try await context.database.query(DeliveryBooks.lanes(most: ListenerView.most))
        return ListenerView.all(try DeliveryBooks.lanes(lanes), claims)
    }

    @Sendable func failed(
        _ context: borrowing Context, _ listener: DottedName, _ filter: Query<FailedFilter>
    ) async throws -> Listing<FailedEventView> {
        let database = context.database
        let statement = try DeliveryLists.failed(listener.value, filter.value)
        let results = try database.together([
            statement, "select from lyceum.cursor where listener = \(listener.value) limit 1",
        ])
        guard results[1].rowCount > 0 else { throw Problem.notFound }
        return try database.rows(FailedEventView.self, statement, results[0])
            .listing(limit: filter.value.limit, key: ["event"])
    }

    @Sendable func show(
        _ context: borrowing Context, _ listener: DottedName, _ event: EventNumber
    ) async throws -> SingleRow<FailedEventDetail> {
        try await context.database.row(
            FailedEventDetail.self, DeliveryLists.failed(listener.value, event: event.value))
    }

    @Sendable func release(_ context: borrowing Context, _ listener: DottedName) async throws -> NoContent {
        let who = context.operatorByAPI
        try context.database.withConnection { try DeliveryBooks($0, for: who).release(listener.value) }
        return NoContent()
    }

    @Sendable func retryAll(_ context: borrowing Context, _ listener: DottedName) async throws -> CountView {
        let who = context.operatorByAPI
        return CountView(
            count: try context.database.withConnection {
                try DeliveryBooks($0, for: who).retry(listener.value)
            })
    }

    @Sendable func retry(
        _ context: borrowing Context, _ listener: DottedName, _ event: EventNumber
    ) async throws -> CountView {
        let who = context.operatorByAPI
        return CountView(
            count: try context.database.withConnection {
                try DeliveryBooks($0, for: who).retry(listener.value, event: event.value)
            })
    }

    @Sendable func skip(
        _ context: borrowing Context, _ listener: DottedName, _ event: EventNumber, _ body: Body<SkipRequest>
    ) async throws -> NoContent {
        let who = context.operatorByAPI
        try context.database.withConnection {
            try DeliveryBooks($0, for: who).skip(listener.value, event: event.value, reason: body.value.reason)
        }
        return NoContent()
    }

    @Sendable func replay(
        _ context: borrowing Context, _ listener: DottedName, _ body: Body<ReplayRequest>
    ) async throws -> NoContent {
        let who = context.operatorByAPI
        try context.database.withConnection {
            try DeliveryBooks($0, for: who).replay(listener.value, from: body.value.position)
        }
        return NoContent()
    }
}

extension Context {
    /// Who asks, as one who does something.
    var operatorByAPI: Operator { Operator(account: principal?.id, name: principal?.name ?? "", means: .api) }
    /// The same on a page.
    var operatorByPage: Operator { Operator(account: principal?.id, name: principal?.name ?? "", means: .page) }
}
