internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// The statements about who has which role.
enum RoleStore {
    /// Gives a role; true when the account did not have it.
    static func grant(
        _ role: String, to account: Account.ID, by giver: Account.ID?, _ transaction: borrowing Transaction
    ) async throws -> Bool {
        try await transaction.run(
            """
            insert into accounts.role_grant (account_id, role, granted_at, granted_by)
            values (\(account), \(role), \(transaction.now), \(giver))
            on conflict do nothing
            """) > 0
    }

    /// Takes a role; true when the account had it.
    ///
    /// Two who take the role `admin` from each other at once would leave nobody: its rows are locked first, in one order.
    static func revoke(
        _ role: String, from account: Account.ID, _ transaction: borrowing Transaction
    ) async throws -> Bool {
        if role == "admin" {
            let others = try await transaction.query(
                """
                select role_grant.account_id from accounts.role_grant
                join accounts.account on account.id = role_grant.account_id and account.deleted_at is null
                where role = 'admin' order by role_grant.account_id for update of role_grant
                """
            ).map { row in try row.next(as: Account.ID.self) }
            guard others.contains(where: { $0 != account }) else {
                guard others.contains(account) else { return false }
                throw AccountsError.lastAdministrator
            }
        }
        return try await transaction.run(
            "delete from accounts.role_grant where account_id = \(account) and role = \(role)") > 0
    }

    /// Somebody's roles, with since when and by whom.
    static func list(of account: Account.ID, _ database: Database) async throws -> [RoleView] {
        try await database.values(
            RoleView.self,
            """
            select role_grant.role, role_grant.granted_at, giver.name as granted_by
            from accounts.role_grant left join accounts.account as giver on giver.id = role_grant.granted_by
            where role_grant.account_id = \(account) order by role_grant.role
            """)
    }

    /// How many people have each role.
    static func counts(_ database: Database) async throws -> [String: Int] {
        let rows = try await database.query(
            """
            select role, count(*) from accounts.role_grant
            join accounts.account on account.id = role_grant.account_id and account.deleted_at is null group by role
            """)
        let pairs = try rows.map { row in (try row.next(as: String.self), try row.next(as: Int.self)) }
        return Dictionary(pairs) { first, _ in first }
    }
}
