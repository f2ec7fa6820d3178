internal import Lyceum

/// What can go wrong with courses, for the person it happens to.
enum CoursesError: PublicError {
    case alreadyEnrolled
    case notFree
    case notDraft
    case slugTaken
    case foreignCurrency(Currency)
    case noSuchCategory

    var problem: Problem {
        switch self {
        case .alreadyEnrolled:
            Problem(status: 409, code: "courses.already_enrolled", title: "You have a place in this course already.")
        case .notFree:
            Problem(
                status: 409, code: "courses.not_free", title: "This course is not free of charge.",
                detail: "Courses with a price are bought, not joined.")
        case .notDraft:
            Problem(status: 409, code: "courses.not_draft", title: "This course is published already.")
        case .slugTaken:
            Problem(
                status: 409, code: "courses.slug_taken", title: "Another one has this short name already.",
                detail: "Choose another slug.")
        case .foreignCurrency(let own):
            Problem(
                status: 422, code: "courses.foreign_currency", title: "Prices here are in \(own.code).",
                faults: [
                    Fault(pointer: "/price/currency", code: "courses.foreign_currency", sentence: "must be \(own.code)")
                ])
        case .noSuchCategory:
            Problem(
                status: 422, code: "courses.no_such_category", title: "There is no such category.",
                faults: [Fault(pointer: "/category", code: "courses.no_such_category", sentence: "names no category")])
        }
    }
}
