internal import JSON

/// Header fields that a handler takes, read by the same description as a query.
///
/// The field `uploadOffset` of the input is the header `Upload-Offset`. One that is absent or empty is an absent field.
public struct Headers<Value: Input>: RequestPart {
    /// What the client sent.
    public let value: Value

    /// Describes the input.
    public static func describe(_ book: Book) throws -> ObjectSchema { try book.object(Value.self) }

    /// The header fields.
    public static var source: RequestSource { .headers }

    /// That of the input.
    public static func schema(_ book: Book) throws -> Schema { try book.schema(Value.self) }

    /// Reads, validates and decodes; every fault is reported at once.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: ObjectSchema) throws -> Self {
        let pairs = plan.fields.compactMap { field in
            request.header(HeaderName.of(field.name)).map { (name: field.name, value: $0) }
        }
        return Headers(value: try InputReader.query(Value.self, pairs, plan, list: nil))
    }
}

/// The names of header fields.
package enum HeaderName {
    /// `uploadOffset` as a header field: `Upload-Offset`.
    package static func of(_ field: String) -> String {
        var name = ""
        for character in field {
            if name.isEmpty {
                name.append(character.uppercased())
            } else if character.isUppercase {
                name.append("-")
                name.append(character)
            } else {
                name.append(character)
            }
        }
        return name
    }
}
