internal import Lyceum

/// The board as a page, and its words.
enum NoticePages {
    private struct Board: Encodable, Sendable {
        struct Entry: Encodable, Sendable {
            var words: String
            var postedOn: String
        }
        var notices: [Entry]
        var isEmpty: Bool
    }

    @Sendable static func board(_ context: borrowing Context) async throws -> Page {
        let notices = try await NoticeStore.latest(context.database).values()
        let board = Board(
            notices: notices.map { Board.Entry(words: $0.words, postedOn: "\($0.postedAt)") }, isEmpty: notices.isEmpty)
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
}
