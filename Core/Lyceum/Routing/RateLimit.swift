/// How often somebody may use a route or a page: a quota that fills up again evenly over a time.
///
///     Route(
///         .post, "accounts/sessions", .public, about: "…", limited: [.perAddress("sign-in", 60, seconds: 300)],
///         routes.signIn)
///
/// A quota of 60 in 300 seconds lets 60 requests through at once, and one more each five seconds after that. Routes and pages of
/// a plugin that give a limit the same name share it, and must say the same of it. What is over is answered with 429,
/// `rate_limited`, and `Retry-After`; every answer says what is left in `RateLimit` and `RateLimit-Policy`
/// (draft-ietf-httpapi-ratelimit-headers-10). It is counted on each host for itself, by all its processes and generations
/// together, and forgotten when the host's supervisor ends.
///
/// A region may set other numbers, or lift a limit, by its name with the plugin's before it, `accounts.sign-in`.
public struct RateLimit: Sendable {
    package enum Subject: Sendable { case user, address }

    package let name: String
    package let quota: Int
    package let seconds: Int
    package let subject: Subject

    private init(_ name: String, _ quota: Int, _ seconds: Int, _ subject: Subject) {
        (self.name, self.quota, self.seconds, self.subject) = (name, quota, seconds, subject)
    }

    /// For each person who is signed in; for guests, for each address.
    ///
    /// - Parameters:
    ///   - name: small letters, digits and hyphens.
    ///   - quota: how many requests, from 1 to 1,000,000.
    ///   - seconds: in how many seconds, from 1 to 86,400.
    public static func perUser(_ name: String, _ quota: Int = 60, seconds: Int = 60) -> RateLimit {
        RateLimit(name, quota, seconds, .user)
    }

    /// For each address, as nginx sees it; of IPv6 for each network of 64 bits, which is what one customer is given.
    ///
    /// Behind one address of IPv4 there may be a whole school: be generous.
    public static func perAddress(_ name: String, _ quota: Int = 60, seconds: Int = 60) -> RateLimit {
        RateLimit(name, quota, seconds, .address)
    }
}

extension Problem {
    /// 429: somebody has used up what a limit lets through.
    package static func rateLimited(seconds: Int) -> Problem {
        var problem = Problem(
            status: 429, code: "rate_limited", title: "This was asked for too often.",
            detail: "Try again in \(seconds) s."
        ).with(["seconds": "\(seconds)"])
        problem.header = ("Retry-After", "\(seconds)")
        return problem
    }
}
