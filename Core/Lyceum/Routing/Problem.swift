/// An error that a client may see, as RFC 9457 (problem details for HTTP APIs) writes it.
///
/// `code` is stable and for programs; `title` and `detail` are sentences for people. The API always says them as they are.
/// A page says them in its reader's language, where the catalogue has them: for `courses.not_free` as
/// `courses.problem.not_free` and `courses.problem.not_free.detail`, with ``arguments`` for the placeholders.
public struct Problem: Error, Sendable {
    /// The status code of the answer.
    public var status: Int
    /// What went wrong, for programs: `plugin.what`, or one of the kernel's words.
    public var code: String
    /// What went wrong, for people; the same for every occurrence.
    public var title: String
    /// What went wrong this time, and what can be done about it.
    public var detail: String?
    /// What is wrong with the input, field by field.
    public var faults: [Fault]
    /// What stands for placeholders in the words of a page, by name.
    public var arguments: [String: String] = [:]
    /// Which of several details of one code this is, at the end of its key in the catalogue.
    package var detailKey = "detail"
    /// Header fields that go with the status, such as `Allow`.
    package var headers: [(name: StaticString, value: String)] = []

    /// Describes a problem.
    public init(status: Int, code: String, title: String, detail: String? = nil, faults: [Fault] = []) {
        (self.status, self.code, self.title, self.detail, self.faults) = (status, code, title, detail, faults)
    }

    /// 401: nobody is signed in.
    public static let unauthenticated = Problem(
        status: 401, code: "unauthenticated", title: "You are not signed in.",
        detail: "Sign in, or send a valid token in the Authorization header.")
    /// 403: somebody is signed in who may not do this.
    public static let forbidden = Problem(status: 403, code: "forbidden", title: "You may not do this.")
    /// 403: a token that may not be used for this, whatever its owner may do (RFC 6750, section 3.1).
    package static func outOfScope(_ scope: String) -> Problem {
        var problem = Problem(
            status: 403, code: "insufficient_scope", title: "This access key may not be used for this.",
            detail: "It lacks the scope \(scope)."
        ).with(["scope": scope])
        problem.headers = [("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"\(scope)\"")]
        return problem
    }
    /// 404: there is nothing here, or nothing that the asker may know of.
    public static let notFound = Problem(status: 404, code: "not_found", title: "There is nothing here.")
    /// 403: a form that did not come from a page of this session.
    package static let foreignForm = Problem(
        status: 403, code: "foreign_form", title: "This form is no longer valid.",
        detail: "Reload the page it was on and send it again.")
    /// 422: an `Idempotency-Key` that was sent with something else before.
    package static let reusedKey = Problem(
        status: 422, code: "idempotency_key_reused", title: "This Idempotency-Key stands for another request.",
        detail: "Send the same request with it, or this one with a new key.")
    /// 400: an `Idempotency-Key` that is none.
    package static let malformedKey = Problem(
        status: 400, code: "idempotency_key_malformed", title: "This Idempotency-Key cannot be read.",
        detail: "Send 1 to 255 printable ASCII characters without spaces, such as a UUID.")
    /// 503: the database does not answer.
    package static let databaseAway = Problem(
        status: 503, code: "database_unavailable", title: "The database does not answer right now.",
        detail: "Nothing was changed. Try again in a moment.")
    /// 503: the database does not answer, or stopped to while something was written.
    package static let databaseLost = Problem(
        status: 503, code: "database_unavailable", title: "The database does not answer right now.",
        detail: "What you sent may have had its effect or not. Look in a moment, before you send it again."
    ).detailed("detail.lost")
    /// 503: all connections to the database are in use.
    package static let busy = Problem(
        status: 503, code: "busy", title: "Too much is going on right now.",
        detail: "Nothing was changed. Try again in a moment.")
    /// 503: the region has all the threads of a process that it may have.
    package static func regionBusy(threads: Int) -> Problem {
        Problem(
            status: 503, code: "region_busy", title: "Too much is going on here right now.",
            detail: "Nothing was changed. Try again in a moment."
        ).with(["limit": "\(threads)"])
    }
    /// 503: a request, or a hook in it, took longer than it may.
    package static func timeUp(_ up: TimeUp) -> Problem {
        Problem(
            status: 503, code: up.isHook ? "hook_timeout" : "request_timeout", title: "This took too long.",
            detail: "It was stopped after \(up.milliseconds) ms (\(up.limit)). Look in a moment, before you try again."
        ).with(["limit": up.limit, "milliseconds": "\(up.milliseconds)"])
    }
    /// 503: a statement took longer than it may.
    package static func statementTimeout(milliseconds: Int) -> Problem {
        Problem(
            status: 503, code: "statement_timeout", title: "This took too long.",
            detail:
                "It was stopped after \(milliseconds) ms (limits.statementMilliseconds). Look in a moment, before you try again."
        ).with(["limit": "limits.statementMilliseconds", "milliseconds": "\(milliseconds)"])
    }
    /// 500: an answer that is larger than it may be.
    package static func responseTooLarge(limit: Int) -> Problem {
        Problem(
            status: 500, code: "response_too_large", title: "The answer is too large.",
            detail: "It would have more than \(limit) bytes (limits.responseBytes). Ask for less at a time."
        ).with(["limit": "\(limit)"])
    }
    /// 500: a request that ended the process which answered it, and came again.
    package static let fatal = Problem(
        status: 500, code: "process_ended", title: "Something went wrong on our side.",
        detail: "It has been logged under this request's id, and is not tried again.")
    /// 500: a fault of ours.
    ///
    /// What it was is in the log, not in the answer.
    package static let internalError = Problem(
        status: 500, code: "internal", title: "Something went wrong on our side.",
        detail: "It has been logged under this request's id.")

