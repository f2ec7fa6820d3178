internal import CoursesContract
internal import Lyceum

/// Which courses of the catalogue are wanted.
struct CourseFilter: Input {
    @Field("Only this category and those below it, by its slug.", .slug.length(1...100)) var category: String?
    @Field("Only this level.") var level: Level?
    @Field("Words in the title or the summary.", .length(1...100)) var search: String?
    @Field("Where the last answer ended: its `next`.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 20
}

/// Which part of a list is wanted.
struct ListFilter: Input {
    @Field("Where the last answer ended: its `next`.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 20
}
