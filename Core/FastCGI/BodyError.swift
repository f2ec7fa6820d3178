/// Why a request's body cannot be had.
public enum BodyError: Error, Equatable, CustomStringConvertible {
    /// It is longer than the limit, in bytes. Nothing was allocated for it when its length was announced.
    case tooLarge(limit: Int)
    /// The peer broke off or sent less than it had announced; bytes received.
    case incomplete(received: Int)
    /// CONTENT_LENGTH is not a whole number of bytes.
    case badLength

    /// The sentence for the client.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "The body may have at most \(limit) bytes."
        case .incomplete(let received): "The body broke off after \(received) bytes."
        case .badLength: "Content-Length must be a whole number of bytes."
        }
    }
}
