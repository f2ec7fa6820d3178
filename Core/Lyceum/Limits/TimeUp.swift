/// Something took longer than a limit allows.
///
/// Whoever answers a request makes ``Problem/timeUp(_:)`` of it.
package struct TimeUp: Error, Sendable, CustomStringConvertible {
    /// What allows it so much time: `limits.requestMilliseconds`, or the hook point that says so itself.
    package let limit: String
    /// How much that is.
    package let milliseconds: Int
    /// What took longer: `the request`, `the guard of shop on courses.publishing`.
    package let what: String
    /// Whether it was a hook, and not the whole.
    package let isHook: Bool

    package init(limit: String, milliseconds: Int, what: String, isHook: Bool = false) {
        (self.limit, self.milliseconds, self.what, self.isHook) = (limit, milliseconds, what, isHook)
    }

    /// `the request took longer than the 30000 ms of limits.requestMilliseconds`.
    package var description: String { "\(what) took longer than the \(milliseconds) ms of \(limit)" }
}
