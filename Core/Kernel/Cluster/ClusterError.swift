/// Why a private database cluster cannot be made, started or stopped.
public struct ClusterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as a program can act on it.
    public enum Kind: Sendable, Equatable {
        /// PostgreSQL's programs were not found.
        case notInstalled
        /// PostgreSQL refuses to run as root, and no other user was named.
        case root
        /// The named user does not exist.
        case unknownUser
        /// The path of the socket would be longer than the system allows.
        case pathTooLong
        /// The disk is full.
        case diskFull
        /// A directory cannot be made or entered.
        case directory
        /// The directory holds a cluster of another major version.
        case version
        /// It was told to work on a cluster that is not there.
        case notMade
        /// PostgreSQL's own programs failed.
        case failed
    }

    /// What went wrong, as far as a program can act on it.
    public let kind: Kind
    /// One sentence that says what to do.
    public let description: String

    init(_ kind: Kind, _ description: String) { (self.kind, self.description) = (kind, description) }
}
