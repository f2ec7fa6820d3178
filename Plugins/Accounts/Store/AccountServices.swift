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
    private let defaultRole: String

    init(_ settings: AccountsSettings) { defaultRole = settings.defaultRole }

    func roles(_ transaction: borrowing Transaction) async throws -> [String] {
        Roles.known(transaction.permissions, defaultRole)
    }

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
        try await RoleStore.grant(role, to: try await Self.account(email, transaction), by: nil, transaction)
    }

    func revoke(_ role: String, from email: String, _ transaction: borrowing Transaction) async throws -> Bool {
        try await RoleStore.revoke(role, from: try await Self.account(email, transaction), transaction)
    }

    func invite(
        email: String, roles: [String], until expiry: Instant, _ transaction: borrowing Transaction
    ) async throws -> String {
        // The rules are those of a registration, whoever enters it.
        let given = try InputReader.values(Addressed.self, [("email", email)])
        guard try await Self.find(given.email, transaction) == nil else { throw AccountsError.emailTaken }
        let token = try await InvitationStore.make(email: given.email, roles: roles, until: expiry, transaction)
        return "/accounts/invitation?token=" + token
    }

    func signOut(_ email: String, _ transaction: borrowing Transaction) async throws -> Int {
        let account = try await Self.account(email, transaction)
        return try await transaction.run("delete from accounts.session where account_id = \(account)")
    }

    func subject(_ who: String, _ transaction: borrowing Transaction) async throws -> DataSubject {
        guard let id = Account.ID(who) else {
            return DataSubject(id: try await Self.account(who, transaction).raw, email: who)
        }
        let rows = try await transaction.query("select nullif(email, '') from accounts.account where id = \(id)")
        guard var row = rows.first else { throw AccountsError.noSuchAccount(who) }
        return DataSubject(id: id.raw, email: try row.next())
    }

    func erase(_ subject: DataSubject, _ transaction: borrowing Transaction) async throws -> [PersonalHolding] {
        try await PersonalRecordStore.erase(Account.ID(subject.id), isPartial: true, transaction)
    }

    private static func find(_ email: String, _ transaction: borrowing Transaction) async throws -> Account.ID? {
        let rows = try await transaction.query(
            "select id from accounts.account where lower(email) = lower(\(email)) and deleted_at is null")
        guard var row = rows.first else { return nil }
        return try row.next()
    }

    private static func account(_ email: String, _ transaction: borrowing Transaction) async throws -> Account.ID {
        guard let account = try await find(email, transaction) else { throw AccountsError.noSuchAccount(email) }
        return account
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
