internal import AccountsContract
internal import Lyceum

/// The API of those who decide who may do what.
struct PeopleRoutes: Sendable {
    private let defaultRole: String

    init(_ settings: AccountsSettings) { defaultRole = settings.defaultRole }

    @Sendable static func list(
        _ context: borrowing Context, _ query: Query<PeopleFilter>
    ) async throws -> NotStored<Listing<PersonView>> {
        NotStored(try await PeopleStore.list(query.value, context.database))
    }

    @Sendable func setRoles(
        _ context: borrowing Context, _ account: Account.ID, _ body: Body<RoleSet>
    ) async throws -> NotStored<PersonView> {
        let known = Roles.known(context.permissions, defaultRole)
        var faults = Faults()
        for (index, role) in body.value.roles.enumerated() where !known.contains(role) {
            faults.list.append(Roles.unknown(known, at: "/roles/\(index)"))
        }
        guard faults.isEmpty else { throw faults }
        let person = try await PeopleStore.person(account, context.database)
        let giver = try context.user.account
        try await context.database.transaction { transaction in
            for role in Set(body.value.roles).subtracting(person.roles) {
                _ = try await RoleStore.grant(role, to: account, by: giver, transaction)
            }
            for role in Set(person.roles).subtracting(body.value.roles) {
                _ = try await RoleStore.revoke(role, from: account, transaction)
            }
        }
        return NotStored(try await PeopleStore.person(account, context.database))
    }
}

/// The roles that mean something in a region.
enum Roles {
    /// Those that its permissions name, that of whoever registers, and `admin`.
    static func known(_ permissions: [Permission], _ defaultRole: String) -> [String] {
        var roles: Set<String> = ["admin", defaultRole]
        for permission in permissions { roles.formUnion(permission.roles) }
        return roles.sorted()
    }

    /// That a role is none: a misspelt one would be given and open nothing.
    static func unknown(_ known: [String], at pointer: String) -> Fault {
        Fault(
            pointer: pointer, code: "accounts.no_such_role",
            sentence: "must be one of \(known.joined(separator: ", "))",
            words: Text("accounts.fault.role", ["roles": known.joined(separator: ", ")]))
    }
}
