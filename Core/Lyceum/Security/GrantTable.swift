/// Which roles have which permissions in a region: built once, then only read.
package final class GrantTable: Sendable {
    private let roles: [String: Set<String>]
    /// All of them, by their ids.
    package let permissions: [Permission]

    package init(_ permissions: [Permission]) {
        self.permissions = permissions.sorted { $0.id < $1.id }
        var roles: [String: Set<String>] = [:]
        for permission in permissions { roles[permission.id] = Set(permission.roles + ["admin"]) }
        self.roles = roles
    }

    /// Whether somebody declared the permission.
    package func knows(_ permission: Permission) -> Bool { roles[permission.id] != nil }

    /// Whether somebody may do what the permission allows, with the credential they show; nil is a guest, who may not.
    package func allows(_ permission: Permission, _ principal: Principal?) -> Bool {
        guard let principal else { return false }
        return principal.reaches(permission.id) && grants(permission, principal.roles)
    }

    /// Whether one of the roles has the permission.
    package func grants(_ permission: Permission, _ held: [String]) -> Bool {
        guard let roles = roles[permission.id] else { return false }
        return held.contains { roles.contains($0) }
    }
}
