internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// The directory that other plugins ask for names.
struct StoredDirectory: AccountDirectory {
    func names(
        of accounts: [Account.ID], _ transaction: borrowing Transaction
    ) async throws -> [Account.ID: String] {
        let rows = try await transaction.query(
            "select id, name from accounts.account where id = any(\(accounts)) and deleted_at is null")
        let pairs = try rows.map { row in (try row.next(as: Account.ID.self), try row.next(as: String.self)) }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// What the command line does with accounts.
struct StoredAdministration: AccountAdministration {
    func add(
        email: String, name: String, password: String, roles: [String], _ transaction: borrowing Transaction
    ) async throws -> Account.ID {
        // The rules are those of a registration, whoever enters it.
        let given = try InputReader.values(
            Registration.self, [("name", name), ("email", email), ("password", password)])
        let id = transaction.newID(Account.ID.self)
        try await AccountStore.add(
            id: id, email: given.email, name: given.name, passwordHash: try Passwords.hash(given.password.revealed),
            roles: roles, transaction)
        return id
    }

    func grant(_ role: String, to email: String, _ transaction: borrowing Transaction) async throws -> Bool {
        let rows = try await transaction.query(
            "select id from accounts.account where lower(email) = lower(\(email)) and deleted_at is null")
        guard var row = rows.first else { throw AccountsError.noSuchAccount(email) }
        let id: Account.ID = try row.next()
        let added = try await transaction.run(
            """
            insert into accounts.role_grant (account_id, role, granted_at) values (\(id), \(role), \(transaction.now))
            on conflict do nothing
            """)
        return added > 0
    }

    func list(limit: Int, _ transaction: borrowing Transaction) async throws -> [AccountSummary] {
        try await transaction.values(
            AccountSummary.self,
            """
            select id, email, name, coalesce((
                select string_agg(role, ', ' order by role) from accounts.role_grant where account_id = id), '') as roles
            from accounts.account where deleted_at is null order by lower(email) limit \(limit)
            """)
    }
}
