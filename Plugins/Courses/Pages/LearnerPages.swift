internal import AccountsContract
internal import CoursesContract
internal import Lyceum

/// What a learner sees of their own places.
enum LearnerPages {
    struct View: Codable, Sendable {
        var courses: [EnrollmentView]
        var isEmpty: Bool
        /// On a later page, the way back to the first.
        var first: String?
        var next: String?
    }

    @Sendable static func mine(_ context: borrowing Context, _ query: Query<ListFilter>) async throws -> Page {
        let listing = try await EnrollmentStore.list(try context.user.account, query.value, context.database)
        let courses = try listing.values()
        let next = listing.next.map { "/courses/mine?after=" + FormEncoding.encode("\($0)") }
        return Page(
            "courses.mine", title: .words("courses.nav.mine"),
            View(
                courses: courses, isEmpty: courses.isEmpty, first: query.value.after.map { _ in "/courses/mine" },
                next: next))
    }
}
