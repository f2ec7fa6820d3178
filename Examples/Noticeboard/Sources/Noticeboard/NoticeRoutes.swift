internal import Lyceum

/// The API of the board.
enum NoticeRoutes {
    @Sendable static func list(_ context: borrowing Context) async throws -> Rows<NoticeView> {
        try await NoticeStore.latest(context.database)
    }

    @Sendable static func post(
        _ context: borrowing Context, _ draft: Body<NoticeDraft>
    ) async throws -> Created<NoticeView> {
        let notice = try await context.database.transaction { try await NoticeStore.post(draft.value.words, $0) }
        return Created(notice, at: "/api/noticeboard")
    }
}
