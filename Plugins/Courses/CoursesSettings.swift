public import Lyceum

/// What a region may say about courses.
public struct CoursesSettings: Input {
    /// How many courses a page of the catalogue shows.
    @Field("How many courses a page of the catalogue shows.", .range(3...100)) public var coursesPerPage = 12

    /// The defaults.
    public init() {}
}
