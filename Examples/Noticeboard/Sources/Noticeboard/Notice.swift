internal import Lyceum
internal import PostgreSQL

/// A notice on the board.
enum Notice {
    /// Names a notice.
    struct ID: Identifier {
        let raw: RawID

        init(_ raw: RawID) { self.raw = raw }
    }
}

/// A notice as it is read.
struct NoticeView: View, Documented {
    var id: Notice.ID
    var words: String
    var postedAt: Instant

    static let about = ["words": "Plain text."]
}

/// What somebody sends to post a notice.
struct NoticeDraft: Input {
    @Field("Plain text.", .multiline.length(1...500).example("The workshop begins at nine.")) var words: String
}

/// The statements about notices.
enum NoticeStore {
    /// The latest fifty, newest first.
    ///
    /// Columns are matched to the fields of the view by name.
    static func latest(_ database: Database) async throws -> Rows<NoticeView> {
        try await database.rows(
            NoticeView.self,
            "select id, words, posted_at from noticeboard.notice order by posted_at desc, id desc limit 50")
    }

    /// The words of the newest; nil where there is none.
    static func newest(_ database: Database) async throws -> String? {
        let found = try await database.query(
            "select words from noticeboard.notice order by posted_at desc, id desc limit 1")
        return try found.map { row in try row.next(as: String.self) }.first
    }

    /// Posts a notice.
    ///
    /// What is interpolated is bound, never text of the statement.
    static func post(_ words: String, _ transaction: borrowing Transaction) async throws -> NoticeView {
        let notice = NoticeView(id: transaction.newID(), words: words, postedAt: transaction.now)
        try await transaction.run(
            """
            insert into noticeboard.notice (id, words, posted_at)
            values (\(notice.id), \(notice.words), \(notice.postedAt))
            """)
        return notice
    }
}
