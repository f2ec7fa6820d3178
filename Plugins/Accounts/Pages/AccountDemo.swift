internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// Three people to try the platform with; their password stands in the README.
enum AccountDemo {
    static let password = "lyceum-demo"

    @Sendable static func fill(_ transaction: borrowing Transaction) async throws {
        let people: [(Account.ID, String, String, [String])] = [
            (DemoAccounts.instructor, "grace@example.org", "Grace Hopper", ["instructor"]),
            (DemoAccounts.student, "ada@example.org", "Ada Lovelace", ["student"]),
            (DemoAccounts.administrator, "radia@example.org", "Radia Perlman", ["admin"]),
        ]
        let known = try await transaction.query(
            "select from accounts.account where id = any(\(people.map(\.0)))")
        guard known.rowCount == 0 else { return }
        let hash = try Passwords.hash(password)
        for (id, email, name, roles) in people {
            try await AccountStore.add(
                id: id, email: email, name: name, passwordHash: hash, roles: roles, transaction)
        }
    }
}
