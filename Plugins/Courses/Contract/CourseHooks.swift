public import AccountsContract
public import Lyceum

/// Somebody who is about to get a place in a course.
public struct EnrollmentRequest: Sendable {
    /// The course.
    public let course: Course.ID
    /// Who would learn.
    public let learner: Account.ID

    /// Describes a request.
    public init(course: Course.ID, learner: Account.ID) { (self.course, self.learner) = (course, learner) }
}

extension GuardPoint where Value == Course.ID {
    /// Asked before a course is published.
    public static var publishing: GuardPoint { GuardPoint("courses.publishing") }
}

extension GuardPoint where Value == EnrollmentRequest {
    /// Asked before somebody gets a place.
    public static var enrolling: GuardPoint { GuardPoint("courses.enrolling") }
}

/// A line that another plugin adds to a course's page.
public struct CourseNote: Sendable, Codable {
    /// The words, in the region's language.
    public let text: String

    /// Words a line.
    public init(_ text: String) { self.text = text }
}

extension Slot where Subject == Course.ID {
    /// Beside a course, below how to join it.
    public static var courseAside: Slot { Slot("courses.course.aside") }
    /// Below the form in which a course is changed.
    public static var courseEditing: Slot { Slot("courses.course.editing") }
}

extension CollectPoint where Question == Course.ID, Item == CourseNote {
    /// Lines for a course's page, in the order of the plugins.
    public static var courseNotes: CollectPoint { CollectPoint("courses.notes") }
}
