internal import CoursesContract
public import Lyceum
internal import PostgreSQL

/// Courses: a catalogue to find them in, and places to take in them.
public struct CoursesPlugin: Plugin {
    /// Who the plugin is and what it needs.
    public static let manifest = Manifest(
        id: "courses", version: "1.0.0", requires: [.plugin("accounts", from: "1.0.0")])

    /// Schema, permissions, events and the points where others may join in.
    public static var declarations: [any Declaration] {
        Migrations([
            Migration(1, "courses", PackageResources.v1_courses_sql),
            Migration(2, "course-version", PackageResources.v2_course_version_sql),
        ])
        Permission.editCourses
        Permission.editEveryCourse
        Emits(CoursePublished.self)
        Emits(EnrollmentCreated.self)
        Audited("category", "course", "enrollment")
        PersonalData(
            .impersonal("category", "name", "slug"),
            .kept(
                "course", of: "author_id", because: "Courses are the school's, and their learners go on with them.",
                impersonal: ["title", "slug", "summary", "description", "level", "status", "currency"]),
            .kept(
                "enrollment", of: "learner_id",
                because: "How many took part is counted; without an account, nothing in it says who.",
                impersonal: ["status"]))
        HookPoint(.publishing)
        HookPoint(.enrolling)
        HookPoint(.courseNotes)
        HookPoint(.courseAside)
        HookPoint(.courseEditing)
    }

    /// Makes the plugin.
    public init() {}

    /// Routes, pages, listeners, example data.
    public func contributions(_ settings: CoursesSettings) -> [any Contribution] {
        Route(
            .get, "courses", .public,
            about: "Lists the published courses, the newest first.",
            CourseRoutes.list)
        Route(
            .get, "courses/{course}", .public,
            about: "Shows a course: a draft only to its author and to those who see every draft.",
            CourseRoutes.show)
        Route(
            .post, "courses", .permission(.editCourses),
            about: "Writes a course as a draft.",
            CourseRoutes.create)
        Route(
            .patch, "courses/{course}", .permission(.editCourses),
            about: "Changes a course: what is left out stays as it is.",
            CourseRoutes.change)
        Route(
            .post, "courses/{course}/publication", .permission(.editCourses),
            about: "Publishes a draft, unless another plugin objects.",
            CourseRoutes.publish)
        Route(
            .get, "courses/categories", .public,
            about: "Lists the categories by name.",
            CategoryRoutes.list)
        Route(
            .post, "courses/categories", .permission(.editCourses),
            about: "Adds a category.",
            CategoryRoutes.create)
        Route(
            .post, "courses/{course}/enrollment", .authenticated,
            about: "Takes a place in a free course for who asks.",
            EnrollmentRoutes.create)
        Route(
            .get, "courses/enrollments", .authenticated,
            about: "Lists the courses in which who asks has a place, the latest first.",
            EnrollmentRoutes.list)

        PageRoute(.get, "courses", .public, CataloguePages(settings).show)
        PageRoute(.get, "courses/{course}", .public, CoursePages.show)
        PageRoute(.post, "courses/{course}/enrollment", .authenticated, CoursePages.enroll)
        PageRoute(.get, "courses/mine", .authenticated, LearnerPages.mine)
        PageRoute(.get, "courses/teaching", .permission(.editCourses), TeachingPages.show)
        PageRoute(.post, "courses/teaching", .permission(.editCourses), TeachingPages.create)
        PageRoute(.post, "courses/{course}/publication", .permission(.editCourses), TeachingPages.publish)
        PageRoute(.get, "courses/{course}/edit", .permission(.editCourses), EditingPages.show)
        PageRoute(.post, "courses/{course}/edit", .permission(.editCourses), EditingPages.save)
        Navigation(.words("courses.nav.catalogue"), path: "/courses", order: 10)
        Navigation(.words("courses.nav.mine"), path: "/courses/mine", order: 20, .authenticated)
        Navigation(.words("courses.nav.teaching"), path: "/courses/teaching", order: 30, .permission(.editCourses))
        CourseTemplates.all
        Translations("en", CourseWords.english)
        Translations("de", CourseWords.german)
        Translations("ar", CourseWords.arabic)

        Listener("count-learners", on: EnrollmentCreated.self, LearnerCount.count)

        Demo(CourseDemo.fill)
    }
}

extension Permission {
    /// Writing courses and their categories, and publishing one's own.
    static let editCourses = Permission(
        "courses.course.edit", "Write courses and their categories, and publish one's own.", roles: ["instructor"])
    /// Seeing and publishing everybody's drafts.
    static let editEveryCourse = Permission(
        "courses.course.edit_every", "See and publish the drafts of every author.", roles: [])
}
