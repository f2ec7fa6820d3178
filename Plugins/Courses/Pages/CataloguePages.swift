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
        @Field("Only this level.") var level: Level?
        @Field("Where the last page ended.") var after: Cursor?
    }

    struct View: Codable, Sendable {
        struct Card: Codable, Sendable {
            var id: Course.ID
            var title: String
            var summary: String?
            var category: String?
            var level: Text
            var price: String?
        }
        struct Choice: Codable, Sendable {
            var slug: String
            var name: String
            var isChosen: Bool
        }
        struct LevelChoice: Codable, Sendable {
            var value: String
            var name: Text
            var isChosen: Bool
        }
        var search: String
        var categories: [Choice]
        var levels: [LevelChoice]
        /// What the address asks for that is no filter.
        var unknown: Text?
        var courses: [Card]
        var isEmpty: Bool
        /// On a later page, the way back to the first.
        var first: String?
        var next: String?
    }

    @Sendable func show(_ context: borrowing Context, _ query: Query<Browse>) async throws -> Page {
        let browse = query.value
        var filter = CourseFilter()
        filter.search = browse.search?.nonEmpty
        filter.category = browse.category?.nonEmpty
        filter.level = browse.level
        filter.after = browse.after
        filter.limit = settings.coursesPerPage
        let listing = try await CourseStore.catalogue(filter, context.database)
        let courses = try listing.values()
        let categories = try await CategoryStore.all(context.database).values()
        let unknown = query.unknown.joined(separator: ", ")
        return Page(
            "courses.catalogue", title: .words("courses.nav.catalogue"),
            View(
                search: filter.search ?? "",
                categories: categories.map {
                    View.Choice(slug: $0.slug, name: $0.name, isChosen: $0.slug == filter.category)
                },
                levels: Level.allCases.map {
                    View.LevelChoice(value: $0.rawValue, name: $0.words, isChosen: $0 == filter.level)
                },
                unknown: unknown.isEmpty ? nil : Text("courses.catalogue.unknown", ["names": unknown]),
                courses: courses.map {
                    View.Card(
                        id: $0.id, title: $0.title, summary: $0.summary, category: $0.category,
                        level: $0.level.words,
                        price: $0.price.amount == 0 ? nil : $0.price.formatted(context.region.locale))
                },
                isEmpty: courses.isEmpty, first: filter.after.map { _ in Self.address(filter, after: nil) },
                next: listing.next.map { Self.address(filter, after: $0) }))
    }

    private static func address(_ filter: CourseFilter, after: Cursor?) -> String {
        let wanted = [
            ("search", filter.search), ("category", filter.category), ("level", filter.level?.rawValue),
            ("after", after.map { "\($0)" }),
        ]
        let query = wanted.compactMap { name, value in value.map { "\(name)=\(FormEncoding.encode($0))" } }
        return query.isEmpty ? "/courses" : "/courses?" + query.joined(separator: "&")
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
