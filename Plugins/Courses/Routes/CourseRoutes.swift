internal import AccountsContract
internal import CoursesContract
internal import Lyceum

/// The API of courses.
enum CourseRoutes {
    @Sendable static func list(
        _ context: borrowing Context, _ filter: Query<CourseFilter>
    ) async throws -> Listing<CourseSummary> {
        try await CourseStore.catalogue(filter.value, context.database)
    }

    @Sendable static func show(_ context: borrowing Context, _ course: Course.ID) async throws -> SingleRow<CourseView>
    {
        try await CourseStore.view(course, context.drafts, context.database)
    }

    @Sendable static func create(
        _ context: borrowing Context, _ draft: Body<CourseDraft>
    ) async throws -> Created<CourseView> {
        let author = try context.user.account
        let view = try await context.database.transaction { transaction in
            let course = try await CourseStore.create(draft.value, by: author, transaction)
            return try await CourseStore.view(course, .all, transaction)
        }
        return Created(view, at: "/api/courses/\(view.id)")
    }

    @Sendable static func change(
        _ context: borrowing Context, _ course: Course.ID, _ match: IfMatch, _ change: Body<CourseChange>
    ) async throws -> CourseView {
        let drafts = context.drafts
        return try await context.database.transaction { transaction in
            try await CourseStore.change(course, change.value, matching: match, drafts, transaction)
            return try await CourseStore.view(course, drafts, transaction)
        }
    }

    @Sendable static func publish(_ context: borrowing Context, _ course: Course.ID) async throws -> CourseView {
        let drafts = context.drafts
        return try await context.database.transaction { transaction in
            try await CourseStore.publish(course, drafts, transaction)
            return try await CourseStore.view(course, drafts, transaction)
        }
    }
}
