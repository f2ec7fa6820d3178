public import PostgreSQL

/// The versions of a row that a change is meant for: the header `If-Match`, which a route that takes this part requires
/// (RFC 9110, section 13.1.1; RFC 6585, section 3).
///
///     @Sendable static func change(
///         _ context: borrowing Context, _ course: Course.ID, _ match: IfMatch, _ change: Body<CourseChange>
///     ) async throws -> CourseView {
///         try await context.database.transaction { transaction in
///             let old = try await transaction.value(
///                 EditedCourse.self, matching: match, "select title, version from courses.course where id = \(course) for update")
///             try await transaction.run(
///                 "update courses.course set title = \(change.value.title.applied(to: old.title)), version = version + 1 …")
///
/// Without the header the answer is 428, `precondition_required`; when the row has another version by now, 412,
/// `precondition_failed`; when it cannot be read, 400, `if_match_malformed`. `*` is every version, a list any of those in it;
/// a weak tag (`W/"7"`) is none of them.
///
/// A page's form has the version in a hidden field instead, ``init(version:)``, and catches ``StaleVersion``.
public struct IfMatch: RequestPart {
    /// Nil is every version.
    private let versions: [Int64]?

    /// The version that a page's form was filled with.
    public init(version: Int64) { versions = [version] }

    private init(_ tags: EntityTags) {
        switch tags {
        case .any: versions = nil
        case .list(let list): versions = list.compactMap { $0.isWeak ? nil : IfMatch.version($0.opaque) }
        }
    }

    /// The version in a tag of ours, `7.1f0c…` or just `7`.
    private static func version(_ opaque: String) -> Int64? {
        let digits = opaque.prefix { $0 != "." }
        guard let version = Int64(digits), "\(version)" == digits else { return nil }
        return version
    }

    /// Whether a row that has this version is meant.
    public func admits(_ version: Int64) -> Bool { versions?.contains(version) ?? true }

    /// Refuses a change that is meant for another version.
    ///
    /// The row must be locked by then: ``Transaction/value(_:matching:_:)`` sees to that.
    ///
    /// - Throws: ``StaleVersion``.
    public func check(_ version: Int64) throws {
        guard admits(version) else { throw StaleVersion(current: version) }
    }

    /// Nothing to prepare.
    public static func describe(_ book: Book) {}

    /// The header.
    public static var source: RequestSource { .ifMatch }

    /// Text.
    public static func schema(_ book: Book) -> Schema { .string(nil, length: nil) }

    /// Takes the header.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> IfMatch {
        guard let header = request.header("If-Match") else { throw Problem.preconditionRequired }
        guard let tags = EntityTags(header) else { throw Problem.malformedIfMatch }
        return IfMatch(tags)
    }
}

/// What whoever changes a row is told when somebody else was quicker: 412, `precondition_failed`.
public struct StaleVersion: PublicError {
    /// The version that the row has by now.
    public let current: Int64

    /// Says which version there is.
    public init(current: Int64) { self.current = current }

    /// 412.
    public var problem: Problem {
        Problem(
            status: 412, code: "precondition_failed", title: "Somebody else has changed this meanwhile.",
            detail: "It has version \(current) by now. Get it again, and make the change to what it is then."
        ).with(["version": "\(current)"])
    }
}

extension Transaction {
    /// Reads the row that is about to be changed, locks it, and refuses the change where it is meant for another version.
    ///
    /// Whoever wants to change the row at the same time waits until this transaction is over, and then finds the new version:
    /// of two that name the same version one is done and the other refused. The statement must end in `for update`.
    ///
    /// - Throws: ``Problem/notFound`` when there is no such row, ``StaleVersion``, and an error that says so where the row is
    ///   not locked.
    public func value<V: Versioned>(
        _ type: V.Type, matching match: IfMatch, _ statement: Statement
    ) async throws -> V {
        guard statement.text.lowercased().contains("for update") else {
            throw MisuseError("\(V.self) is compared with If-Match without a lock: end the statement with `for update`")
        }
        let value = try await value(type, statement)
        try match.check(value.version)
        return value
    }
}

extension Problem {
    /// 428: a change that does not say which version it is meant for.
    package static let preconditionRequired = Problem(
        status: 428, code: "precondition_required", title: "This must say which version it changes.",
        detail: "Send the ETag of what you have seen in the header If-Match.")
    /// 400: an `If-Match` that is none.
    package static let malformedIfMatch = Problem(
        status: 400, code: "if_match_malformed", title: "This If-Match cannot be read.",
        detail: "Send * or tags in quotes, separated by commas, such as \"7\".")
}
