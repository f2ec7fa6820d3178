@preconcurrency internal import Glibc
public import PostgreSQL

/// A private PostgreSQL cluster: made, started and stopped by this program, reached through one unix socket by nobody else.
///
///     nothing ──make──▶ making ──renamed into place──▶ made ──start──▶ running ──stop──▶ made
///                         └──interrupted: recognised by its name, removed, made anew
///
/// Every step may be repeated: making what is made and starting what runs do nothing. Files belong to one user, whose socket
/// directory nobody else may enter (0700); behind it every connection is trusted. Nothing listens on the network.
public struct Cluster: Sendable {
    /// How a cluster is made and run.
    public struct Options: Sendable {
        /// The user that owns the files and runs the server; nil is this process's own, and only root can name another.
        public var user: String?
        /// The most connections at once.
        public var connections = 100
        /// Memory for shared buffers, in MiB.
        public var sharedBuffers = 128
        /// Whether data survives a crash of the machine; tests, whose data nobody wants back, are faster without.
        public var durable = true
        /// Whether the server ends, and its files go, when this process ends, however it ends: for tests.
        public var ephemeral = false
        /// How long a start or a stop may take.
        public var patience: Duration = .seconds(60)
        /// Further lines of postgresql.conf, `name = value` each; they win over those made here.
        public var settings: [String] = []
        /// The directory of PostgreSQL's programs; nil looks for them (`Programs.find`).
        public var programs: String?
        /// The major version to use; nil is the one of the existing cluster, or the newest that is installed.
        public var major: Int?

        /// The options with their defaults.
        public init() {}
    }

    /// The directory of the cluster's files; its parent must exist.
    public let directory: String
    /// The directory of the socket; made with mode 0700 where it is missing.
    public let socketDirectory: String
    /// How it is made and run.
    public let options: Options
    let account: Account

    /// The superuser inside the cluster, which is also the name this program logs in with.
    public static let login = "lyceum"

    /// Describes a cluster; does nothing yet.
    ///
    /// - Throws: `ClusterError` when the socket's path is too long, the user is unknown, or root would run the server.
    public init(_ directory: String, socketDirectory: String, _ options: Options = Options()) throws(ClusterError) {
        self.directory = directory
        self.socketDirectory = socketDirectory
        self.options = options
        account = try Account(options.user)
        let socket = "\(socketDirectory)/.s.PGSQL.5432"
        // sun_path holds 108 bytes with the zero at its end.
        guard socket.utf8.count <= 107 else {
            throw ClusterError(
                .pathTooLong,
                """
                the database's socket \(socket) would have \(socket.utf8.count) bytes, but the system allows 107; \
                choose a shorter state directory
                """)
        }
        for path in [directory, socketDirectory] where !path.hasPrefix("/") || path.contains("\n") {
            throw ClusterError(.directory, "\(path) must be an absolute path on one line")
        }
    }

    /// Whether the cluster is completely made.
    public var isMade: Bool { access("\(directory)/PG_VERSION", F_OK) == 0 }

    /// The major version of the made cluster.
    public var major: Int? { file("\(directory)/PG_VERSION").flatMap { Int($0.prefix { $0.isNumber }) } }

    /// libpq's connection string for a database of this cluster, as the superuser.
    public func conninfo(database: String = "postgres") -> String {
        func quoted(_ value: String) -> String {
            var text = "'"
            for character in value {
                if character == "'" || character == "\\" { text.append("\\") }
                text.append(character)
            }
            return text + "'"
        }
        return "host=\(quoted(socketDirectory)) port=5432 user=\(Self.login) dbname=\(quoted(database))"
    }

    /// Makes a database where it is missing, its text in C.UTF-8.
    ///
    /// - Parameter template: A database to copy, with everything in it; nobody may be connected to it.
    /// - Returns: Whether it was missing.
    @discardableResult
    public func createDatabase(_ name: String, template: String? = nil) throws(DatabaseError) -> Bool {
        let connection = try Connection(conninfo())
        if try connection.query("select from pg_database where datname = \(name)").rowCount == 1 { return false }
        let from = template.map { " template \(PostgreSQL.quoted(identifier: $0))" } ?? ""
        do {
            try connection.script("create database \(PostgreSQL.quoted(identifier: name))\(from)")
            return true
        } catch {
            // Somebody else made it in between.
            if error.sqlState == "42P04" || error.kind == .unique { return false }
            throw error
        }
    }

    /// Drops a database where it exists, together with whoever is connected to it.
    public func dropDatabase(_ name: String) throws(DatabaseError) {
        let connection = try Connection(conninfo())
        try connection.script("drop database if exists \(PostgreSQL.quoted(identifier: name)) with (force)")
    }

    func programs() throws(ClusterError) -> Programs {
        try Programs.find(major: major ?? options.major, in: options.programs)
    }
}

/// The beginning of a small file, or nil.
func file(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65_536) { buffer in
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
