internal import Glibc

/// The socket that the web processes share: made here, or handed to this process.
public final class ListeningSocket: Sendable {
    /// Where the socket comes from.
    public enum Source: Sendable, Equatable {
        /// One that was handed over, if there is one, else one made at this path.
        ///
        /// Handed over means: by systemd (`LISTEN_FDS`, meant for this process by `LISTEN_PID`), or as descriptor 0, as
        /// spawn-fcgi does. Owner and group of the path may connect (mode 0660); `group` is its group's number, when it
        /// is not to be the process's own.
        case inheritedOr(path: String, group: UInt32? = nil)
        /// One made at this path, whatever was handed over.
        case path(String, group: UInt32? = nil)
        /// A descriptor that listens already.
        case descriptor(Int32)
    }

    /// The listening descriptor; it does not block, and children do not inherit it.
    public let descriptor: Int32
    private let made: Made?

    /// A path that was made here, and what was made.
    private struct Made {
        let path: String
        let device: dev_t
        let inode: ino_t
    }

    /// Makes or adopts the socket.
    ///
    /// A file that lies at the path is removed only if it is a socket at which nobody answers.
    ///
    /// - Throws: `SupervisorError` which names the path or descriptor.
    public init(_ source: Source) throws(SupervisorError) {
        switch source {
        case .inheritedOr(let path, let group):
            if let inherited = try Self.inherited() {
                descriptor = inherited
                made = nil
            } else {
                (descriptor, made) = try Self.make(path, group)
            }
        case .path(let path, let group):
            (descriptor, made) = try Self.make(path, group)
        case .descriptor(let number):
            guard Self.isListening(number) else {
                throw SupervisorError("descriptor \(number) is not a listening socket")
            }
            descriptor = number
            made = nil
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// Whether it was handed over: then whoever did so may hand it to the next supervisor too.
    var isInherited: Bool { made == nil }

    /// Refuses connections from now on, in every process that shares the socket; those that have arrived stay.
    ///
    /// Not on one that was handed over: that is for good, and systemd would have nothing left to listen on after a
    /// restart. What arrives there waits for the next supervisor.
    func shut() { if !isInherited { shutdown(descriptor, Int32(SHUT_RD)) } }

    /// Removes the path, if it was made here and nobody has put another one there.
    func remove() {
        guard let made else { return }
        var now = stat()
        if lstat(made.path, &now) == 0, now.st_dev == made.device, now.st_ino == made.inode { unlink(made.path) }
    }

    // MARK: - Adopted

    private static func inherited() throws(SupervisorError) -> Int32? {
        if let meant = getenv("LISTEN_PID"), atol(meant) == Int(getpid()), let count = getenv("LISTEN_FDS") {
            guard atol(count) == 1 else {
                throw SupervisorError("LISTEN_FDS is \(String(cString: count)); one listening socket is accepted")
            }
            guard isListening(3) else { throw SupervisorError("descriptor 3 (LISTEN_FDS) is not a listening socket") }
            return 3
        }
        return isListening(0) ? 0 : nil
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var listening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0
    }

    // MARK: - Made

    private static func make(_ path: String, _ group: UInt32?) throws(SupervisorError) -> (Int32, Made) {
        guard (1...107).contains(path.utf8.count) else {
            throw SupervisorError("the socket's path may have 1 to 107 bytes; \(path) has \(path.utf8.count)")
        }
        // Two supervisors that find the same stale socket must not both replace it.
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else {
            throw SupervisorError("the socket's directory \(directory) cannot be opened: \(reason())")
        }
        defer { close(lock) }
        flock(lock, LOCK_EX)
        try removeStale(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SupervisorError("no socket can be made: \(reason())") }
        var file = stat()
        // Nobody can connect before `listen`, so the mode is right in time.
        if withAddress(path, { bind(descriptor, $0, $1) }) == 0, group.map({ chown(path, .max, $0) }) ?? 0 == 0,
            chmod(path, 0o660) == 0, lstat(path, &file) == 0, listen(descriptor, 4096) == 0
        {
            return (descriptor, Made(path: path, device: file.st_dev, inode: file.st_ino))
        }
        let why = reason()
        close(descriptor)
        throw SupervisorError("cannot listen at \(path): \(why)")
    }

    private static func removeStale(_ path: String) throws(SupervisorError) {
        var file = stat()
        guard lstat(path, &file) == 0 else { return }
        guard file.st_mode & S_IFMT == S_IFSOCK else {
            throw SupervisorError("\(path) exists and is not a socket; remove it, or name another path")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw SupervisorError("no socket can be made: \(reason())") }
        defer { close(probe) }
        // A full queue must not block: somebody listens then.
        _ = fcntl(probe, F_SETFL, O_NONBLOCK)
        if withAddress(path, { connect(probe, $0, $1) }) == 0 || errno == EAGAIN || errno == EINPROGRESS {
            throw SupervisorError("another process answers at \(path); stop it, or name another path")
        }
        guard errno == ECONNREFUSED else {
            throw SupervisorError("whether anybody answers at \(path) cannot be found out: \(reason())")
        }
        guard unlink(path) == 0 else { throw SupervisorError("\(path) is stale and cannot be removed: \(reason())") }
    }

    private static func reason() -> String { systemMessage(errno) }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
