/// An error that another one caused: it says what failed, and its cause says why.
///
/// What a listener or a job throws is kept with the event or the run, with the whole chain of causes, for an operator to read;
/// so is a service or a guard that it came through, which need not be wrapped for that.
public protocol CausedError: Error {
    /// What caused it; nil where it began here.
    var cause: (any Error)? { get }
}

/// A step that failed, in words of one's own, and what caused it.
///
///     do { try await Mailer.send(letter) } catch {
///         throw FailedStep("the reminder of course \(course) cannot be sent", cause: error)
///     }
public struct FailedStep: CausedError, CustomStringConvertible {
    /// What failed, in one sentence.
    public let description: String
    /// What caused it.
    public let cause: (any Error)?

    /// Says what failed, and why.
    public init(_ sentence: String, cause: any Error) { (description, self.cause) = (sentence, cause) }
}
