/// A method of HTTP that routes may have (RFC 9110, section 9; PATCH is RFC 5789).
///
/// `HEAD` is answered by the kernel from the routes there are, and so is `OPTIONS` where no route says more.
public enum Method: String, Sendable, CaseIterable {
    /// Reads; changes nothing.
    case get = "GET"
    /// Adds something, or does something.
    case post = "POST"
    /// Replaces something.
    case put = "PUT"
    /// Changes a part of something.
    case patch = "PATCH"
    /// Removes something.
    case delete = "DELETE"
    /// Says what else can be done there; needed only where a protocol wants more than `Allow`.
    case options = "OPTIONS"

    /// Whether it only looks (RFC 9110, section 9.2.1).
    package var isSafe: Bool { self == .get || self == .options }

    /// The position of the method in tables of endpoints.
    package var index: Int {
        switch self {
        case .get: 0
        case .post: 1
        case .put: 2
        case .patch: 3
        case .delete: 4
        case .options: 5
        }
    }
}
