internal import CoursesContract
internal import Lyceum

/// The way from a course to what was changed about it, for those who may see that.
struct CourseHistory: Codable, Sendable {
    var path: String

    static let arabic = ["audit.course_history": "ما الذي تغيّر في هذه الدورة"]

    @Sendable static func show(_ visit: SlotVisit<Course.ID>, _ database: Database) async throws -> CourseHistory? {
        visit.may(.readAudit) ? CourseHistory(path: "/admin/audit?entity=courses.course&key=\(visit.subject)") : nil
    }
}