    /// 413: a body over the limit.
    package static func tooLarge(limit: Int) -> Problem {
        Problem(
            status: 413, code: "body_too_large", title: "The body is too large.",
            detail: "At most \(limit) bytes are accepted here."
        ).with(["limit": "\(limit)"])
    }
    /// 415: a body of another media type than the route reads.
    package static func unsupportedMediaType(accepted: String) -> Problem {
        Problem(
            status: 415, code: "unsupported_media_type", title: "The body is of a media type that is not read here.",
            detail: "Send \(accepted), and say so in Content-Type."
        ).with(["accepted": accepted])
    }
    /// 400: a body that breaks off, or whose length is no number.
    package static let incomplete = Problem(
        status: 400, code: "incomplete", title: "The body is not as long as its length says.")
    /// 405: a path that exists, with a method it does not have.
    package static func methodNotAllowed(allow: String) -> Problem {
        var problem = Problem(
            status: 405, code: "method_not_allowed", title: "This address does not answer to that method.",
            detail: "It answers to \(allow)."
        ).with(["allow": allow])
        problem.headers = [("Allow", allow)]
        return problem
    }
    /// 400 or 422: an input with faults.
    package static func invalid(_ faults: Faults) -> Problem {
        let unreadable = faults.list.contains { $0.code == "syntax" }
        return Problem(
            status: unreadable ? 400 : 422, code: unreadable ? "malformed" : "invalid",
            title: unreadable ? "The request could not be read." : "Some of what was sent is not right.",
            faults: faults.list)
    }
}

extension Problem {
    /// The same with values for the placeholders of its words on pages.
    public func with(_ arguments: [String: String]) -> Problem {
        var problem = self
        problem.arguments = arguments
        return problem
    }

    /// The same with a header field that goes with it.
    public func with(header name: StaticString, _ value: String) -> Problem {
        var problem = self
        problem.headers.append((name, value))
        return problem
    }

    private func detailed(_ key: String) -> Problem {
        var problem = self
        problem.detailKey = key
        return problem
    }

    /// Where the catalogue has its title: `lyceum.problem.not_found`, `courses.problem.not_free`.
    package var titleKey: String {
        guard let dot = code.firstIndex(of: ".") else { return "lyceum.problem." + code }
        return code[..<dot] + ".problem" + code[dot...]
    }
}

/// An error of a plugin's own that knows what a client may see of it.
///
///     enum CoursesError: PublicError {
///         case notPublished
///         var problem: Problem {
///             switch self {
///             case .notPublished: Problem(status: 409, code: "courses.not_published", title: "This course is not published.")
///             }
///         }
///     }
public protocol PublicError: Error {
    /// What a client sees.
    var problem: Problem { get }
}
