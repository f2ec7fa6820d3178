/// Why a server cannot start, as a sentence.
public struct ServerError: Error, Equatable, CustomStringConvertible {
    /// The sentence: what is wrong, and what would be accepted.
    public let description: String

    init(_ description: String) { self.description = description }
}
