internal import AccountsContract
internal import CoursesContract
internal import Lyceum

/// A course's own page, where learners join it.
enum CoursePages {
    struct View: Codable, Sendable {
        var id: Course.ID
        var title: String
        var summary: String?
        var description: String?
        var category: String?
        var level: Text
        var price: String?
        var learners: Int
        var notes: [CourseNote]
        var isDraft: Bool
        var isEnrolled: Bool
        var canEnroll: Bool
        /// It has a price, and nothing here sells it.
        var isNotSold: Bool
        var aside: SlotContent
    }

    @Sendable static func show(_ context: borrowing Context, _ course: Course.ID) async throws -> Page {
        let found = try await CourseStore.view(course, context.drafts, context.database).value()
        var isEnrolled = false
        if let learner = context.principal?.account {
            isEnrolled = try await EnrollmentStore.exists(learner, in: course, context.database)
        }
        let isFree = found.price.amount == 0
        let view = View(
            id: course, title: found.title, summary: found.summary, description: found.description,
            category: found.category, level: found.level.words,
            price: isFree ? nil : found.price.formatted(context.region.locale), learners: found.learners,
            notes: try await context.collect(.courseNotes, course), isDraft: found.status == .draft,
            isEnrolled: isEnrolled, canEnroll: isFree && !isEnrolled && found.status == .published,
            isNotSold: !isFree && !isEnrolled, aside: try await context.fill(.courseAside, course))
        return Page("courses.course", title: .text(found.title), view)
    }

    /// Takes a place.
    ///
    /// Whoever has one already just sees it: pressing a button twice is no mistake.
    @Sendable static func enroll(_ context: borrowing Context, _ course: Course.ID) async throws -> Page {
        let learner = try context.user.account
        do {
            try await context.database.transaction { transaction in
                _ = try await EnrollmentStore.create(learner, in: course, transaction)
            }
        } catch CoursesError.alreadyEnrolled {}
        return .redirect(to: "/courses/mine")
    }
}
