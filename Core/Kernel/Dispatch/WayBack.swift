internal import Lyceum

/// The scheme, host and port that nginx was asked for: what browsers call the origin of our pages (RFC 6454, section 4).
enum OwnOrigin {
    static func of(_ request: Request) -> String {
        let host = request.parameters.host.map { String(cString: $0) } ?? ""
        return (request.isSecure ? "https://" : "http://") + host
    }

    /// The path and query of an address below an origin; nil for an address elsewhere.
    static func path(of address: String, _ origin: String) -> String? {
        guard address.hasPrefix(origin) else { return nil }
        let rest = address.dropFirst(origin.count).prefix { $0 != "#" }
        return rest.isEmpty ? "/" : rest.first == "/" ? String(rest) : nil
    }
}

/// Where a visitor goes on after signing in: always a path of this region, with its query.
enum WayBack {
    /// What the sign-in page accepts; a longer way back is forgotten.
    private static let longest = 2_000

    /// The page that was asked for; where a form was sent, the page it stood on, which the browser names in `Referer`.
    static func target(_ request: Request) -> String? {
        if request.method == .get || request.isMethod("HEAD") {
            let query = String(decoding: request.query, as: UTF8.self)
            return request.rawPath + (query.isEmpty ? "" : "?" + query)
        }
        return request.header("Referer").flatMap { OwnOrigin.path(of: $0, OwnOrigin.of(request)) }
    }

    /// The address of the sign-in page with the way back in `return`.
    static func link(to signIn: String, back target: String?) -> String {
        guard let target, target != "/", target.utf8.count <= longest else { return signIn }
        return signIn + "?return=" + FormEncoding.encode(target)
    }
}
