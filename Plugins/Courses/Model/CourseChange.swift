internal import CoursesContract
internal import Lyceum

/// What an author sends to change a course: what is left out stays as it is, and null empties a field that may be empty.
struct CourseChange: Input {
    @Field("What learners see.", .length(1...200).example("Swift in two weeks")) var title: Change<String>
    @Field("The course's name in addresses; unique.", .slug.length(1...100)) var slug: Change<String>
    @Field("One line for the catalogue.", .length(0...300)) var summary: Change<String?>
    @Field("What it is about.", .multiline.length(0...20_000)) var description: Change<String?>
    @Field("The category it belongs to.") var category: Change<Category.ID?>
    @Field("For whom it is.") var level: Change<Level>
    @Field("In the region's currency; 0 is free of charge.") var price: Change<Money>

    func check(_ faults: inout Faults) {
        if case .set(let price) = price, price.amount < 0 { faults.add($price, "must not be less than nothing") }
    }
}

/// The same from a page's form, which shows all it has, and the version that it was filled with.
struct CourseEdit: Input {
    @Field("The version that the form was filled with.") var version: Int64
    @Field("What learners see.", .length(1...200)) var title: String
    @Field("The course's name in addresses; unique.", .slug.length(1...100)) var slug: String
    @Field("One line for the catalogue.", .length(0...300)) var summary: String?
    @Field("What it is about.", .multiline.length(0...20_000)) var description: String?
    @Field("For whom it is.") var level = Level.beginner

    /// What it changes.
    var change: CourseChange {
        var change = CourseChange()
        change.title = .set(title)
        change.slug = .set(slug)
        change.summary = .set(summary)
        change.description = .set(description)
        change.level = .set(level)
        return change
    }
}

/// A course as its author finds it before changing it.
struct EditedCourse: Versioned {
    var title: String
    var slug: String
    var summary: String?
    var description: String?
    var category: Category.ID?
    var level: Level
    var price: Money
    var version: Int64
}
