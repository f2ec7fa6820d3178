/// Which roles have which permissions in a region: built once, then only read.
package final class GrantTable: Sendable {
    private let roles: [String: Set<String>]

    package init(_ permissions: [Permission]) {
        var roles: [String: Set<String>] = [:]
        for permission in permissions { roles[permission.id] = Set(permission.roles + ["admin"]) }
        self.roles = roles
    }

    /// Whether somebody declared the permission.
    package func knows(_ permission: Permission) -> Bool { roles[permission.id] != nil }

    /// Whether somebody may do what the permission allows; nil is a guest, who may not.
    package func allows(_ permission: Permission, _ principal: Principal?) -> Bool {
        guard let principal, let roles = roles[permission.id] else { return false }
        return principal.roles.contains { roles.contains($0) }
    }
}
