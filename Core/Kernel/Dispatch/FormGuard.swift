internal import Lyceum

/// Refuses forms that another site made a visitor's browser send (cross-site request forgery).
///
/// The browser's `Origin` must be ours, and a signed-in person's form must carry the token of the session it was shown in.
enum FormGuard {
    static func check(_ request: Request, _ principal: Principal?) throws {
        if let origin = request.parameters.origin.map({ String(cString: $0) }) {
            let host = request.parameters.host.map { String(cString: $0) } ?? ""
            guard origin == (request.isSecure ? "https://" : "http://") + host else { throw Problem.foreignForm }
        }
        guard let token = principal?.formToken else { return }
        let sent = try InputReader.pairs(request.body).first { $0.name == InputReader.formTokenName }?.value
        guard let sent, Secrets.equal(sent, token) else { throw Problem.foreignForm }
    }
}

/// The cookie that holds a session's token.
enum SessionCookie {
    /// Under HTTPS the `__Host-` prefix binds the cookie to this host and to HTTPS (RFC 6265bis, section 4.1.3.2).
    static func name(secure: Bool) -> String { secure ? "__Host-lyceum" : "lyceum" }

    static func begin(_ token: String, seconds: Int?, secure: Bool) -> String {
        let age = seconds.map { "; Max-Age=\($0)" } ?? ""
        return "\(name(secure: secure))=\(token); Path=/; HttpOnly; SameSite=Lax\(secure ? "; Secure" : "")\(age)"
    }

    static func end(secure: Bool) -> String {
        "\(name(secure: secure))=; Path=/; HttpOnly; SameSite=Lax\(secure ? "; Secure" : ""); Max-Age=0"
    }
}
