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

    /// Takes the part from a request.
    static func take(_ request: Request, _ cursor: inout Int, _ plan: Plan) throws -> Self
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

    /// Describes the input.
    public static func describe(_ book: Book) throws -> ObjectSchema { try book.object(Value.self) }

    /// The query.
    public static var source: RequestSource { .query }

    /// Reads, validates and decodes; every fault of the query is reported at once.
    ///
    /// A page passes over names it does not know: others add some to links to it, such as `utm_source`.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: ObjectSchema) throws -> Self {
        Query(value: try InputReader.query(Value.self, request.query, plan, passingUnknown: request.isForPage))
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
