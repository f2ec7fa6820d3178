internal import AccountsContract
internal import Lyceum

/// The API of somebody's own sessions and access keys.
enum SessionRoutes {
    @Sendable static func list(_ context: borrowing Context) async throws -> NotStored<SessionList> {
        let rows = try await SessionStore.list(
            of: try context.user.account, current: context.token, context.database)
        return NotStored(SessionList(items: try rows.values()))
    }

    @Sendable static func end(_ context: borrowing Context, _ session: Session.ID) async throws -> NoContent {
        guard try await SessionStore.end(session, of: try context.user.account, context.database) else {
            throw Problem.notFound
        }
        return NoContent()
    }

    @Sendable static func endOthers(_ context: borrowing Context) async throws -> NoContent {
        try await SessionStore.endAll(of: try context.user.account, but: context.token, context.database)
        return NoContent()
    }

    @Sendable static func makeKey(
        _ context: borrowing Context, _ body: Body<AccessKeyDraft>
    ) async throws -> NotStored<Created<NewAccessKey>> {
        NotStored(Created(try await AccessKeys.make(body.value, context), at: "/api/accounts/sessions"))
    }
}
