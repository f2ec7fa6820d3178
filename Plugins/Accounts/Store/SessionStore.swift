internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// The statements about sessions: signed in on a page by a cookie, or in the API by a token.
///
/// An access key is a session of the API that has a name and scopes, and does not end from not being used.
///
///     (none) -> live -> ended (deleted: signed out, or ended from elsewhere) | expired (its time, or nobody used it for long)
enum SessionStore {
    enum Kind: String, SQLValue { case page, api }

    /// How long a session lasts.
    struct Terms: Sendable {
        /// Its end, however it is used.
        var expiry: Instant
        /// After how many seconds without use it ends too; nil: it does not.
        var idleSeconds: Int?
    }

    /// What is noted of its use is so many seconds old at most: a write for each request would be too much.
    private static let attention = 60

    /// Makes a session and answers its token, which is stored nowhere.
    static func begin(
        _ kind: Kind, _ account: Account.ID, _ terms: Terms, _ device: Device, key: AccessKeyDraft? = nil,
        _ database: Database
    ) async throws -> String {
        let token = Secrets.token()
        let now = database.now
        let made = try await database.run(
            """
            with expired as (delete from accounts.session where account_id = \(account) and expires_at <= \(now))
            insert into accounts.session
                (token_hash, account_id, kind, created_at, expires_at, last_seen_at, idle_seconds, agent, address, name, scopes)
            select \(Secrets.fingerprint(token)), id, \(kind), \(now), \(terms.expiry), \(now), \(terms.idleSeconds),
                \(device.agent), \(device.address), \(key?.name), \(key?.scopes)::text[]
            from accounts.account where id = \(account) and deleted_at is null for share
            """)
        // Erased since the password was looked at.
        guard made == 1 else { throw AccountsError.wrongCredentials }
        return token
    }

    static func end(_ token: String, _ database: Database) async throws {
        try await database.run("delete from accounts.session where token_hash = \(Secrets.fingerprint(token))")
    }

    /// Ends one of somebody's sessions or keys; false when there is no such one.
    static func end(_ session: Session.ID, of account: Account.ID, _ database: Database) async throws -> Bool {
        try await database.run("delete from accounts.session where id = \(session) and account_id = \(account)") > 0
    }

    /// Ends all sessions of somebody but the one whose token is given, and answers how many; keys only if asked.
    @discardableResult
    static func endAll(
        of account: Account.ID, but token: String?, keys: Bool = false, _ database: Database
    ) async throws -> Int {
        try await database.run(
            """
            delete from accounts.session
            where account_id = \(account) and (name is null or \(keys))
                and token_hash is distinct from \(token.map { Secrets.fingerprint($0) })
            """)
    }

    /// Somebody's sessions and keys, those used last first.
    static func list(of account: Account.ID, current token: String?, _ database: Database) async throws -> Rows<
        SessionView
    > {
        try await database.rows(
            SessionView.self,
            """
            select id, kind, name, scopes, agent, address, created_at, last_seen_at, expires_at,
                token_hash is not distinct from \(token.map { Secrets.fingerprint($0) }) as is_current
            from accounts.session
            where account_id = \(account) and expires_at > \(database.now)
                and (idle_seconds is null or last_seen_at + idle_seconds * interval '1 second' > \(database.now))
            order by last_seen_at desc, id
            """)
    }

    /// Who a credential belongs to; the form token is derived from the session's, so that nothing more is stored.
    static func recognise(_ credential: Credential, _ database: Database) async throws -> Principal? {
        let (token, kind): (String, Kind) =
            switch credential {
            case .session(let token): (token, .page)
            case .bearer(let token): (token, .api)
            }
        let (hash, now) = (Secrets.fingerprint(token), database.now)
        let rows = try await database.query(
            """
            select account.id, account.name, array(
                select role from accounts.role_grant where account_id = account.id order by role),
                session.scopes, session.last_seen_at < \(now - .seconds(attention))
            from accounts.session join accounts.account on account.id = session.account_id
            where session.token_hash = \(hash) and session.kind = \(kind)
              and session.expires_at > \(now) and account.deleted_at is null
              and (session.idle_seconds is null
                or session.last_seen_at + session.idle_seconds * interval '1 second' > \(now))
            """)
        guard var row = rows.first else { return nil }
        let id: Account.ID = try row.next()
        let principal = Principal(
            id: id.raw, name: try row.next(), roles: try row.next(),
            formToken: kind == .page ? Secrets.derive(token, for: "form") : nil, scopes: try row.next())
        if try row.next() {
            try await database.run(
                "update accounts.session set last_seen_at = \(now) where token_hash = \(hash) and last_seen_at < \(now)"
            )
        }
        return principal
    }
}
