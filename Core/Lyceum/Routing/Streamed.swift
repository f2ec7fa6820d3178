/// A body that the handler reads in pieces, so that it is never held whole: for large things, on their way to a disk.
///
///     Route(.patch, "media/uploads/{upload}", .authenticated, about: "…", UploadRoutes.append)
///
///     static func append(_ context: borrowing Context, _ upload: Upload.ID, _ body: Streamed) async throws -> NoContent {
///         while case let count = try context.readBody(into: buffer), count > 0 { … }
///     }
///
/// It may have `limits.partBytes`, which is more than other bodies. What the handler leaves of it is read and forgotten before
/// the answer goes out. Such a route looks at no `Idempotency-Key`: what is sent in pieces says itself where each belongs.
public struct Streamed: RequestPart {
    /// The length that was announced, in bytes; 0 for no body.
    public let length: Int
    /// The media type that was announced, without its parameters and in small letters; nil where none was.
    public let mediaType: String?

    /// Nothing to prepare.
    public static func describe(_ book: Book) {}

    /// The body, in pieces.
    public static var source: RequestSource { .stream }

    /// Any bytes.
    public static func schema(_ book: Book) throws -> Schema { .string(nil, length: nil) }

    /// Looks at what was announced; reads nothing.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> Streamed {
        let type = request.parameters.contentType.map { String(cString: $0).prefix { $0 != ";" } }
        return Streamed(
            length: request.source?.announced ?? 0,
            mediaType: type.map { $0.lowercased().filter { $0 != " " } }.flatMap { $0.isEmpty ? nil : $0 })
    }
}

extension Context {
    /// Takes the next piece of a ``Streamed`` body; 0 at its end.
    ///
    /// Fewer bytes than fit come only at the end, or where the body breaks off: what came before that is still given, and the
    /// next call throws. How long the client takes to send is not counted against `limits.requestMilliseconds`.
    ///
    /// - Throws: ``BrokenBody`` when less came than was announced; ``MisuseError`` on a route that takes no ``Streamed``.
    public func readBody(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let source = request.source else {
            throw MisuseError(
                "this route reads its body as a whole; to take it in pieces, its handler takes a Streamed")
        }
        return try source.read(into: buffer)
    }
}

/// A body that broke off before its announced end; the client is most likely gone.
public struct BrokenBody: PublicError {
    /// How many bytes came.
    public let received: Int

    package init(received: Int) { self.received = received }

    /// 400 `incomplete`.
    public var problem: Problem { .incomplete }
}

/// Where the pieces of a body come from.
package protocol BodySource: AnyObject {
    /// The announced length in bytes.
    var announced: Int { get }
    /// The next piece; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}
