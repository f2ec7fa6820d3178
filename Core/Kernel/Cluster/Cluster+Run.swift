internal import Glibc
internal import PostgreSQL

extension Cluster {
    /// The process id of the running server, or nil when none runs in this directory.
    ///
    /// A `postmaster.pid` that a crash left behind, whose number now belongs to something else or to nothing, does not count.
    public var serverProcess: Int32? {
        guard let text = file("\(directory)/postmaster.pid") else { return nil }
        guard let id = text.split(separator: "\n").first.flatMap({ Int32($0) }), id > 0 else { return nil }
        guard Glibc.kill(id, 0) == 0 || errno == EPERM else { return nil }
        // Its arguments name the directory; a stranger with a recycled number has others.
        guard let command = file("/proc/\(id)/cmdline") else { return nil }
        let words = command.split(separator: "\0").map(String.init)
        return words.contains(directory) ? id : nil
    }

    /// Starts the server where it does not run, and returns when it answers.
    ///
    /// It runs on when this process ends; `stop` ends it. Its log is `<directory>.log`.
    ///
    /// - Returns: Whether it was not running.
    @discardableResult
    public func start() throws(ClusterError) -> Bool {
        guard isMade else {
            throw ClusterError(.notMade, "there is no database cluster in \(directory); make it first")
        }
        let lock = try Lock("\(directory).lock")
        defer { lock.release() }
        try make(directory: socketDirectory)
        let log = "\(directory).log"
        if serverProcess != nil {
            try awaitAnswer(nil, log)
            return false
        }
        let programs = try programs()
        for path in ["\(directory)/postmaster.pid", "\(socketDirectory)/.s.PGSQL.5432.lock"] { try disown(path) }
        var status = stat()
        let already = stat(log, &status) == 0 ? Int(status.st_size) : 0
        let (program, words) = account.command("\(programs.directory)/postgres", ["-D", directory])
        let child: Child
        do {
            child = try Child(
                program, words, environment: Self.environment, directory: "/", output: .file(log), errors: .file(log),
                ownGroup: true)
        } catch {
            throw ClusterError(.failed, error.description)
        }
        do { try awaitAnswer(child, log) } catch {
            if child.status() == nil { _ = child.stop(SIGQUIT, within: .seconds(10)) }
            let said = tail(of: log, from: already)
            throw said.isEmpty ? error : failure("the database cannot be started (\(log))", said)
        }
        if options.ephemeral { try guardEnd() }
        return true
    }

    /// Frees a `postmaster.pid`, or the lock of a socket, whose number lives on as something else: a stranger, or a server that was killed and whose
    /// end nobody has taken note of, as in a container without an init.
    ///
    /// PostgreSQL would refuse to start beside such a number. Removing the file would also remove PostgreSQL's own check for
    /// processes that still use the old shared memory; so it gets the one number that PostgreSQL knows to be no server, that
    /// of the process which starts it.
    private func disown(_ path: String) throws(ClusterError) {
        guard let text = file(path) else { return }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let id = Int32(lines[0]), id > 0, Glibc.kill(id, 0) == 0 || errno == EPERM else { return }
        lines[0] = "\(getpid())"
        try write(lines.joined(separator: "\n"), to: path)
    }

    /// Starts a shell that waits for the end of this process, which closes the pipe between them, and then clears up.
    private func guardEnd() throws(ClusterError) {
        guard let id = serverProcess else { return }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ClusterError(.failed, "no pipe: \(systemMessage(errno))") }
        defer { close(ends[0]) }
        // The other end stays open on purpose until the system closes it.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let script = """
            read -r _ <&3
            ours() { grep -qaF -- "$2" "/proc/$1/cmdline" 2>/dev/null; }
            ours "$1" "$2" && kill -QUIT "$1"
            turn=0
            while ours "$1" "$2" && [ $turn -lt 100 ]; do sleep 0.05; turn=$((turn + 1)); done
            ours "$1" "$2" && kill -KILL "$1"
            rm -rf -- "$2" "$2.log" "$2.lock" "$3"
            """
        do {
            _ = try Child(
                "/bin/sh", ["-c", script, "sh", "\(id)", directory, socketDirectory], directory: "/",
                descriptors: [3: ends[0]], output: .nowhere, errors: .nowhere, ownGroup: true)
        } catch {
            throw ClusterError(.failed, error.description)
        }
    }

    /// Stops the server where it runs: open transactions are undone, clients disconnected, everything written.
    ///
    /// - Returns: Whether it was running.
    @discardableResult
    public func stop() throws(ClusterError) -> Bool {
        guard let id = serverProcess else { return false }
        Glibc.kill(id, SIGINT)
        let deadline = ContinuousClock.now + options.patience
        while serverProcess == id {
            // Where this process started the server, nobody else takes its end off the system's list.
            var ended: Int32 = 0
            waitpid(id, &ended, WNOHANG)
            if ContinuousClock.now >= deadline {
                throw ClusterError(
                    .failed, "the database (process \(id)) did not stop within \(options.patience.seconds) s")
            }
            usleep(5_000)
        }
        return true
    }

    /// Waits until the server answers.
    private func awaitAnswer(_ child: Child?, _ log: String) throws(ClusterError) {
        let deadline = ContinuousClock.now + options.patience
        while true {
            let reason: String
            do {
                _ = try Connection(conninfo())
                return
            } catch { reason = error.description }
            if let ended = child?.status() {
                throw ClusterError(.failed, "the database cannot be started: it \(ended) (\(log))")
            }
            if child == nil, serverProcess == nil {
                throw ClusterError(.failed, "the database ended while it was waited for (\(log))")
            }
            if ContinuousClock.now >= deadline {
                throw ClusterError(
                    .failed, "the database does not answer after \(options.patience.seconds) s: \(reason) (\(log))")
            }
            usleep(10_000)
        }
    }

    /// What was added to a file since it had this size, at most the last 64 KiB of it.
    private func tail(of path: String, from offset: Int) -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let end = Int(lseek(descriptor, 0, SEEK_END))
        lseek(descriptor, off_t(max(offset, end - 65_536)), SEEK_SET)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65_536) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            return count <= 0 ? "" : String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
