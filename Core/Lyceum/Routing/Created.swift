/// The answer to a request that made something: 201, what was made, and where it is (RFC 9110, section 15.3.2).
public struct Created<Value: View>: Answer {
    private let value: Value
    private let location: String

    /// Answers with what was made and the path of its address, such as `/api/courses/…`.
    public init(_ value: Value, at location: String) { (self.value, self.location) = (value, location) }

    /// What was made.
    public static func answer(_ book: Book) throws -> Schema? { try book.schema(Value.self) }

    /// 201.
    public static var status: Int { 201 }

    /// Writes the status, the address and the body.
    public func write(to response: Response) throws {
        response.status = Self.status
        response.add(header: "Location", location)
        try value.write(to: response)
    }
}

/// The answer to a request that has been done and leaves nothing to say: 204.
public struct NoContent: Answer {
    /// Makes the only value.
    public init() {}

    /// No body.
    public static func answer(_ book: Book) throws -> Schema? { nil }

    /// 204.
    public static var status: Int { 204 }

    /// Writes the status.
    public func write(to response: Response) throws {
        response.status = Self.status
        response.contentType = nil
    }
}

/// An answer that nobody may keep, neither a cache nor the browser (`Cache-Control: no-store`, RFC 9111, section 5.2.2.5):
/// for tokens, and for what is known of a person.
public struct NotStored<Content: Answer>: Answer {
    private let content: Content

    /// Answers with some content.
    public init(_ content: Content) { self.content = content }

    /// That of the content.
    public static func answer(_ book: Book) throws -> Schema? { try Content.answer(book) }

    /// That of the content.
    public static var status: Int { Content.status }

    /// Writes the content.
    public func write(to response: Response) throws {
        response.add(header: "Cache-Control", "no-store")
        try content.write(to: response)
    }
}
