internal import Lyceum

/// An error and its causes, the outermost first, as they are kept with a dead letter or a failed run.
struct FailureStack {
    /// At most so many: a chain that is longer is cut at its end.
    static let depth = 10

    let causes: [FailureCause]

    init(_ error: any Error, _ trail: ErrorTrail = ErrorTrail()) {
        var causes: [FailureCause] = []
        var next: (any Error)? = error
        while let error = next, causes.count < FailureStack.depth {
            // The innermost place was noted first, and stands closest to its error.
            causes += trail.places(of: error).reversed().map { place in
                FailureCause("\(place) failed", kind: String(place.prefix { $0 != " " }))
            }
            causes.append(FailureCause(error))
            next = FailureStack.cause(of: error)
        }
        self.causes = Array(causes.prefix(FailureStack.depth))
    }

    private init(_ causes: [FailureCause]) { self.causes = causes }

    private static func cause(of error: any Error) -> (any Error)? {
        switch error {
        case let error as any CausedError: error.cause
        case DecodingError.dataCorrupted(let context): context.underlyingError
        case EncodingError.invalidValue(_, let context): context.underlyingError
        default: nil
        }
    }

    /// What failed, in one sentence: that of the error itself.
    static func sentence(_ error: any Error) -> String { FailureCause.bounded(FailureCause.words(error), 1_000) }

    /// The causes as JSON.
    ///
    /// One that cannot be written is no reason to lose the failure itself.
    var text: String? { try? EventCoding.text(List(causes: causes)) }

    /// Reads what ``text`` wrote; nothing where there is nothing, or something of another release.
    static func read(_ text: String?) -> [FailureCause] {
        guard let text, let schema = try? Book().object(List.self),
            let list = try? EventCoding.value(List.self, text, schema)
        else { return [] }
        return list.causes
    }

    private struct List: Codable { var causes: [FailureCause] }
}
