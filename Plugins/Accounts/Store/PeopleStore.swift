internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// The statements about all people of a region.
enum PeopleStore {
    /// People in the order of their addresses.
    static func list(_ filter: PeopleFilter, _ database: Database) async throws -> Listing<PersonView> {
        let (email, id) = try filter.after.values(String.self, Account.ID.self)
        let words = filter.search.map {
            "%" + $0.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_") + "%"
        }
        return try await database.listing(
            PersonView.self, limit: filter.limit, key: ["_address", "id"],
            """
            select id, name, email, (
                select coalesce(json_agg(role order by role), '[]') from accounts.role_grant where account_id = id) as roles,
                created_at, lower(email) as _address
            from accounts.account
            where deleted_at is null
              and (\(words)::text is null or name ilike \(words) or email ilike \(words))
              and (\(filter.role)::text is null or exists (
                select from accounts.role_grant where account_id = id and role = \(filter.role)))
              and (\(email)::text is null or (lower(email), id) > (\(email), \(id)))
            order by lower(email), id
            limit \(filter.limit + 1)
            """)
    }

    /// One of them.
    static func person(_ account: Account.ID, _ database: Database) async throws -> PersonView {
        let rows = try await database.values(
            PersonView.self,
            """
            select id, name, email, (
                select coalesce(json_agg(role order by role), '[]') from accounts.role_grant where account_id = id) as roles,
                created_at
            from accounts.account where id = \(account) and deleted_at is null
            """)
        guard let person = rows.first else { throw Problem.notFound }
        return person
    }
}
