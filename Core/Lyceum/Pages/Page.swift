/// What a page's handler answers: a template with the values for it, or the way to another page.
public struct Page: Sendable {
    package enum Content: Sendable {
        case template(name: String, title: TemplateValue, view: any Encodable & Sendable)
        case redirect(String)
        case file(name: String, type: StaticString, text: String)
    }
    package enum Session: Sendable {
        case keep
        case begin(token: String, seconds: Int?)
        case end
    }
    package let content: Content
    /// Whether it is a page to look at.
    package var isShown: Bool { if case .template = content { true } else { false } }
    package var session = Session.keep
    package var status: Int

    /// A page made by a template: its name, the title in the browser's tab, and the values that the template names.
    public init(_ template: String, title: TemplateValue, _ view: some Encodable & Sendable, status: Int = 200) {
        content = .template(name: template, title: title, view: view)
        self.status = status
    }

    private init(redirect path: String) {
        content = .redirect(path)
        status = 303
    }

    /// Sends the browser to another page of this region (303, RFC 9110, section 15.4.4).
    ///
    /// A path that is not one of this region's own, such as `//elsewhere`, leads to the region's home: nobody can be sent
    /// elsewhere by a forged link.
    public static func redirect(to path: String) -> Page {
        let isOwn =
            path.utf8.first == UInt8(ascii: "/") && path.utf8.dropFirst().first != UInt8(ascii: "/")
            && !path.utf8.contains { $0 < 0x21 || $0 == 0x5C || $0 >= 0x7F }
        return Page(redirect: isOwn ? path : "/")
    }

    /// A file to keep instead of a page to look at: lines of JSON (NDJSON), for programs.
    ///
    /// - Parameters:
    ///   - name: what the browser calls the file; letters, digits, dots and hyphens.
    ///   - lines: the text of the file, whose lines are JSON.
    public static func download(_ name: String, _ lines: String) -> Page {
        Page(content: .file(name: plain(name), type: Response.lines, text: lines))
    }

    /// A file to keep instead of a page to look at: one JSON document.
    ///
    /// - Parameters:
    ///   - name: what the browser calls the file; letters, digits, dots and hyphens.
    ///   - json: the document.
    public static func download(_ name: String, json: String) -> Page {
        Page(content: .file(name: plain(name), type: Response.json, text: json))
    }

    private static func plain(_ name: String) -> String {
        name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) }
    }

    private init(content: Content) {
        self.content = content
        status = 200
    }

    /// Also begins a session: the browser keeps the token for so many seconds, or until it is closed.
    public func beginningSession(_ token: String, seconds: Int? = nil) -> Page {
        var page = self
        page.session = .begin(token: token, seconds: seconds)
        return page
    }

    /// Also ends the browser's session.
    public func endingSession() -> Page {
        var page = self
        page.session = .end
        return page
    }
}
