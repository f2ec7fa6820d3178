internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// The statements about accounts and their roles.
enum AccountStore {
    /// Makes an account, in the transaction that also states the fact.
    static func add(
        id: Account.ID, email: String, name: String, passwordHash: String, roles: [String],
        _ transaction: borrowing Transaction
    ) async throws {
        let now = transaction.now
        do {
            try await transaction.pipeline([
                """
                insert into accounts.account (id, email, name, password_hash, created_at)
                values (\(id), \(email), \(name), \(passwordHash), \(now))
                """,
                """
                insert into accounts.role_grant (account_id, role, granted_at)
                select \(id), role, \(now) from unnest(\(roles)::text[]) as role
                """,
            ])
        } catch let error as DatabaseError where error.constraint == "account_email_unique" {
            throw AccountsError.emailTaken
        }
        try transaction.emit(AccountRegistered(account: id, at: now))
    }

    /// The account of an address, and the hash of its password.
    static func find(email: String, _ database: Database) async throws -> (id: Account.ID, passwordHash: String)? {
        let rows = try await database.query(
            """
            select id, password_hash from accounts.account
            where lower(email) = lower(\(email)) and deleted_at is null
            """)
        guard var row = rows.first else { return nil }
        return (try row.next(), try row.next())
    }

    /// The hash of somebody's password; nil where there is no such account any more.
    static func passwordHash(of id: Account.ID, _ database: Database) async throws -> String? {
        let rows = try await database.query(
            "select password_hash from accounts.account where id = \(id) and deleted_at is null")
        guard var row = rows.first else { return nil }
        return try row.next()
    }

    static func view(_ id: Account.ID, _ database: Database) async throws -> SingleRow<AccountView> {
        try await database.row(
            AccountView.self,
            """
            select id, email, name,
                (select coalesce(json_agg(role order by role), '[]') from accounts.role_grant where account_id = id) as roles
            from accounts.account where id = \(id)
            """)
    }
}
