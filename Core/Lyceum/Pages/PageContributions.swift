/// An entry of the navigation that every page shows, or of the region's administration.
public struct Navigation: Contribution {
    package let title: TemplateValue
    package let path: String
    package let order: Int
    package let access: Access
    /// What is done there, for the home of the administration; nil for an entry of the navigation of every page.
    package let about: TemplateValue?

    /// Adds an entry: its words, the path it leads to, its place (small numbers come first) and who sees it.
    public init(_ title: TemplateValue, path: String, order: Int, _ access: Access = .public) {
        (self.title, self.path, self.order, self.access) = (title, path, order, access)
        about = nil
    }

    /// Adds an entry to the region's administration, `/admin`, where those who may use it find it.
    ///
    /// - Parameters:
    ///   - title: its words.
    ///   - about: a sentence that says what is done there.
    ///   - path: the page it leads to.
    ///   - order: its place; small numbers come first, and the kernel's own begin at 500.
    ///   - permission: who sees it, and may use the page.
    public static func administration(
        _ title: TemplateValue, about: TemplateValue, path: String, order: Int, _ permission: Permission
    ) -> Navigation { Navigation(title, about, path, order, .permission(permission)) }

    private init(_ title: TemplateValue, _ about: TemplateValue, _ path: String, _ order: Int, _ access: Access) {
        (self.title, self.path, self.order, self.access) = (title, path, order, access)
        self.about = about
    }

    /// `navigation /courses`, `administration /admin/jobs`.
    public var summary: String { (about == nil ? "navigation " : "administration ") + path }
}

/// A template of a plugin's pages, in Mustache's language.
public struct Template: Contribution {
    package let name: String
    package let file: String
    package let text: String
    /// A value of the kind that it prints; nil for one that only others print.
    package let sample: (@Sendable () throws -> TemplateValue)?

    /// Adds a template that others print or build on: its name, which begins with the plugin's id, the file it stands in, for
    /// messages, and its text.
    public init(_ name: String, file: String, _ bytes: [UInt8]) {
        (self.name, self.file, text) = (name, file, String(decoding: bytes, as: UTF8.self))
        sample = nil
    }

    /// Adds the template of a page, with the type of the values that it prints.
    ///
    ///     Template("courses.mine", file: "mine.mustache", PackageResources.mine_mustache, of: LearnerView.self)
    ///
    /// Of the type a sample is made, with which a region's own version of the template is checked before it serves.
    public init<View: Codable & Sendable>(_ name: String, file: String, _ bytes: [UInt8], of type: View.Type) {
        (self.name, self.file, text) = (name, file, String(decoding: bytes, as: UTF8.self))
        sample = { try TemplateSample.value(of: View.self, form: nil) }
    }

    /// The same for a view that has ``FormFields``, which are those of an input.
    public init<View: Codable & Sendable, Form: Input>(
        _ name: String, file: String, _ bytes: [UInt8], of type: View.Type, form: Form.Type
    ) {
        (self.name, self.file, text) = (name, file, String(decoding: bytes, as: UTF8.self))
        sample = { try TemplateSample.value(of: View.self, form: FormFields(sample: Form.self)) }
    }

    /// `template courses.catalogue`.
    public var summary: String { "template \(name)" }
}

/// The words of a plugin's pages in one language.
public struct Translations: Contribution {
    package let locale: String
    package let words: [String: String]

    /// Adds words: a BCP 47 language and texts by key.
    ///
    /// Keys begin with the plugin's id; a plural has one entry per
    /// category, such as `courses.learners.one` and `courses.learners.other`, with `{count}` where the number goes.
    public init(_ locale: String, _ words: [String: String]) { (self.locale, self.words) = (locale, words) }

    /// `translations de (12)`.
    public var summary: String { "translations \(locale) (\(words.count))" }
}

/// The page where people sign in; guests are sent there, with the way back in `?return=`.
public struct SignInPage: Contribution {
    package let path: String
    package let signOut: String?
    package let account: String?

    /// Names the page's path and, for what every page shows of who is signed in, the path whose POST ends a session, and the
    /// page where they see to their account.
    public init(_ path: String, signOut: String? = nil, account: String? = nil) {
        (self.path, self.signOut, self.account) = (path, signOut, account)
    }

    /// `sign-in page /accounts/sign-in`.
    public var summary: String { "sign-in page \(path)" }
}

/// Example data for trying the platform out: `lyceum demo`.
public struct Demo: Contribution {
    package let fill: @Sendable (borrowing Transaction) async throws -> Void

    /// Adds example data.
    ///
    /// It may run again on a database that has it already, and must then change nothing.
    public init(_ fill: @escaping @Sendable (borrowing Transaction) async throws -> Void) { self.fill = fill }

    /// `demo data`.
    public var summary: String { "demo data" }
}
