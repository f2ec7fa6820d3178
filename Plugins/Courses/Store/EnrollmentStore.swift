internal import AccountsContract
internal import CoursesContract
internal import Lyceum
internal import PostgreSQL

/// The statements about places in courses.
///
///     (none) -> active
enum EnrollmentStore {
    /// Gives somebody a place in a published course that costs nothing.
    static func create(
        _ learner: Account.ID, in course: Course.ID, _ transaction: borrowing Transaction
    ) async throws -> Enrollment.ID {
        let rows = try await transaction.query(
            "select price_minor from courses.course where id = \(course) and status = 'published' for share")
        guard var row = rows.first else { throw Problem.notFound }
        guard !transaction.isDraining else { throw Problem.draining }
        guard try row.next(as: Int64.self) == 0 else { throw CoursesError.notFree }
        try await transaction.ask(.enrolling, EnrollmentRequest(course: course, learner: learner))

        let id = transaction.newID(Enrollment.ID.self)
        let now = transaction.now
        do {
            try await transaction.run(
                """
                insert into courses.enrollment (id, course_id, learner_id, status, enrolled_at)
                values (\(id), \(course), \(learner), 'active', \(now))
                """)
        } catch let error as DatabaseError where error.constraint == "enrollment_course_learner_unique" {
            throw CoursesError.alreadyEnrolled
        }
        try transaction.emit(EnrollmentCreated(enrollment: id, course: course, learner: learner, at: now))
        return id
    }

    static func view(_ enrollment: Enrollment.ID, _ transaction: borrowing Transaction) async throws -> EnrollmentView {
        try await transaction.value(
            EnrollmentView.self,
            """
            select enrollment.id, enrollment.course_id as course, course.title, course.summary, enrollment.enrolled_at
            from courses.enrollment join courses.course on course.id = enrollment.course_id
            where enrollment.id = \(enrollment)
            """)
    }

    /// Somebody's places, newest first.
    static func list(
        _ learner: Account.ID, _ filter: ListFilter, _ database: Database
    ) async throws -> Listing<EnrollmentView> {
        let (at, id) = try filter.after.values(Instant.self, Enrollment.ID.self)
        return try await database.listing(
            EnrollmentView.self, limit: filter.limit, key: ["enrolled_at", "id"],
            """
            select enrollment.id, enrollment.course_id as course, course.title, course.summary, enrollment.enrolled_at
            from courses.enrollment join courses.course on course.id = enrollment.course_id
            where enrollment.learner_id = \(learner)
              and (\(at)::timestamptz is null or (enrollment.enrolled_at, enrollment.id) < (\(at), \(id)))
            order by enrollment.enrolled_at desc, enrollment.id desc
            limit \(filter.limit + 1)
            """)
    }

    /// Whether somebody has a place.
    static func exists(_ learner: Account.ID, in course: Course.ID, _ database: Database) async throws -> Bool {
        try await database.query(
            "select from courses.enrollment where course_id = \(course) and learner_id = \(learner)"
        ).rowCount > 0
    }
}
