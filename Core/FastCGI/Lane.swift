/// What one thread of a ``Server`` answers requests with.
///
/// A lane is made on its thread, used by that thread alone and never by two requests at once, so it may hold what is
/// not Sendable: buffers, a database connection. It is not Sendable itself.
///
/// `answer` writes the whole answer, CGI headers first (`Status: 200\r\nContent-Type: ...\r\n\r\n`). It must not fail:
/// it turns errors into answers. It may suspend; its thread waits with it. Nothing of the exchange may be used after
/// it returned.
public protocol Lane: AnyObject {
    /// Answers one request.
    func answer(_ exchange: borrowing Exchange) async
}
