internal import AccountsContract
internal import Lyceum

/// The pages of those who decide who may do what.
struct PeoplePages: Sendable {
    private let defaultRole: String

    init(_ settings: AccountsSettings) { defaultRole = settings.defaultRole }

    // MARK: - All people

    struct ListView: Codable, Sendable {
        var people: [PersonPart]
        var isEmpty: Bool
        var search: String
        var roles: [ChoicePart]
        var first: String?
        var next: String?
    }

    struct PersonPart: Codable, Sendable {
        var id: Account.ID
        var name: String
        var email: String
        var roles: [String]
    }

    struct ChoicePart: Codable, Sendable {
        var value: String
        var isChosen: Bool
    }

    @Sendable func list(_ context: borrowing Context, _ query: Query<PeopleFilter>) async throws -> Page {
        let filter = query.value
        let listing = try await PeopleStore.list(filter, context.database)
        let people = try listing.values().map {
            PersonPart(id: $0.id, name: $0.name, email: $0.email, roles: $0.roles)
        }
        var path = "/admin/accounts/people?"
        if let search = filter.search { path += "search=\(FormEncoding.encode(search))&" }
        if let role = filter.role { path += "role=\(FormEncoding.encode(role))&" }
        return Page(
            "accounts.people", title: .words("accounts.people.title"),
            ListView(
                people: people, isEmpty: people.isEmpty, search: filter.search ?? "",
                roles: Roles.known(context.permissions, defaultRole).map {
                    ChoicePart(value: $0, isChosen: $0 == filter.role)
                },
                first: filter.after.map { _ in String(path.dropLast()) },
                next: listing.next.map { path + "after=" + FormEncoding.encode("\($0)") }))
    }

    // MARK: - One of them

    struct View: Codable, Sendable {
        var id: Account.ID
        var name: String
        var email: String
        var isSelf: Bool
        var mayChange: Bool
        var mayHandle: Bool
        var roles: [RolePart]
        var isWithoutRole: Bool
        /// Roles that could be given.
        var others: [String]
        var form: FormFields
        var rights: [RightPart]
        var hasNoRights: Bool
        var sessions: [SessionPages.SessionPart]
        var isSignedOut: Bool
    }

    struct RolePart: Codable, Sendable {
        var role: String
        var grantedAt: Moment?
        var grantedBy: String?
    }

    /// A permission that somebody has, and by which roles.
    struct RightPart: Codable, Sendable {
        var id: String
        var about: String
        var risk: Text?
        var because: String
    }

    private func page(
        _ account: Account.ID, _ form: FormFields, status: Int = 200, _ context: borrowing Context
    ) async throws -> Page {
        let person = try await PeopleStore.person(account, context.database)
        let roles = try await RoleStore.list(of: account, context.database)
        let sessions = try await SessionStore.list(of: account, current: context.token, context.database).values()
        let moments = try await context.moments(roles.map(\.grantedAt))
        var rights: [RightPart] = []
        for permission in context.permissions {
            let because = person.roles.filter { $0 == "admin" || permission.roles.contains($0) }
            guard !because.isEmpty else { continue }
            rights.append(
                RightPart(
                    id: permission.id, about: permission.about, risk: permission.risk.words,
                    because: because.joined(separator: ", ")))
        }
        return Page(
            "accounts.person", title: .text(person.name),
            View(
                id: person.id, name: person.name, email: person.email,
                isSelf: account == context.principal?.account, mayChange: context.may(.changePeople),
                mayHandle: context.may(.exportPeople) || context.may(.erasePeople),
                roles: zip(roles, moments).map {
                    RolePart(role: $0.role, grantedAt: $1, grantedBy: $0.grantedBy)
                }, isWithoutRole: roles.isEmpty,
                others: Roles.known(context.permissions, defaultRole).filter { !person.roles.contains($0) }, form: form,
                rights: rights, hasNoRights: rights.isEmpty, sessions: try await SessionPages.parts(sessions, context),
                isSignedOut: sessions.isEmpty), status: status)
    }

    @Sendable func show(_ context: borrowing Context, _ account: Account.ID) async throws -> Page {
        try await page(account, try context.blankForm(RoleForm.self), context)
    }

    @Sendable func grant(
        _ context: borrowing Context, _ account: Account.ID, _ form: Form<RoleForm>
    ) async throws -> Page {
        guard let role = form.value?.role else { return try await page(account, form.fields, status: 422, context) }
        let known = Roles.known(context.permissions, defaultRole)
        guard known.contains(role) else {
            let words = Text("accounts.fault.role", ["roles": known.joined(separator: ", ")])
            return try await page(account, form.fields.failing("role", words), status: 422, context)
        }
        let giver = try context.user.account
        _ = try await PeopleStore.person(account, context.database)
        _ = try await context.database.transaction { transaction in
            try await RoleStore.grant(role, to: account, by: giver, transaction)
        }
        return .redirect(to: "/admin/accounts/people/\(account)")
    }

    @Sendable func revoke(
        _ context: borrowing Context, _ account: Account.ID, _ form: Form<RoleForm>
    ) async throws -> Page {
        guard let role = form.value?.role else { return try await page(account, form.fields, status: 422, context) }
        do {
            _ = try await context.database.transaction { transaction in
                try await RoleStore.revoke(role, from: account, transaction)
            }
        } catch AccountsError.lastAdministrator {
            let fields = form.fields.failing(nil, Text("accounts.problem.last_administrator"))
            return try await page(account, fields, status: 409, context)
        }
        return .redirect(to: "/admin/accounts/people/\(account)")
    }

    @Sendable func endSessions(_ context: borrowing Context, _ account: Account.ID) async throws -> Page {
        try await SessionStore.endAll(of: account, but: context.token, keys: true, context.database)
        return .redirect(to: "/admin/accounts/people/\(account)")
    }

    // MARK: - Permissions and roles

    struct AccessView: Codable, Sendable {
        var roles: [RoleColumn]
        var rows: [AccessPart]
    }

    struct RoleColumn: Codable, Sendable {
        var role: String
        var count: Int
        var path: String
    }

    struct AccessPart: Codable, Sendable {
        var id: String
        var about: String
        var risk: Text?
        var roles: String
    }

    @Sendable func access(_ context: borrowing Context) async throws -> Page {
        let counts = try await RoleStore.counts(context.database)
        return Page(
            "accounts.access", title: .words("accounts.access.title"),
            AccessView(
                roles: Set(counts.keys).union(Roles.known(context.permissions, defaultRole)).sorted().map {
                    RoleColumn(
                        role: $0, count: counts[$0] ?? 0, path: "/admin/accounts/people?role=" + FormEncoding.encode($0)
                    )
                },
                rows: context.permissions.map { permission in
                    AccessPart(
                        id: permission.id, about: permission.about, risk: permission.risk.words,
                        roles: Set(permission.roles + ["admin"]).sorted().joined(separator: ", "))
                }))
    }
}

extension Permission.Risk {
    /// What can come of it, where it is worth a word.
    fileprivate var words: Text? { self == .low ? nil : Text("accounts.risk.\(rawValue)") }
}
