/// What errors passed through on their way: services and guards of other plugins.
///
/// Kept beside the error, not around it, so that whoever catches a plugin's own error still sees that error. What was caught
/// and forgotten is told from what ended the work by its words.
package struct ErrorTrail: Sendable {
    package struct Passage: Sendable {
        /// `service accounts.directory`, `guard of newsletter on courses.enrolling`.
        package let place: String
        /// The error, as it describes itself.
        package let error: String
    }

    /// The innermost first.
    package private(set) var passages: [Passage] = []

    package init() {}

    /// Notes where an error passed; only the last few matter.
    package mutating func note(_ error: any Error, through place: String) {
        if passages.count == 16 { passages.removeFirst() }
        passages.append(Passage(place: place, error: "\(error)"))
    }

    /// Where an error passed, the innermost first.
    package func places(of error: any Error) -> [String] {
        guard !passages.isEmpty else { return [] }
        let words = "\(error)"
        return passages.filter { $0.error == words }.map(\.place)
    }
}
