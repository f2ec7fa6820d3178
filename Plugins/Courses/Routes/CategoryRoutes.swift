internal import CoursesContract
internal import Lyceum

/// The API of categories.
enum CategoryRoutes {
    @Sendable static func list(_ context: borrowing Context) async throws -> Rows<CategoryView> {
        try await CategoryStore.all(context.database)
    }

    @Sendable static func create(
        _ context: borrowing Context, _ draft: Body<CategoryDraft>
    ) async throws -> Created<CategoryView> {
        let view = try await context.database.transaction { try await CategoryStore.create(draft.value, $0) }
        return Created(view, at: "/api/courses/categories")
    }
}
