internal import CPostgreSQL
internal import Glibc
internal import Synchronization

/// Cancels whatever statement a connection is running, from any thread.
///
/// A cancellation that arrives between two statements does nothing; one that arrives late may hit the next statement.
public final class Canceller: @unchecked Sendable {
    // Sendable because a PGcancel is never written after it was made, and PQcancel is documented to be safe from any thread.
    private let handle: OpaquePointer?
    private let asked = Atomic<Bool>(false)
    /// A second number of the connection's socket: libpq closes its own when the connection is lost, and another thread may
    /// have that number then.
    private let socket: Int32

    init(_ connection: OpaquePointer) {
        handle = PQgetCancel(connection)
        socket = fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 3)
    }

    deinit {
        PQfreeCancel(handle)
        if socket >= 0 { close(socket) }
    }

    /// Asks the server to cancel, over a connection of its own.
    ///
    /// - Returns: Whether the server took the request; not whether there was anything to cancel.
    @discardableResult
    public func cancel() -> Bool {
        asked.store(true, ordering: .sequentiallyConsistent)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
            PQcancel(handle, message.baseAddress, 256) == 1
        }
    }

    /// Cuts the connection, from any thread: whoever waits for an answer is told that the connection is lost.
    ///
    /// For a server that does not even answer a cancellation.
    public func cut() { if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) } }

    /// Whether it was asked since this was last called.
    func takeAsked() -> Bool { asked.exchange(false, ordering: .sequentiallyConsistent) }
}
