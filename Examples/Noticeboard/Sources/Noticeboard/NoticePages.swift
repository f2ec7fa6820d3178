internal import Lyceum

/// The board as a page, and its words.
enum NoticePages {
    private struct Board: Encodable, Sendable {
        struct Entry: Encodable, Sendable {
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

    static let english = [
        "noticeboard.nav": "Noticeboard",
        "noticeboard.none": "Nothing has been posted yet.",
    ]

    static let german = [
        "noticeboard.nav": "Schwarzes Brett",
        "noticeboard.none": "Noch hängt hier nichts.",
    ]

    static let arabic = [
        "noticeboard.nav": "لوحة الإعلانات",
        "noticeboard.none": "لم يُنشر شيء بعد.",
    ]
}
