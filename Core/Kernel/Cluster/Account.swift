internal import Glibc

/// The user that owns a cluster.
struct Account: Sendable, Equatable {
    let user: UInt32
    let group: UInt32
    /// The name to become, or nil when that is who we are.
    let become: String?

    init(_ name: String?) throws(ClusterError) {
        guard let name else {
            guard geteuid() != 0 else {
                throw ClusterError(
                    .root,
                    "PostgreSQL refuses to run as root; name an unprivileged user for the database (Debian has postgres)"
                )
            }
            (user, group, become) = (geteuid(), getegid(), nil)
            return
        }
        guard let (user, group) = Self.look(name) else {
            throw ClusterError(.unknownUser, "the user \(name), who is to own the database, does not exist")
        }
        guard user != 0 else { throw ClusterError(.root, "PostgreSQL refuses to run as \(name), which is root") }
        guard user == geteuid() || geteuid() == 0 else {
            throw ClusterError(
                .unknownUser, "only root can run the database as \(name); leave the user out or start as root")
        }
        (self.user, self.group) = (user, group)
        become = user == geteuid() ? nil : name
    }

    private static func look(_ name: String) -> (UInt32, UInt32)? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let base = buffer.baseAddress, getpwnam_r(name, &entry, base, buffer.count, &found) == 0, found != nil
            else { return nil }
            return (entry.pw_uid, entry.pw_gid)
        }
    }

    /// The command that runs a program as this user.
    func command(_ program: String, _ arguments: [String]) -> (String, [String]) {
        guard become != nil else { return (program, arguments) }
        return (
            "setpriv",
            ["--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--inh-caps=-all", "--", program] + arguments
        )
    }
}
