internal import CPostgreSQL
internal import Glibc

/// What `NOTIFY` said on a channel this session listens to.
public struct Notification: Sendable, Equatable {
    /// The channel.
    public let channel: String
    /// The text that came with it, often empty.
    public let payload: String
}

extension Connection {
    /// Waits for notifications on the channels this session listens to (`listen` is a statement like any other).
    ///
    /// - Returns: All that have arrived, at once when there are any; none when the time is over.
    public func notifications(atMost limit: Duration) throws(DatabaseError) -> [Notification] {
        try enter()
        defer { leave() }
        let deadline = ContinuousClock.now + limit
        while true {
            var found: [Notification] = []
            while let one = PQnotifies(handle) {
                defer { PQfreemem(one) }
                found.append(
                    Notification(
                        channel: String(cString: one.pointee.relname), payload: String(cString: one.pointee.extra)))
            }
            if !found.isEmpty { return found }
            let left = (deadline - .now).milliseconds
            if left < 0 { return [] }
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, Int32(clamping: left + 1))
            if ready == 0 { return [] }
            if ready < 0, errno != EINTR { throw DatabaseError(.connectionLost, "the connection cannot be waited for") }
            if ready > 0, PQconsumeInput(handle) != 1 { throw failure(nil, nil) }
        }
    }

    /// Whether something came from the server that nobody asked for, mostly its farewell; does not block.
    var hasUnexpectedInput: Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }
}
