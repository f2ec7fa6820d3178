internal import AccountsContract
internal import Lyceum

/// The API of accounts.
struct AccountRoutes: Sendable {
    private let signIns: SignIn

    init(_ settings: AccountsSettings) { signIns = SignIn(settings) }

    @Sendable func register(
        _ context: borrowing Context, _ body: Body<Registration>
    ) async throws -> NotStored<Created<AccountView>> {
        let id = try await signIns.register(body.value, context.database)
        let view = try await AccountStore.view(id, context.database)
        return NotStored(Created(try view.value(), at: "/api/accounts/me"))
    }

    @Sendable func signIn(
        _ context: borrowing Context, _ body: Body<Credentials>
    ) async throws -> NotStored<Created<NewSession>> {
        let given = body.value
        let account = try await signIns.check(given.email, given.password.revealed, context.database)
        let (token, expiry) = try await signIns.begin(
            .api, account, remember: given.remember, Device(context.request), context.database)
        let session = NewSession(token: token, expiresAt: expiry, account: account)
        return NotStored(Created(session, at: "/api/accounts/sessions/current"))
    }

    @Sendable func signOut(_ context: borrowing Context) async throws -> NoContent {
        if let token = context.token { try await SessionStore.end(token, context.database) }
        return NoContent()
    }

    @Sendable func me(_ context: borrowing Context) async throws -> NotStored<SingleRow<AccountView>> {
        NotStored(try await AccountStore.view(try context.user.account, context.database))
    }
}
