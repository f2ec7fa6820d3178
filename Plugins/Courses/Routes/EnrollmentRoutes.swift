internal import AccountsContract
internal import CoursesContract
internal import Lyceum

/// The API of places in courses.
enum EnrollmentRoutes {
    @Sendable static func create(
        _ context: borrowing Context, _ course: Course.ID
    ) async throws -> Created<EnrollmentView> {
        let learner = try context.user.account
        let view = try await context.database.transaction { transaction in
            let enrollment = try await EnrollmentStore.create(learner, in: course, transaction)
            return try await EnrollmentStore.view(enrollment, transaction)
        }
        return Created(view, at: "/api/courses/enrollments")
    }

    @Sendable static func list(
        _ context: borrowing Context, _ filter: Query<ListFilter>
    ) async throws -> Listing<EnrollmentView> {
        try await EnrollmentStore.list(try context.user.account, filter.value, context.database)
    }
}
