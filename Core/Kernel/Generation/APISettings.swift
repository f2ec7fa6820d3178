public import Lyceum

/// What a region's file says of its API, under `api`.
public struct APISettings: Input {
    /// The origins whose pages may use the API, such as `https://app.example.org`; or `*` alone, for every page there is.
    @Field("The origins whose pages may use the API.") public var origins: [String] = []
    /// Other numbers for the rate limits that plugins declare.
    @Field("Other numbers for the rate limits that plugins declare.") public var limits: [Quota] = []

    /// Neither.
    public init() {}

    /// A rate limit's numbers.
    public struct Quota: Input {
        /// The limit's name with its plugin's, `accounts.sign-in`; or `*`, for all that are not named.
        @Field("The limit's name, such as accounts.sign-in, or * for all others.", .length(1...100)) public var name:
            String
        /// How many requests; 0 lifts the limit.
        @Field("How many requests; 0 lifts the limit.", .range(0...1_000_000)) public var requests: Int
        /// In how many seconds.
        @Field("In how many seconds.", .range(1...86_400)) public var seconds = 60

        /// Makes an entry to fill.
        public init() {}

        /// Makes an entry.
        public init(_ name: String, requests: Int, seconds: Int = 60) {
            (self.name, self.requests, self.seconds) = (name, requests, seconds)
        }
    }

    /// Whether each origin is one.
    public func check(_ faults: inout Faults) {
        for origin in origins where !APISettings.isOrigin(origin) {
            faults.add(
                $origins,
                """
                must be origins as browsers send them, such as https://app.example.org (http only for localhost; no path, no \
                capital letters, no port that goes without saying); "\(origin)" is none
                """)
        }
        if origins.contains("*"), origins.count > 1 {
            faults.add($origins, "must be either * alone, for every page there is, or the origins that are meant")
        }
        if Set(origins).count != origins.count { faults.add($origins, "must name each origin once") }
        if Set(limits.map(\.name)).count != limits.count { faults.add($limits, "must name each limit once") }
    }

    /// Whether a text is an origin in the one spelling in which browsers send it (RFC 6454, section 6.2).
    private static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else { return false }
        var host = text.dropFirst(isSecure ? 8 : 7)
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            let digits = host[host.index(after: colon)...]
            guard let port = UInt16(digits), "\(port)" == digits, port != (isSecure ? 443 : 80), port > 0 else {
                return false
            }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inside = host.dropFirst().dropLast()
            let isAddress =
                inside.contains(":")
                && inside.utf8.allSatisfy { (48...58).contains($0) || (97...102).contains($0) || $0 == 46 }
            return isAddress && (isSecure || inside == "::1")
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253,
            labels.allSatisfy({ label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
            })
        else { return false }
        return isSecure || host == "127.0.0.1" || labels.last == "localhost"
    }
}
