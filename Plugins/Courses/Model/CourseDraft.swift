internal import CoursesContract
internal import Lyceum
internal import PostgreSQL

/// For whom a course is.
enum Level: String, Codable, CaseIterable, SQLValue { case beginner, intermediate, advanced }

/// What an author sends to write a course.
struct CourseDraft: Input {
    @Field("What learners see.", .length(1...200).example("Swift in a week")) var title: String
    @Field("The course's name in addresses; unique.", .slug.length(1...100).example("swift-in-a-week")) var slug: String
    @Field("One line for the catalogue.", .length(0...300)) var summary: String?
    @Field("What it is about.", .multiline.length(0...20_000)) var description: String?
    @Field("The category it belongs to.") var category: Category.ID?
    @Field("For whom it is.") var level = Level.beginner
    @Field("In the region's currency; 0 is free of charge.") var price: Money

    func check(_ faults: inout Faults) {
        if price.amount < 0 { faults.add($price, "must not be less than nothing") }
    }
}

/// The same from a page's form, where a price is left to the API.
struct CourseForm: Input {
    @Field("What learners see.", .length(1...200)) var title: String
    @Field("The course's name in addresses; unique.", .slug.length(1...100)) var slug: String
    @Field("One line for the catalogue.", .length(0...300)) var summary: String?
    @Field("For whom it is.") var level = Level.beginner
}
