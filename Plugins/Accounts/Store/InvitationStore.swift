internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// The statements about invitations.
///
///     open -> used (once) | expired
enum InvitationStore {
    /// What an invitation is for.
    struct Invitation: Sendable {
        let email: String
        let roles: [String]
    }

    /// Makes an invitation and answers its token, which is stored nowhere.
    static func make(
        email: String, roles: [String], until expiry: Instant, _ transaction: borrowing Transaction
    ) async throws -> String {
        let token = Secrets.token()
        try await transaction.run(
            """
            with expired as (delete from accounts.invitation where expires_at <= \(transaction.now - .seconds(30 * 86_400)))
            insert into accounts.invitation (token_hash, email, roles, created_at, expires_at)
            values (\(Secrets.fingerprint(token)), \(email), \(roles), \(transaction.now), \(expiry))
            """)
        return token
    }

    /// The invitation of a token, while it is open.
    static func find(_ token: String, _ database: Database) async throws -> Invitation? {
        let rows = try await database.query(
            """
            select email, roles from accounts.invitation
            where token_hash = \(Secrets.fingerprint(token)) and used_at is null and expires_at > \(database.now)
            """)
        guard var row = rows.first else { return nil }
        return Invitation(email: try row.next(), roles: try row.next())
    }

    /// Uses an invitation up; nil when it is not open any more, also because somebody else has just used it.
    static func use(_ token: String, _ transaction: borrowing Transaction) async throws -> Invitation? {
        let rows = try await transaction.query(
            """
            update accounts.invitation set used_at = \(transaction.now)
            where token_hash = \(Secrets.fingerprint(token)) and used_at is null and expires_at > \(transaction.now)
            returning email, roles
            """)
        guard var row = rows.first else { return nil }
        return Invitation(email: try row.next(), roles: try row.next())
    }
}
