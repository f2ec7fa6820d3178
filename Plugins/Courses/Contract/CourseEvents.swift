public import AccountsContract
public import Lyceum

/// A course can be found in the catalogue.
public struct CoursePublished: Event {
    /// `courses.course.published`.
    public static let name = "courses.course.published"

    /// The course.
    public var course: Course.ID
    /// Its title at that moment.
    public var title: String
    /// When it was published.
    public var at: Instant

    /// Events of one course stay in order.
    public var key: String { "\(course)" }

    /// States the fact.
    public init(course: Course.ID, title: String, at: Instant) {
        (self.course, self.title, self.at) = (course, title, at)
    }
}

/// Somebody has a place in a course.
public struct EnrollmentCreated: Event {
    /// `courses.enrollment.created`.
    public static let name = "courses.enrollment.created"

    /// The enrolment.
    public var enrollment: Enrollment.ID
    /// The course.
    public var course: Course.ID
    /// Who learns.
    public var learner: Account.ID
    /// When it began.
    public var at: Instant

    /// What happens to one place stays in order.
    ///
    /// Not the course: its places have nothing to say to each other, and as later events of a key wait behind one that
    /// failed, a single bad one would hold up every learner of a popular course, and all of them one lane.
    public var key: String { "\(enrollment)" }

    /// States the fact.
    public init(enrollment: Enrollment.ID, course: Course.ID, learner: Account.ID, at: Instant) {
        (self.enrollment, self.course, self.learner, self.at) = (enrollment, course, learner, at)
    }
}
