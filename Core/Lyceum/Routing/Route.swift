/// An address of the API, `/api/` and a path that begins with the plugin's id.
///
///     Route(
///         .post, "courses/{course}/publication", .permission(.editCourses), about: "Publishes a course.",
///         CourseRoutes.publish)
///
/// The handler's first parameter is the ``Context``; each further one is a ``RequestPart``: a typed id for each
/// placeholder of the path, in order, then a ``Query`` or a ``Body``. What it answers is an ``Answer``.
public struct Route: Contribution {
    /// The method.
    public let method: Method
    /// The path below `/api/`, with placeholders in braces.
    public let path: String
    /// Who may use it.
    public let access: Access
    /// What it does, in one sentence, for whoever writes a client.
    public let about: String
    /// How often somebody may use it.
    package let limits: [RateLimit]
    package let prepare: @Sendable (Book) throws -> PreparedRoute

    // The Context comes first: an async closure that takes nothing but a pack crashes the 6.3.1 compiler.
    /// Declares a route whose handler takes any parts of the request.
    public init<each Part: RequestPart, A: Answer>(
        _ method: Method, _ path: String, _ access: Access, about: String = "", limited: [RateLimit] = [],
        _ handler: @escaping @Sendable (borrowing Context, repeat each Part) async throws -> A
    ) {
        (self.method, self.path, self.access, self.about, limits) = (method, path, access, about, limited)
        prepare = { book in
            let plans = (repeat try (each Part).describe(book))
            var inputs: [RequestInput] = []
            repeat inputs.append(try RequestInput((each Part).self, book))
            return PreparedRoute(inputs: inputs, status: A.status, answer: try A.answer(book)) { context, response in
                var cursor = 0
                let arguments = (repeat try (each Part).take(context.request, &cursor, each plans))
                let answer = try await handler(context, repeat each arguments)
                try answer.write(to: response)
            }
        }
    }

    /// Declares a route whose handler takes nothing but the context.
    ///
    /// The same as the other, without the work that a pack of types costs at run time.
    public init<A: Answer>(
        _ method: Method, _ path: String, _ access: Access, about: String = "", limited: [RateLimit] = [],
        _ handler: @escaping @Sendable (borrowing Context) async throws -> A
    ) {
        (self.method, self.path, self.access, self.about, limits) = (method, path, access, about, limited)
        prepare = { book in
            PreparedRoute(inputs: [], status: A.status, answer: try A.answer(book)) { context, response in
                try await handler(context).write(to: response)
            }
        }
    }

    /// Declares a route whose handler takes one part of the request, as most do.
    public init<Part: RequestPart, A: Answer>(
        _ method: Method, _ path: String, _ access: Access, about: String = "", limited: [RateLimit] = [],
        _ handler: @escaping @Sendable (borrowing Context, Part) async throws -> A
    ) {
        (self.method, self.path, self.access, self.about, limits) = (method, path, access, about, limited)
        prepare = { book in
            let plan = try Part.describe(book)
            let inputs = [try RequestInput(Part.self, book)]
            return PreparedRoute(inputs: inputs, status: A.status, answer: try A.answer(book)) { context, response in
                var cursor = 0
                try await handler(context, try Part.take(context.request, &cursor, plan)).write(to: response)
            }
        }
    }

    /// `route POST /api/courses (courses.course.edit)`.
    public var summary: String { "route \(method.rawValue) /api/\(path) (\(access))" }
}

/// A route whose parts have been described: what serves a request.
package struct PreparedRoute: Sendable {
    package let sources: [RequestSource]
    /// What the handler takes, in its order.
    package let inputs: [RequestInput]
    /// The status of a successful answer.
    package let status: Int
    /// What a successful answer looks like; nil for none.
    package let answer: Schema?
    package let serve: @Sendable (borrowing Context, Response) async throws -> Void

    /// Whether what it answers counts its changes, and so has an `ETag`.
    package var isVersioned: Bool { if case .object(let object)? = answer { object.isVersioned } else { false } }
    /// Whether it changes only a version that is named.
    package var needsVersion: Bool { sources.contains { $0 == .ifMatch } }

    package init(
        inputs: [RequestInput], status: Int, answer: Schema?,
        serve: @escaping @Sendable (borrowing Context, Response) async throws -> Void
    ) {
        (self.inputs, self.status, self.answer, self.serve) = (inputs, status, answer, serve)
        sources = inputs.map(\.source)
    }
}
