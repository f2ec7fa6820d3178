internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// The statements about sessions: signed in on a page by a cookie, or in the API by a token.
///
///     (none) -> live -> ended (deleted: signed out) | expired (time)
enum SessionStore {
    enum Kind: String, SQLValue { case page, api }

    /// Makes a session and answers its token, which is stored nowhere.
    static func begin(
        _ kind: Kind, _ account: Account.ID, until expiry: Instant, _ database: Database
    ) async throws -> String {
        let token = Secrets.token()
        try await database.run(
            """
            with expired as (delete from accounts.session where account_id = \(account) and expires_at <= \(database.now))
            insert into accounts.session (token_hash, account_id, kind, created_at, expires_at)
            values (\(Secrets.fingerprint(token)), \(account), \(kind), \(database.now), \(expiry))
            """)
        return token
    }

    static func end(_ token: String, _ database: Database) async throws {
        try await database.run("delete from accounts.session where token_hash = \(Secrets.fingerprint(token))")
    }

    /// Who a credential belongs to; the form token is derived from the session's, so that nothing more is stored.
    static func recognise(_ credential: Credential, _ database: Database) async throws -> Principal? {
        let (token, kind): (String, Kind) =
            switch credential {
            case .session(let token): (token, .page)
            case .bearer(let token): (token, .api)
            }
        let rows = try await database.query(
            """
            select account.id, account.name, array(
                select role from accounts.role_grant where account_id = account.id order by role)
            from accounts.session join accounts.account on account.id = session.account_id
            where session.token_hash = \(Secrets.fingerprint(token)) and session.kind = \(kind)
              and session.expires_at > \(database.now) and account.deleted_at is null
            """)
        guard var row = rows.first else { return nil }
        let id: Account.ID = try row.next()
        return Principal(
            id: id.raw, name: try row.next(), roles: try row.next(),
            formToken: kind == .page ? Secrets.derive(token, for: "form") : nil)
    }
}
