internal import Glibc

extension Cluster {
    /// Where PostgreSQL's programs are, and which version they are.
    public struct Programs: Sendable, Equatable {
        /// The directory that holds `initdb` and `postgres`.
        public let directory: String
        /// The major version: 15.
        public let major: Int

        /// Finds them in PATH, or else the newest below /usr/lib/postgresql, where Debian keeps its servers out of PATH.
        ///
        /// - Parameters:
        ///   - major: Only this version, because a cluster exists that only it can read; nil takes the newest.
        ///   - directory: Only there.
        public static func find(major: Int? = nil, in directory: String? = nil) throws(ClusterError) -> Programs {
            let debian = "/usr/lib/postgresql"
            let versions = names(in: debian).compactMap { Int($0) }.sorted(by: >)
            let path = getenv("PATH").map { String(cString: $0) } ?? ""
            let usual = path.split(separator: ":").map(String.init) + versions.map { "\(debian)/\($0)/bin" }
            let directories = directory.map { [$0] } ?? usual
            var seen: [Int] = []
            for directory in directories where access("\(directory)/initdb", X_OK) == 0 {
                guard access("\(directory)/postgres", X_OK) == 0,
                    let outcome = try? Child.run("\(directory)/postgres", ["--version"], limit: .seconds(10)),
                    let found = majorVersion(outcome.output)
                else { continue }
                if major == nil || major == found { return Programs(directory: directory, major: found) }
                seen.append(found)
            }
            if let major, !seen.isEmpty {
                throw ClusterError(
                    .version,
                    """
                    the database cluster is of PostgreSQL \(major), but only \(seen.map(String.init).joined(separator: ", ")) \
                    is installed; install postgresql-\(major), or upgrade the cluster with pg_upgrade
                    """)
            }
            throw ClusterError(
                .notInstalled,
                """
                PostgreSQL's server was not found \(directory.map { "in \($0)" } ?? "in PATH or below \(debian)"); \
                install it (Debian: apt install postgresql) or configure a database
                """)
        }

        /// From `postgres (PostgreSQL) 15.20 (Debian …)`.
        private static func majorVersion(_ text: String) -> Int? {
            text.split(separator: " ").compactMap { Int($0.prefix { $0.isNumber }) }.first
        }
    }
}

/// The names in a directory, without the two dots; none when it cannot be read.
func names(in directory: String) -> [String] {
    guard let handle = opendir(directory) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
