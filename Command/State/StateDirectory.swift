internal import Foundation
internal import Kernel

/// Where an installation keeps what it makes: the database, generations, what runs.
///
///     STATE/postgres/         the private cluster, with postgres.log beside it
///     STATE/generations/N/    what processes are born with; `served` beside them lists those that served, and `rollback`
///                             names the one to repeat, for a moment
///     STATE/host              the name by which databases know this host
///     STATE/audit/            the heads of each region's audit, outside of its database
///     STATE/files/            uploaded files, where lyceum.yaml names no other directory
///     STATE/nginx/            nginx's configuration, logs and temporary files
///     STATE/run/              process ids, locks, the acknowledged generation
///     STATE/run-directory     where the sockets are, when a path below STATE would be too long for one
struct StateDirectory {
    /// Its absolute path.
    let path: String

    init(_ path: String) { self.path = absolute(path) }

    /// The private cluster.
    var postgres: String { path + "/postgres" }
    /// Generations, a directory each.
    var generations: String { path + "/generations" }
    /// nginx's own files.
    var nginx: String { path + "/nginx" }
    /// The heads of audits' chains, a file for each region.
    var audit: String { path + "/audit" }
    /// Uploaded files, where lyceum.yaml names no other directory.
    var files: String { path + "/files" }
    /// Process ids and locks.
    var run: String { path + "/run" }
    /// The supervisor's process id.
    var supervisorPid: String { run + "/supervisor.pid" }
    /// The generations that have served, oldest first, a line each.
    var served: String { generations + "/served" }
    /// The generation that the next preparation repeats; absent at most times.
    var rollback: String { generations + "/rollback" }
    /// What asked for the next generation, a line each; absent at most times.
    var asked: String { run + "/asked" }
    /// What a new generation is at; absent when none is being made.
    var phase: String { run + "/phase" }
    /// The revision that all processes acknowledged.
    var acknowledged: String { run + "/generation" }
    /// Why the last new generation was refused; absent when it was not.
    var refused: String { run + "/refused" }
    /// What `up` runs, for `down` and for a second `up`.
    var running: String { run + "/up.json" }

    /// Whether there is one.
    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes sure that there is one, for commands that are about an installation and never make one.
    func check() throws {
        guard !exists else { return }
        throw Failure(
            """
            there is no installation in \(path), which does not exist; run `lyceum up` or `lyceum migrate` first, or name \
            another directory with --state
            """)
    }

    /// Makes the directories.
    func make() throws {
        // Root's cluster belongs to another user, who must pass through; what he must not see is closed further down.
        let mode = geteuid() == 0 ? 0o711 : 0o700
        for directory in [path, generations, run] {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
            } catch {
                throw Failure(
                    "the state directory \(directory) cannot be made: \(reason(error)); choose another with --state")
            }
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw Failure("the state directory \(path) cannot be written by this user; choose another with --state")
        }
    }

    /// Where the sockets are: below the state directory where that is short enough, else in a short temporary directory.
    func sockets() throws -> String {
        if let given = ProcessInfo.processInfo.environment["LYCEUM_RUN"], !given.isEmpty {
            try record(given)
            return given
        }
        if let known = try? String(contentsOfFile: path + "/run-directory", encoding: .utf8) {
            let directory = known.trimmingCharacters(in: .newlines)
            if StateDirectory.isOurs(directory) { return directory }
        }
        let longest = run + "/postgres/.s.PGSQL.5432"
        if longest.utf8.count <= StateDirectory.longestSocket, StateDirectory.isPlain(run) { return run }
        let parents = [ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"], "/tmp"].compactMap { $0 }
        for parent in parents where parent.utf8.count <= 60 && access(parent, W_OK | X_OK) == 0 {
            var template = Array((parent + "/lyceum-XXXXXX").utf8CString)
            guard mkdtemp(&template) != nil else { continue }
            let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            try record(directory)
            return directory
        }
        throw Failure(
            "no socket can be made: \(run) is too long for one, and neither XDG_RUNTIME_DIR nor /tmp can be written")
    }

    /// The socket on which `lyceum serve` answers nginx.
    func socket() throws -> String { try sockets() + "/lyceum.sock" }

    /// The private cluster.
    func cluster() throws -> Cluster {
        var options = Cluster.Options()
        options.connections = 400
        // PostgreSQL refuses root; the launcher changes to lyceum before it comes to that, but only looking is allowed to all.
        if geteuid() == 0 { options.user = ["lyceum", "postgres", "nobody"].first { getpwnam($0) != nil } }
        return try Cluster(postgres, socketDirectory: try sockets() + "/postgres", options)
    }

    private func record(_ directory: String) throws {
        let file = path + "/run-directory"
        if (try? String(contentsOfFile: file, encoding: .utf8)) == directory + "\n" { return }
        try write(directory + "\n", to: file)
    }

    /// A socket's address holds 108 bytes with the zero at its end; one more is left for nginx's.
    private static let longestSocket = 106

    /// A directory that was recorded earlier: it must still be there and belong to this user, whom nobody else can pretend to be.
    private static func isOurs(_ directory: String) -> Bool {
        var status = stat()
        return lstat(directory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
    }

    /// Whether a path needs no quoting in any of the files it is written to.
    static func isPlain(_ path: String) -> Bool {
        path.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/._-+@~,=".utf8.contains(byte)
        }
    }
}

/// Writes a small file whole or not at all.
func write(_ text: String, to path: String) throws {
    do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
        throw Failure("\(path) cannot be written: \(reason(error))")
    }
}

/// The system's reason where there is one: Foundation's own sentences are long and name the file again.
func reason(_ error: any Error) -> String {
    let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    guard inner.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
    return inner.code == Int(ENOSPC) ? "the disk is full" : String(cString: strerror(Int32(inner.code)))
}

/// Why the system does not let this user read something; nil when it does.
func unreadable(_ path: String) -> String? { access(path, R_OK) == 0 ? nil : String(cString: strerror(errno)) }
