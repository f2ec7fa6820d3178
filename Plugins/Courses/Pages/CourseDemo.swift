internal import AccountsContract
internal import CoursesContract
internal import Lyceum
internal import PostgreSQL

/// A small catalogue to try the platform with.
enum CourseDemo {
    private struct Example: Sendable {
        let slug: String
        let title: String
        let summary: String
        let category: String
        let level: Level
        /// In minor units of the region's currency.
        let price: Int64
    }

    private static let categories = [("programming", "Programming"), ("design", "Design"), ("music", "Music")]

    private static let courses = [
        Example(
            slug: "swift-in-a-week", title: "Swift in a week",
            summary: "From the first line to a small server, an hour a day.", category: "programming", level: .beginner,
            price: 0),
        Example(
            slug: "sql-that-lasts", title: "SQL that lasts",
            summary: "Schemas, transactions and the questions you ask of them.", category: "programming",
            level: .intermediate, price: 0),
        Example(
            slug: "reading-systems", title: "Reading large systems",
            summary: "How to find your way in code that somebody else wrote.", category: "programming",
            level: .advanced,
            price: 4_900),
        Example(
            slug: "type-on-screen", title: "Type on screen",
            summary: "Choosing and setting type that people like to read.", category: "design", level: .beginner,
            price: 0),
        Example(
            slug: "colour-for-everyone", title: "Colour for everyone",
            summary: "Palettes that work in bright sun, at night and for every eye.", category: "design",
            level: .intermediate, price: 2_500),
        Example(
            slug: "first-chords", title: "First chords",
            summary: "A guitar, three chords and the songs they open.", category: "music", level: .beginner, price: 0),
    ]

    @Sendable static func fill(_ transaction: borrowing Transaction) async throws {
        let known = try await transaction.query("select from courses.category limit 1")
        guard known.rowCount == 0 else { return }
        var ids: [String: Category.ID] = [:]
        for (slug, name) in categories {
            var draft = CategoryDraft()
            draft.name = name
            draft.slug = slug
            ids[slug] = try await CategoryStore.create(draft, transaction).id
        }
        for example in courses {
            var draft = CourseDraft()
            draft.title = example.title
            draft.slug = example.slug
            draft.summary = example.summary
            draft.category = ids[example.category]
            draft.level = example.level
            draft.price = Money(example.price, transaction.region.currency)
            let course = try await CourseStore.create(draft, by: DemoAccounts.instructor, transaction)
            try await CourseStore.publish(course, .all, transaction)
        }
    }
}
