/// A method of HTTP that routes may have (RFC 9110, section 9; PATCH is RFC 5789).
///
/// `HEAD` and `OPTIONS` are answered by the kernel from the routes there are.
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

    /// The position of the method in tables of endpoints.
    package var index: Int {
        switch self {
        case .get: 0
        case .post: 1
        case .put: 2
        case .patch: 3
        case .delete: 4
        }
    }
}
