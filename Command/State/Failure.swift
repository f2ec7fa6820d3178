/// Why a command did not do what it was asked; the exit code is 1.
struct Failure: Error, CustomStringConvertible {
    /// One sentence, or one per line.
    let description: String

    init(_ description: String) { self.description = description }
}
