internal import AccountsContract
internal import Lyceum

/// Whose drafts somebody sees and publishes: an author's their own, and everybody's for whoever may edit every course.
///
/// It is part of the statements, so that a row which is not theirs is not there for them: what they may not see and what
/// does not exist cannot be told apart.
struct Drafts: Sendable {
    /// Everybody's.
    static let all = Drafts(everybody: true, author: nil)

    let everybody: Bool
    /// Those of one author; nil for somebody who writes no courses.
    let author: Account.ID?
}

extension Context {
    /// The drafts of whoever asks.
    var drafts: Drafts {
        Drafts(everybody: may(.editEveryCourse), author: may(.editCourses) ? principal?.account : nil)
    }
}
