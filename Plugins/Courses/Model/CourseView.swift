internal import AccountsContract
internal import CoursesContract
internal import Lyceum

/// A course in a list.
struct CourseSummary: View, Documented {
    var id: Course.ID
    var title: String
    var slug: String
    var summary: String?
    var category: String?
    var level: Level
    var price: Money
    var publishedAt: Instant

    static let about = ["category": "The name of its category.", "summary": "One line for the catalogue."]
}

/// A course by itself.
struct CourseView: Versioned, Documented {
    var id: Course.ID
    var title: String
    var slug: String
    var summary: String?
    var description: String?
    var category: String?
    var level: Level
    var status: CourseStatus
    var price: Money
    var learners: Int
    var author: Account.ID
    var publishedAt: Instant?
    var version: Int64

    static let about = [
        "learners": "How many people have a place, counted shortly after they took it.",
        "version": "How often its author changed it, from 1; what If-Match names.",
    ]
}

/// How far a course has come.
///
///     draft -> published
enum CourseStatus: String, Codable, CaseIterable, Sendable { case draft, published }

/// A learner's place, in a list of them.
struct EnrollmentView: View {
    var id: Enrollment.ID
    var course: Course.ID
    var title: String
    var summary: String?
    var enrolledAt: Instant
}

/// A category of the catalogue.
struct CategoryView: View, Documented {
    var id: Category.ID
    var name: String
    var slug: String
    var parent: Category.ID?

    static let about = ["parent": "The category that this one is part of."]
}

/// A part of the catalogue; categories are parts of others.
enum Category {
    /// Names a category.
    struct ID: Identifier {
        let raw: RawID

        init(_ raw: RawID) { self.raw = raw }
    }
}

/// What an author sends to make a category.
struct CategoryDraft: Input {
    @Field("What people see.", .length(1...100).example("Programming")) var name: String
    @Field("Its name in addresses; unique.", .slug.length(1...100).example("programming")) var slug: String
    @Field("The category that this one is part of.") var parent: Category.ID?
}
