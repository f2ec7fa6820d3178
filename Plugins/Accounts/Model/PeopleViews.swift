internal import AccountsContract
internal import Lyceum

/// Which people are wanted.
struct PeopleFilter: Input {
    @Field("Words in the name or the e-mail address.", .length(1...100)) var search: String?
    @Field("Only those with this role.", .length(1...100)) var role: String?
    @Field("Where the last answer ended: its `next`.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 50
}

/// Somebody, as those see them who administrate.
struct PersonView: View {
    var id: Account.ID
    var name: String
    var email: String
    var roles: [String]
    var createdAt: Instant
}

/// A role that somebody has.
struct RoleView: View {
    var role: String
    var grantedAt: Instant
    var grantedBy: String?
}

/// The roles that somebody is to have.
struct RoleSet: Input {
    @Field("All roles that the person is to have.", .count(0...50).each(.length(1...100))) var roles: [String]
}

/// A role, on a form.
struct RoleForm: Input {
    @Field("The role.", .length(1...100)) var role: String
}

extension Permission {
    /// Seeing people.
    static let seePeople = Permission(
        "accounts.people.see", "See all people with their e-mail addresses, roles and sessions.", roles: [],
        risk: .sensitive)
    /// Deciding who may do what.
    static let changePeople = Permission(
        "accounts.people.change", "Give and take roles, and end people's sessions.", roles: [], risk: .high)
}
