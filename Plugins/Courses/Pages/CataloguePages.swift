internal import CoursesContract
internal import Lyceum

/// The catalogue as people browse it.
struct CataloguePages: Sendable {
    private let settings: CoursesSettings

    init(_ settings: CoursesSettings) { self.settings = settings }

    /// What the catalogue's form sends; unlike the API's filter it may leave fields empty.
    struct Browse: Input {
        @Field("Words in the title or the summary.", .length(0...100)) var search: String?
        @Field("Only this category.", .length(0...100)) var category: String?
        @Field("Where the last page ended.") var after: Cursor?
    }

    private struct View: Encodable, Sendable {
        struct Card: Encodable, Sendable {
            var id: Course.ID
            var title: String
            var summary: String?
            var category: String?
            var level: Text
            var price: String?
        }
        struct Choice: Encodable, Sendable {
            var slug: String
            var name: String
            var isChosen: Bool
        }
        var search: String
        var categories: [Choice]
        var courses: [Card]
        var isEmpty: Bool
        var next: String?
    }

    @Sendable func show(_ context: borrowing Context, _ query: Query<Browse>) async throws -> Page {
        let browse = query.value
        var filter = CourseFilter()
        filter.search = browse.search?.nonEmpty
        filter.category = browse.category?.nonEmpty
        filter.after = browse.after
        filter.limit = settings.coursesPerPage
        let listing = try await CourseStore.catalogue(filter, context.database)
        let courses = try listing.values()
        let categories = try await CategoryStore.all(context.database).values()
        let next = listing.next.map { cursor in
            let wanted = [("search", filter.search), ("category", filter.category), ("after", "\(cursor)")]
            return "/courses?"
                + wanted.compactMap { name, value in value.map { "\(name)=\(FormEncoding.encode($0))" } }
                .joined(separator: "&")
        }
        return Page(
            "courses.catalogue", title: .words("courses.nav.catalogue"),
            View(
                search: filter.search ?? "",
                categories: categories.map {
                    View.Choice(slug: $0.slug, name: $0.name, isChosen: $0.slug == filter.category)
                },
                courses: courses.map {
                    View.Card(
                        id: $0.id, title: $0.title, summary: $0.summary, category: $0.category,
                        level: $0.level.words,
                        price: $0.price.amount == 0 ? nil : $0.price.formatted(context.region.locale))
                },
                isEmpty: courses.isEmpty, next: next))
    }
}

extension Level {
    /// The level in the reader's language.
    var words: Text { Text("courses.level." + rawValue) }
}

extension String {
    /// Nil where nothing was entered.
    var nonEmpty: String? { isEmpty ? nil : self }
}
