internal import Lyceum

/// Refuses forms that another site made a visitor's browser send (cross-site request forgery).
///
/// Whatever the browser says of where the form stood must be ours: `Origin`, or where that is missing `Sec-Fetch-Site`
/// (Fetch Metadata) and `Referer`. A signed-in person's form must also carry the token of the session it was shown in.
enum FormGuard {
    static func check(_ request: Request, _ principal: Principal?) throws {
        let own = OwnOrigin.of(request)
        if let origin = request.parameters.origin.map({ String(cString: $0) }) {
            guard origin == own else { throw Problem.foreignForm }
        } else {
            // `none` is the visitor's own doing, such as sending a form again. Another region is `same-site`.
            if let site = request.header("Sec-Fetch-Site"), site != "same-origin", site != "none" {
                throw Problem.foreignForm
            }
            if let referer = request.header("Referer"), OwnOrigin.path(of: referer, own) == nil {
                throw Problem.foreignForm
            }
        }
        guard let token = principal?.formToken else { return }
        let sent =
            try FileForm(request).map { $0[InputReader.formTokenName] }
            ?? InputReader.pairs(request.body).first { $0.name == InputReader.formTokenName }?.value
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
