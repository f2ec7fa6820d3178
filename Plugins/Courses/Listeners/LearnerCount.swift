internal import CoursesContract
internal import Lyceum
internal import PostgreSQL

/// Counts the learners of each course from the events, so that nobody counts rows for every visitor.
enum LearnerCount {
    @Sendable static func count(_ created: EnrollmentCreated, _ transaction: borrowing Transaction) async throws {
        try await transaction.run(
            """
            insert into courses.learner_count (course_id, learners) values (\(created.course), 1)
            on conflict (course_id) do update set learners = learner_count.learners + 1
            """)
    }
}
