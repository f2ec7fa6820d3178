internal import Lyceum

/// Lets pages of other origins use a region's API, as its file names them (Fetch, section 3.3, "CORS protocol").
///
/// The API looks at tokens and never at cookies, so no credentials are allowed, and a page can only do what the token it was
/// given may. An origin that is not named gets the same answers without the header fields, which its browser then keeps from it.
struct CrossOrigin: Sendable {
    private let origins: [String]

    /// Nil where no origin is named.
    init?(_ origins: [String]) {
        guard !origins.isEmpty else { return nil }
        self.origins = origins
    }

    /// Header fields that a page may send, besides those that every page may.
    private static let sent = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Traceparent"
    /// Header fields of an answer that a page may see, besides those that every page may.
    private static let shown = """
        ETag, Location, Allow, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed, WWW-Authenticate, X-Request-Id
        """
    /// How long a browser keeps what it was told, in seconds; none keeps it for longer.
    private static let seconds = 7_200

    /// Adds what a browser wants to know, to whatever the answer is.
    ///
    /// - Parameter allow: the methods of the address, where it was asked for them: then it may be a question beforehand
    ///   (preflight).
    func describe(_ request: Request, allow: String?, to response: Response) {
        let isOpen = origins == ["*"]
        let isQuestion = allow != nil && request.header("Access-Control-Request-Method") != nil
        // A cache must not give one origin what another was told, not even that it was told nothing.
        if isQuestion {
            response.add(
                header: "Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
        } else if !isOpen {
            response.add(header: "Vary", "Origin")
        }
        if let id = request.parameters.requestID { response.add(header: "X-Request-Id", String(cString: id)) }
        guard let origin = request.parameters.origin.map({ String(cString: $0) }), isOpen || origins.contains(origin)
        else { return }
        response.add(header: "Access-Control-Allow-Origin", isOpen ? "*" : origin)
        if isQuestion, let allow {
            response.add(header: "Access-Control-Allow-Methods", allow)
            response.add(header: "Access-Control-Allow-Headers", CrossOrigin.sent)
            response.add(header: "Access-Control-Max-Age", "\(CrossOrigin.seconds)")
        } else {
            response.add(header: "Access-Control-Expose-Headers", CrossOrigin.shown)
        }
    }
}
