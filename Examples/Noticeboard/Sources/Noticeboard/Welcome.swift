internal import Lyceum

/// What this plugin wants to know of `courses.enrollment.created`; the event has more fields, and may get others.
struct EnrollmentFact: Decodable, Sendable {
    var enrollment: RawID
}

/// Welcomes each new learner.
///
/// A listener's changes commit with the mark that it has seen the event, so there is exactly one notice for each.
struct Welcome: Sendable {
    let notice: String

    @Sendable func post(_ fact: EnrollmentFact, _ transaction: borrowing Transaction) async throws {
        _ = try await NoticeStore.post(notice, transaction)
    }
}
