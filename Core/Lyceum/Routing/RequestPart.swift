internal import JSON

/// One argument of a handler, taken from the request and able to describe itself.
///
/// Arguments are taken in the order of the handler's parameters; each typed id takes the next `{placeholder}` of the path.
public protocol RequestPart: Sendable {
    /// What ``describe(_:)`` prepared for ``take(_:_:_:)``.
    associatedtype Plan: Sendable = Void

    /// Prepares, once, at registration. Throws a sentence when the type cannot be described.
    static func describe(_ book: Book) throws -> Plan

    /// Where the part comes from.
    static var source: RequestSource { get }

    /// What it looks like, for the API's document.
    static func schema(_ book: Book) throws -> Schema

    /// Takes the part from a request.
    static func take(_ request: Request, _ cursor: inout Int, _ plan: Plan) throws -> Self
}

/// What the API's document says of a ``RequestPart``.
package struct RequestInput: Sendable {
    package let source: RequestSource
    package let schema: Schema

    package init<Part: RequestPart>(_ part: Part.Type, _ book: Book) throws {
        (source, schema) = (Part.source, try Part.schema(book))
    }
}

/// Where a ``RequestPart`` comes from.
public enum RequestSource: Sendable {
    /// The next placeholder of the path.
    case path
    /// The query of the request target.
    case query
    /// A JSON body.
    case body
    /// A form's body, `application/x-www-form-urlencoded`.
    case form
    /// The header `If-Match`.
    case ifMatch
    /// A form's body with files in it, `multipart/form-data`.
    case files
    /// Header fields.
    case headers
    /// A body that the handler reads in pieces.
    case stream
}

extension Identifier {
    /// Nothing to prepare.
    public static func describe(_ book: Book) {}

    /// The path.
    public static var source: RequestSource { .path }

    /// Takes the next placeholder.
    ///
    /// What is no id names nothing, so the answer is 404.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> Self {
        defer { cursor += 1 }
        guard let raw = RawID(utf8: request.capture(cursor)) else { throw Problem.notFound }
        return Self(raw)
    }
}

/// A word of the path, such as a slug: small letters, digits and hyphens.
public struct Slug: RequestPart {
    /// The word.
    public let value: String

    /// Nothing to prepare.
    public static func describe(_ book: Book) {}

    /// The path.
    public static var source: RequestSource { .path }

    /// A slug.
    public static func schema(_ book: Book) throws -> Schema { .string(.slug, length: nil) }

    /// Takes the next placeholder.
    ///
    /// What is no slug names nothing, so the answer is 404.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> Slug {
        defer { cursor += 1 }
        let bytes = request.capture(cursor)
        guard bytes.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
            throw Problem.notFound
        }
        return Slug(value: String(decoding: bytes, as: UTF8.self))
    }
}

/// The JSON body of a request, checked as a whole before the handler runs.
public struct Body<Value: Input>: RequestPart {
    /// What the client sent.
    public let value: Value

    /// Describes the input.
    public static func describe(_ book: Book) throws -> ObjectSchema { try book.object(Value.self) }

    /// The body.
    public static var source: RequestSource { .body }

    /// That of the input.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Value.self) }

    /// Parses, validates and decodes; every fault of the body is reported at once.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: ObjectSchema) throws -> Self {
        guard request.hasContentType("application/json") else {
            throw Problem.unsupportedMediaType(accepted: "application/json")
        }
        return Body(
            value: try InputReader.json(
                // The body is within the installation's own limit already.
                Value.self, request.body, plan, limits: JSONLimits(bytes: .max)))
    }
}

/// The query of a request, read by the same description as a body.
public struct Query<Value: Input>: RequestPart {
    /// What the client asked for.
    public let value: Value
    /// The names that no field has, each once; always empty in the API, which refuses them.
    ///
    /// A page that filters by its query says what it did not understand. Names that others add to links to it, to follow
    /// who comes from where (`utm_…`, `…clid`), are left out.
    public let unknown: [String]

    /// Describes the input.
    public static func describe(_ book: Book) throws -> ObjectSchema { try book.object(Value.self) }

    /// The query.
    public static var source: RequestSource { .query }

    /// That of the input.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Value.self) }

    /// Reads, validates and decodes; every fault of the query is reported at once.
    ///
    /// A page passes over names it does not know. A ``Cursor`` in it must be one of the same list.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: ObjectSchema) throws -> Self {
        if request.query.isEmpty, let blank = plan.blank?.value(Value.self) {
            if plan.hasCursor { request.list = ListDigest.of(request, [], plan) }
            return Query(value: blank, unknown: [])
        }
        var pairs = try Pairs.parse(request.query)
        let unknown = request.isForPage ? InputReader.removeUnknown(&pairs, plan) : []
        if plan.hasCursor { request.list = ListDigest.of(request, pairs, plan) }
        return Query(
            value: try InputReader.query(Value.self, pairs, plan, list: plan.hasCursor ? request.list : nil),
            unknown: unknown.filter { !$0.hasPrefix("utm_") && !$0.hasSuffix("clid") })
    }
}

/// Tells lists apart, so that a cursor is only good for its own.
enum ListDigest {
    /// FNV-1a over the region, the path, and each filter in the order of the fields.
    ///
    /// A filter is what was entered, without the white space around it; an empty one is as good as none.
    static func of(_ request: Request, _ pairs: [(name: String, value: String)], _ schema: ObjectSchema) -> UInt32 {
        var digest: UInt32 = 0x811C_9DC5
        func add(_ byte: UInt8) { digest = (digest ^ UInt32(byte)) &* 0x0100_0193 }
        if var region = request.parameters.region {
            while region.pointee != 0 {
                add(UInt8(bitPattern: region.pointee))
                region += 1
            }
        }
        for byte in request.path { add(byte) }
        guard !pairs.isEmpty else { return digest }
        for field in schema.fields where !field.isCursor && field.name != "limit" {
            for (name, value) in pairs where name == field.name || name.hasPrefix(field.name + ".") {
                var value = value
                value.withUTF8 { text in
                    let text = PlainText.trimmed(text)
                    guard !text.isEmpty else { return }
                    for byte in name.utf8 { add(byte) }
                    add(0)
                    for byte in text { add(byte) }
                    add(0)
                }
            }
        }
        return digest
    }
}

/// What a page's form sent.
///
/// It may be wrong, and then the page is shown again with what was entered and what is wrong with it.
public struct Form<Value: Input>: RequestPart {
    /// What was sent, when all of it is right.
    public let value: Value?
    /// What was entered, and what is wrong with each field.
    public let fields: FormFields

    /// Describes the input.
    public static func describe(_ book: Book) throws -> ObjectSchema { try book.object(Value.self) }

    /// The form.
    public static var source: RequestSource { .form }

    /// That of the input.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Value.self) }

    /// Reads, validates and decodes.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: ObjectSchema) throws -> Self {
        guard request.hasContentType("application/x-www-form-urlencoded") else {
            throw Problem.unsupportedMediaType(accepted: "application/x-www-form-urlencoded")
        }
        let entered = try InputReader.pairs(request.body)
        do {
            let value = try InputReader.form(Value.self, entered, plan)
            return Form(value: value, fields: FormFields(plan, entered, Faults()))
        } catch let faults as Faults {
            return Form(value: nil, fields: FormFields(plan, entered, faults))
        }
    }
}
