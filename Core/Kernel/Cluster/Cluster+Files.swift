internal import Glibc

extension Cluster {
    /// Makes a directory of mode 0700 that belongs to the cluster's user; one that exists must be his and nobody else's.
    func make(directory path: String) throws(ClusterError) {
        if mkdir(path, 0o700) != 0 {
            let reason = errno
            guard reason == EEXIST else {
                if reason == ENOSPC { throw ClusterError(.diskFull, "\(path) cannot be made: the disk is full") }
                throw ClusterError(.directory, "the directory \(path) cannot be made: \(systemMessage(reason))")
            }
        }
        // Not through a link, which somebody else could have laid.
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw ClusterError(.directory, "\(path) must be a directory: \(systemMessage(errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ClusterError(.directory, "\(path) cannot be looked at: \(systemMessage(errno))")
        }
        if status.st_uid != account.user {
            guard geteuid() == 0, status.st_uid == 0, fchown(descriptor, account.user, account.group) == 0 else {
                throw ClusterError(.directory, "\(path) belongs to another user (id \(status.st_uid)); move it away")
            }
        }
        if status.st_mode & 0o777 != 0o700, fchmod(descriptor, 0o700) != 0 {
            throw ClusterError(.directory, "\(path) cannot be closed to others: \(systemMessage(errno))")
        }
    }

    /// Writes a file of mode 0600 that belongs to the cluster's user, whole or not at all.
    func write(_ text: String, to path: String) throws(ClusterError) {
        func refuse() -> ClusterError {
            let reason = errno
            unlink("\(path).new")
            if reason == ENOSPC { return ClusterError(.diskFull, "\(path) cannot be written: the disk is full") }
            return ClusterError(.directory, "\(path) cannot be written: \(systemMessage(reason))")
        }
        let descriptor = open("\(path).new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw refuse() }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw refuse() }
            bytes = bytes.dropFirst(count)
        }
        if geteuid() == 0, fchown(descriptor, account.user, account.group) != 0 { throw refuse() }
        guard rename("\(path).new", path) == 0 else { throw refuse() }
    }

    /// Removes what an interrupted making left.
    func remove(_ path: String) throws(ClusterError) {
        guard access(path, F_OK) == 0 else { return }
        let outcome: Child.Outcome
        do { outcome = try Child.run("rm", ["-rf", "--one-file-system", "--", path]) } catch {
            throw ClusterError(.failed, error.description)
        }
        guard outcome.status.success else {
            throw ClusterError(.directory, "what an earlier attempt left cannot be removed: \(outcome.complaint)")
        }
    }
}

/// A lock between processes, by a file; the system takes it back from a process that dies.
struct Lock {
    private let descriptor: Int32

    init(_ path: String) throws(ClusterError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == ENOSPC { throw ClusterError(.diskFull, "\(path) cannot be made: the disk is full") }
            throw ClusterError(.directory, "\(path) cannot be made: \(systemMessage(errno))")
        }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let reason = errno
                close(descriptor)
                throw ClusterError(.directory, "\(path) cannot be locked: \(systemMessage(reason))")
            }
        }
    }

    func release() { close(descriptor) }
}
