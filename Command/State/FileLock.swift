internal import Foundation

/// A lock between processes, by a file; the system takes it back from a process that dies.
final class FileLock {
    private let descriptor: Int32

    /// Opens the file of a lock; nothing is locked yet.
    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                "\(path) cannot be made: \(errno == ENOSPC ? "the disk is full" : String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Locks it for this process alone; false when somebody else has it.
    func tryExclusive() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Locks it for this process alone, as soon as nobody else has it.
    func exclusive() { while flock(descriptor, LOCK_EX) != 0, errno == EINTR {} }

    /// Locks it beside others who share it.
    func shared() { while flock(descriptor, LOCK_SH) != 0, errno == EINTR {} }

    /// Lets go.
    func release() { _ = flock(descriptor, LOCK_UN) }
}
