/// The right to do something, declared by the plugin that guards it.
///
///     extension Permission {
///         static let editCourses = Permission("courses.course.edit", "Write and publish courses.", roles: ["instructor"])
///     }
public struct Permission: Declaration, Hashable {
    /// `plugin.noun.verb`.
    public let id: String
    /// What it allows, for the person who grants it.
    public let about: String
    /// The roles that have it; `admin` has every permission.
    public let roles: [String]

    /// Declares a permission; the id must begin with the id of the plugin.
    public init(_ id: String, _ about: String, roles: [String]) {
        (self.id, self.about, self.roles) = (id, about, roles)
    }

    /// `permission courses.course.edit (instructor)`.
    public var summary: String { "permission \(id) (\(roles.isEmpty ? "admin" : roles.joined(separator: ", ")))" }
}

/// Who may use a route.
///
/// Every route says so; there is no default.
public enum Access: Sendable, CustomStringConvertible {
    /// Everybody, signed in or not.
    case `public`
    /// Whoever is signed in.
    case authenticated
    /// Whoever has a role with this permission.
    case permission(Permission)

    /// For lists of routes.
    public var description: String {
        switch self {
        case .public: "public"
        case .authenticated: "authenticated"
        case .permission(let permission): permission.id
        }
    }
}
