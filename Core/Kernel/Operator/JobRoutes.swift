internal import Lyceum
internal import PostgreSQL

/// The API of jobs.
struct JobRoutes: Sendable {
    private let plan: RegionPlan

    init(_ plan: RegionPlan) { self.plan = plan }

    @Sendable func standings(_ context: borrowing Context) async throws -> [StandingView] {
        try JobLists.standings(plan, now: context.database.now, context.database)
    }

    @Sendable static func runs(
        _ context: borrowing Context, _ filter: Query<RunFilter>
    ) async throws -> Listing<RunView> {
        try await context.database.listing(
            RunView.self, limit: filter.value.limit, key: ["id"], JobLists.runs(filter.value))
    }

    @Sendable static func run(_ context: borrowing Context, _ run: Job.ID) async throws -> SingleRow<RunDetail> {
        try await context.database.row(RunDetail.self, JobLists.run(run))
    }

    @Sendable func start(
        _ context: borrowing Context, _ job: DottedName, _ body: Body<StartRequest>
    ) async throws -> Created<RunDetail> {
        let who = context.operatorByAPI
        let id = try context.database.withConnection {
            do { return try JobBook(plan, $0, for: who).enqueue(job.value, payload: body.value.payload.text) } catch let
                faults as Faults
            { throw faults.within("payload") }
        }
        let detail = try await context.database.row(RunDetail.self, JobLists.run(id)).value()
        return Created(detail, at: "/api/lyceum/jobs/runs/\(id)")
    }

    @Sendable func retry(_ context: borrowing Context, _ run: Job.ID) async throws -> NoContent {
        let who = context.operatorByAPI
        try context.database.withConnection { try JobBook(plan, $0, for: who).retry(run) }
        return NoContent()
    }

    @Sendable func cancel(_ context: borrowing Context, _ run: Job.ID) async throws -> NoContent {
        let who = context.operatorByAPI
        _ = try context.database.withConnection { try JobBook(plan, $0, for: who).cancel(run) }
        return NoContent()
    }
}

extension Faults {
    /// The same faults of what stands in a field of something larger, whose description does not know them.
    func within(_ field: String) -> Faults {
        Faults(
            list.map { fault in
                var fault = fault
                fault.pointer = "/\(field)" + fault.pointer
                fault.code = "\(field).\(fault.code)"
                return fault
            })
    }
}
