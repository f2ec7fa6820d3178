internal import Glibc

extension Cluster {
    /// Makes the cluster where it is missing.
    ///
    /// It is made beside its place, in `<directory>.making`, and renamed when it is complete: what an interruption leaves is
    /// recognised by that name, removed, and made anew.
    ///
    /// - Returns: Whether it was missing.
    @discardableResult
    public func make() throws(ClusterError) -> Bool {
        if isMade {
            // The settings may have changed since, and a start reads them.
            try configure(directory)
            return false
        }
        let programs = try programs()
        // Two programs that make the same cluster: the second waits for the first, whose death ends the lock.
        let lock = try Lock("\(directory).lock")
        defer { lock.release() }
        if isMade { return false }
        let making = "\(directory).making"
        try remove(making)
        if rmdir(directory) != 0, errno != ENOENT {
            throw ClusterError(
                .directory, "\(directory) is to hold the database, but is no database and not empty; move it away")
        }
        try make(directory: making)
        let outcome = try run(
            programs, "initdb",
            [
                "--pgdata=\(making)", "--username=\(Self.login)", "--encoding=UTF8", "--locale=C.UTF-8",
                "--locale-provider=libc", "--auth=trust", "--data-checksums", "--no-instructions",
            ] + (options.durable ? [] : ["--no-sync"]), limit: .seconds(300))
        guard outcome.status.success else { throw failure("the database cluster cannot be made", outcome.complaint) }
        try configure(making)
        guard rename(making, directory) == 0 else {
            throw ClusterError(.directory, "\(making) cannot be renamed to \(directory): \(systemMessage(errno))")
        }
        return true
    }

    /// Writes the part of the configuration that is ours, and has initdb's file include it.
    private func configure(_ place: String) throws(ClusterError) {
        try write(configuration, to: "\(place)/lyceum.conf")
        guard let main = file("\(place)/postgresql.conf") else {
            throw ClusterError(.directory, "\(place)/postgresql.conf cannot be read: \(systemMessage(errno))")
        }
        let include = "include 'lyceum.conf'"
        if !main.contains(include) { try write("\(main)\n\(include)\n", to: "\(place)/postgresql.conf") }
    }

    /// Settings for a small machine that also does other work; everything else is as PostgreSQL has it.
    private var configuration: String {
        var lines = [
            "# Written at each start; put settings of your own into postgresql.conf, after the include.",
            "listen_addresses = ''",
            "port = 5432",
            // A list whose one item is quoted, in a value that is quoted: spaces, commas and both kinds of quotes may be in it.
            "unix_socket_directories = '\"\(doubled(doubled(socketDirectory, "\""), "'"))\"'",
            "unix_socket_permissions = 0700",
            "max_connections = \(options.connections)",
            "shared_buffers = \(options.sharedBuffers)MB",
            "max_wal_size = 1GB",
            "wal_compression = on",
            // After a crash everything must be on the disk before the log is replayed: one call per disk, instead of one for each
            // of some thousand files, which takes many seconds.
            "recovery_init_sync_method = syncfs",
            "log_destination = stderr",
            "logging_collector = off",
            "log_line_prefix = '%m [%p] %d '",
            "log_timezone = 'UTC'",
            "timezone = 'UTC'",
            "lc_messages = 'C'",
            // Errors go to the program that made them; the server's log is for what only the server can say.
            "log_min_error_statement = panic",
            "log_min_messages = warning",
            "idle_in_transaction_session_timeout = 5min",
        ]
        if !options.durable {
            lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum_naptime = 1min"]
        }
        return (lines + options.settings).joined(separator: "\n") + "\n"
    }

    /// Runs one of PostgreSQL's programs as the cluster's user, in a directory that this user can enter.
    func run(
        _ programs: Programs, _ name: String, _ arguments: [String], limit: Duration
    ) throws(ClusterError) -> Child.Outcome {
        let (program, words) = account.command("\(programs.directory)/\(name)", arguments)
        do {
            return try Child.run(program, words, environment: Self.environment, directory: "/", limit: limit)
        } catch {
            throw ClusterError(.failed, error.description)
        }
    }

    /// Nothing of this process's own: PGDATA, PGHOST and their kin would lead elsewhere.
    static var environment: [String] {
        ["PATH=\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")", "LC_ALL=C.UTF-8", "TZ=UTC"]
    }

    /// The sentence for what one of PostgreSQL's programs said.
    func failure(_ what: String, _ complaint: String) -> ClusterError {
        let lines = complaint.split(separator: "\n").map(String.init)
        // The last line that gives a reason, without time and process; after it come hints and notices of clearing up. A
        // faulty configuration is the exception: the last line only counts it, the one before says what is wrong.
        let marks = ["FATAL:", "PANIC:", "ERROR:", "error:", "LOG:"]
        let reasons = lines.filter { line in marks.contains { line.contains($0) } }
        let serious = reasons.last { !$0.contains("LOG:") } ?? lines.last ?? "it gave no reason"
        let line = serious.contains("contains errors") && reasons.count > 1 ? reasons[reasons.count - 2] : serious
        let reason = marks.lazy.compactMap { after($0, in: line) }.first ?? line
        if complaint.contains("No space left on device") {
            return ClusterError(.diskFull, "\(what): the disk of \(directory) is full; make room and try again")
        }
        if complaint.contains("Permission denied") {
            return ClusterError(
                .directory,
                "\(what): \(account.become ?? "this user") may not enter a directory on the way to \(directory): \(reason)"
            )
        }
        return ClusterError(.failed, "\(what): \(reason)")
    }
}

/// What follows a mark in a line, without the blanks between.
private func after(_ mark: String, in line: String) -> String? {
    var rest = line[...]
    while !rest.isEmpty {
        if rest.hasPrefix(mark) { return String(rest.dropFirst(mark.count).drop { $0 == " " }) }
        rest = rest.dropFirst()
    }
    return nil
}

/// The text with a mark doubled wherever it occurs.
func doubled(_ text: String, _ mark: Character) -> String {
    var result = ""
    for character in text {
        if character == mark { result.append(mark) }
        result.append(character)
    }
    return result
}
