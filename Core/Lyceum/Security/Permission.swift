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
    /// What can come of giving it to the wrong person.
    public let risk: Risk

    /// What can come of giving a permission to the wrong person; shown to the person who grants it.
    public enum Risk: String, Sendable {
        /// A nuisance: everybody could as well have it, or what is done with it can be undone.
        case low
        /// Data about people is seen that was not meant for them.
        case sensitive
        /// Something is lost for good, happens twice, or somebody is given rights.
        case high
    }

    /// Declares a permission; the id must begin with the id of the plugin.
    public init(_ id: String, _ about: String, roles: [String], risk: Risk = .low) {
        (self.id, self.about, self.roles, self.risk) = (id, about, roles, risk)
    }

    /// `permission courses.course.edit (instructor)`, `permission lyceum.jobs.change (admin), risk high`.
    public var summary: String {
        "permission \(id) (\(roles.isEmpty ? "admin" : roles.joined(separator: ", ")))"
            + (risk == .low ? "" : ", risk \(risk.rawValue)")
    }
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
