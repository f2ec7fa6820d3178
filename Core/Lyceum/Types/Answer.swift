public import JSON

/// What a handler may return: it says what it looks like, and writes itself.
///
/// `answer` is asked once, when the route is registered; `write` once for each request, after the handler has returned.
/// What `write` throws becomes an answer of its own, and nothing of this one is sent.
public protocol Answer: Sendable {
    /// The schema of the body of a successful answer; nil where there is none, or it is no JSON.
    static func answer(_ book: Book) throws -> Schema?

    /// The status of a successful answer; 200 unless told otherwise.
    static var status: Int { get }

    /// Writes status, header fields and body.
    func write(to response: Response) throws
}

extension Answer {
    /// 200.
    public static var status: Int { 200 }
}

/// An answer that is one JSON text: 200 with the media type `application/json`, as a response has it from the start.
public protocol JSONAnswer: Answer {
    /// Writes the JSON text.
    func write(to out: JSONWriter) throws
}

extension JSONAnswer {
    /// Writes the JSON text as the body.
    public func write(to response: Response) throws { try write(to: response.body) }
}

extension View {
    /// The schema of the view.
    public static func answer(_ book: Book) throws -> Schema? { try book.schema(Self.self) }
    /// Writes one object as the body.
    public func write(to response: Response) throws { try response.encode(self) }
    /// Writes one object.
    public func write(to out: JSONWriter) throws { try out.encode(self) }
}

extension Array: Answer, JSONAnswer where Element: View {
    /// A list of the view.
    public static func answer(_ book: Book) throws -> Schema? { .list(try book.schema(Element.self), count: nil) }
    /// Writes a list of objects.
    public func write(to out: JSONWriter) throws { try out.encode(list: self) }
}
