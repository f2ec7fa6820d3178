internal import AccountsContract
internal import CoursesContract
internal import Lyceum

/// Where authors write drafts and publish them.
enum TeachingPages {
    struct View: Codable, Sendable {
        struct Entry: Codable, Sendable {
            var id: Course.ID
            var title: String
            var isDraft: Bool
        }
        var form: FormFields
        var courses: [Entry]
        var isEmpty: Bool
    }

    private static func page(
        _ form: FormFields, _ drafts: Drafts, _ database: Database, status: Int = 200
    ) async throws -> Page {
        let courses = try await CourseStore.editable(drafts, database)
            .map { View.Entry(id: $0.id, title: $0.title, isDraft: $0.status == .draft) }
        return Page(
            "courses.teaching", title: .words("courses.nav.teaching"),
            View(form: form, courses: courses, isEmpty: courses.isEmpty), status: status)
    }

    @Sendable static func show(_ context: borrowing Context) async throws -> Page {
        try await page(try context.blankForm(CourseForm.self), context.drafts, context.database)
    }

    @Sendable static func create(_ context: borrowing Context, _ form: Form<CourseForm>) async throws -> Page {
        let (author, drafts) = (try context.user.account, context.drafts)
        guard let given = form.value else { return try await page(form.fields, drafts, context.database, status: 422) }
        var draft = CourseDraft()
        draft.title = given.title
        draft.slug = given.slug
        draft.summary = given.summary
        draft.level = given.level
        draft.price = Money(0, context.region.currency)
        do {
            try await context.database.transaction { [draft] transaction in
                _ = try await CourseStore.create(draft, by: author, transaction)
            }
            return .redirect(to: "/courses/teaching")
        } catch CoursesError.slugTaken {
            let fields = form.fields.failing("slug", Text("courses.problem.slug_taken"))
            return try await page(fields, drafts, context.database, status: 409)
        }
    }

    @Sendable static func publish(_ context: borrowing Context, _ course: Course.ID) async throws -> Page {
        let drafts = context.drafts
        try await context.database.transaction { transaction in
            try await CourseStore.publish(course, drafts, transaction)
        }
        return .redirect(to: "/courses/\(course)")
    }
}
