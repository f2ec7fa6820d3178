internal import AccountsContract
internal import CoursesContract
internal import Lyceum

/// Where authors change a course.
///
/// The form has the version that it was filled with; when somebody else was quicker, it says so and shows what there is by now
/// beside what was entered.
enum EditingPages {
    struct View: Codable, Sendable {
        struct Level: Codable, Sendable {
            var value: String
            var name: Text
            var isChosen: Bool
        }
        /// What a field holds by now, where that is not what was entered.
        struct Difference: Codable, Sendable {
            var name: Text
            var value: String
        }
        var id: Course.ID
        var form: FormFields
        var levels: [Level]
        var differences: [Difference]
        var isStale: Bool
        var more: SlotContent
    }

    private static func page(
        _ context: borrowing Context, _ course: Course.ID, _ form: FormFields,
        _ differences: [View.Difference] = [], isStale: Bool = false, status: Int = 200
    ) async throws -> Page {
        let levels = Level.allCases.map {
            View.Level(value: $0.rawValue, name: $0.words, isChosen: $0.rawValue == form["level"])
        }
        return Page(
            "courses.edit", title: .words("courses.edit.title"),
            View(
                id: course, form: form, levels: levels, differences: differences, isStale: isStale,
                more: try await context.fill(.courseEditing, course)), status: status)
    }

    @Sendable static func show(_ context: borrowing Context, _ course: Course.ID) async throws -> Page {
        let found = try await CourseStore.editable(course, context.drafts, context.database)
        var form = try context.blankForm(CourseEdit.self)
        for (name, value) in fields(found) { form = form.showing(name, value) }
        return try await page(context, course, form.showing("version", "\(found.version)"))
    }

    @Sendable static func save(
        _ context: borrowing Context, _ course: Course.ID, _ form: Form<CourseEdit>
    ) async throws -> Page {
        let drafts = context.drafts
        guard let edit = form.value else {
            // Whoever may not change it learns nothing from a form that is wrong.
            _ = try await CourseStore.editable(course, drafts, context.database)
            return try await page(context, course, form.fields, status: 422)
        }
        do {
            try await context.database.transaction { transaction in
                try await CourseStore.change(
                    course, edit.change, matching: IfMatch(version: edit.version), drafts, transaction)
            }
            return .redirect(to: "/courses/\(course)")
        } catch is StaleVersion {
            let found = try await CourseStore.editable(course, drafts, context.database)
            let differences = fields(found).filter { $0.value != form.fields[$0.name] }
                .map { View.Difference(name: Text("courses.teaching." + $0.name), value: $0.value) }
            return try await page(
                context, course, form.fields.showing("version", "\(found.version)"), differences, isStale: true,
                status: 412)
        } catch CoursesError.slugTaken {
            return try await page(
                context, course, form.fields.failing("slug", Text("courses.problem.slug_taken")), status: 409)
        }
    }

    /// What the form shows of a course.
    private static func fields(_ course: EditedCourse) -> [(name: String, value: String)] {
        [
            ("title", course.title), ("slug", course.slug), ("summary", course.summary ?? ""),
            ("description", course.description ?? ""), ("level", course.level.rawValue),
        ]
    }
}
