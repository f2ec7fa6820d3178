internal import Lyceum

/// The board as a page, and its words.
enum NoticePages {
    struct Board: Codable, Sendable {
        struct Entry: Codable, Sendable {
            var words: String
            var postedAt: Moment
        }
        var notices: [Entry]
        var isEmpty: Bool
    }

    @Sendable static func board(_ context: borrowing Context) async throws -> Page {
        let notices = try await NoticeStore.latest(context.database).values()
        let moments = try await context.moments(notices.map(\.postedAt))
        let board = Board(
            notices: zip(notices, moments).map { Board.Entry(words: $0.words, postedAt: $1) }, isEmpty: notices.isEmpty)
        return Page("noticeboard.board", title: .words("noticeboard.nav"), board)
    }

    /// The newest notice, for those who are elsewhere.
    struct Latest: Codable, Sendable {
        var words: String
    }

    @Sendable static func latest(_ visit: SlotVisit<PagePlace>, _ database: Database) async throws -> Latest? {
        guard visit.subject.path != "/noticeboard" else { return nil }
        return try await NoticeStore.newest(database).map { Latest(words: $0) }
    }

    static let english = [
        "noticeboard.nav": "Noticeboard",
        "noticeboard.none": "Nothing has been posted yet.",
        "noticeboard.more": "All notices",
    ]

    static let german = [
        "noticeboard.nav": "Schwarzes Brett",
        "noticeboard.none": "Noch hängt hier nichts.",
        "noticeboard.more": "Alle Aushänge",
    ]

    static let arabic = [
        "noticeboard.nav": "لوحة الإعلانات",
        "noticeboard.none": "لم يُنشر شيء بعد.",
        "noticeboard.more": "جميع الإعلانات",
    ]
}
