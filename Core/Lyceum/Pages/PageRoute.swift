/// An address that people visit, `/` and a path that begins with the plugin's id.
///
///     PageRoute(.get, "courses/{course}", .public, CoursePages.show)
///
/// The handler is written like a ``Route``'s, takes a ``Form`` where a form is sent, and answers a ``Page``. A guest who
/// meets a page that is not public is sent to sign in, and comes back.
public struct PageRoute: Contribution {
    /// The method: `get` or `post`, which are all that a browser's forms can send.
    public let method: Method
    /// The path, with placeholders in braces.
    public let path: String
    /// Who may use it.
    public let access: Access
    /// How often somebody may use it.
    package let limits: [RateLimit]
    package let prepare: @Sendable (Book) throws -> PreparedPage

    /// Declares a page.
    public init<each Part: RequestPart>(
        _ method: Method, _ path: String, _ access: Access, limited: [RateLimit] = [],
        _ handler: @escaping @Sendable (borrowing Context, repeat each Part) async throws -> Page
    ) {
        (self.method, self.path, self.access, limits) = (method, path, access, limited)
        prepare = { book in
            let plans = (repeat try (each Part).describe(book))
            var sources: [RequestSource] = []
            repeat sources.append((each Part).source)
            return PreparedPage(sources: sources) { context in
                var cursor = 0
                let arguments = (repeat try (each Part).take(context.request, &cursor, each plans))
                return try await handler(context, repeat each arguments)
            }
        }
    }

    /// `page GET /courses (public)`.
    public var summary: String { "page \(method.rawValue) /\(path) (\(access))" }
}

/// A page whose parts have been described.
package struct PreparedPage: Sendable {
    package let sources: [RequestSource]
    package let make: @Sendable (borrowing Context) async throws -> Page

    package init(sources: [RequestSource], make: @escaping @Sendable (borrowing Context) async throws -> Page) {
        (self.sources, self.make) = (sources, make)
    }
}
