public import JSON

/// Writes what a ``Book`` describes as OpenAPI 3.1 (JSON Schema 2020-12).
public enum OpenAPI {
    /// Writes the object that stands at `components.schemas`, sorted by name.
    public static func components(_ book: Book, to out: JSONWriter) {
        components(book.objects, book.unions, to: out, more: [])
    }

    /// Writes what these schemas refer to, and what that refers to, as the members of `components.schemas`, sorted by name.
    ///
    /// - Parameter more: further members, each with a function that writes its value.
    public static func components(
        of schemas: [Schema], to out: JSONWriter, more: [(name: String, write: () -> Void)] = []
    ) {
        var reached = Reached()
        for schema in schemas { reached.follow(schema) }
        components(reached.objects, reached.unions, to: out, more: more)
    }

    /// What these schemas refer to, and what that refers to, each once.
    package static func reached(by schemas: [Schema]) -> (objects: [ObjectSchema], unions: [UnionSchema]) {
        var reached = Reached()
        for schema in schemas { reached.follow(schema) }
        return (reached.objects, reached.unions)
    }

    private static func components(
        _ objects: [ObjectSchema], _ unions: [UnionSchema], to out: JSONWriter,
        more: [(name: String, write: () -> Void)]
    ) {
        var parts = more
        for object in objects { parts.append((object.reference, { write(object, to: out) })) }
        for union in unions {
            parts.append((union.reference, { write(union, to: out) }))
            for (name, object) in union.variants {
                // Objects are closed (additionalProperties), so that allOf could not add the tag to one.
                parts.append((variant(union, name), { write(object, tag: (union.tag, name), to: out) }))
            }
        }
        let fields = (objects + unions.flatMap { $0.variants.map(\.object) }).flatMap(\.fields)
        if fields.contains(where: { hasCurrency($0.schema) }) { parts.append(("Currency", { currencies(out) })) }
        out.openObject()
        for part in parts.sorted(by: { $0.name < $1.name }) {
            out.key(named: part.name)
            part.write()
        }
        out.closeObject()
    }

    /// Writes a schema object: a reference for an object or union, which ``components(_:to:)`` has.
    public static func schema(_ schema: Schema, nullable: Bool = false, to out: JSONWriter) {
        out.openObject()
        body(schema, nullable: nullable, out)
        out.closeObject()
    }

    /// Writes the parameters of a query: the items of an operation's `parameters`, without the list's brackets.
    public static func parameters(_ object: ObjectSchema, to out: JSONWriter) {
        parameters(object, "query", to: out) { $0 }
    }

    /// Writes the fields of an input as header fields, as `parameters` of an operation; the list is open.
    package static func headers(_ object: ObjectSchema, to out: JSONWriter) {
        parameters(object, "header", to: out) { HeaderName.of($0) }
    }

    private static func parameters(
        _ object: ObjectSchema, _ place: StaticString, to out: JSONWriter, _ name: (String) -> String
    ) {
        for field in object.fields {
            out.comma()
            out.openObject()
            out.key("name")
            out.string(name(field.name))
            out.key("in")
            out.string("\(place)")
            if field.required {
                out.key("required")
                out.bool(true)
            }
            describe(field, out)
            out.key("schema")
            out.openObject()
            body(field.schema, nullable: false, mayBeEmpty: !field.required, out)
            preset(field, out)
            out.closeObject()
            out.closeObject()
        }
    }

    private static func hasCurrency(_ schema: Schema) -> Bool {
        switch schema {
        case .string(.currency, _): true
        case .list(let element, _): hasCurrency(element)
        default: false
        }
    }

    private static func currencies(_ out: JSONWriter) {
        out.openObject()
        out.key("type")
        out.string("string")
        out.key("description")
        out.string("A currency's code in ISO 4217.")
        out.key("enum")
        list(Currency.list.map(\.code), out)
        out.closeObject()
    }

    private static func variant(_ union: UnionSchema, _ name: String) -> String { "\(union.reference)-\(name)" }

    private static func reference(_ name: String, _ out: JSONWriter) { out.string("#/components/schemas/\(name)") }

    private static func write(_ union: UnionSchema, to out: JSONWriter) {
        out.openObject()
        out.key("oneOf")
        out.openList()
        for (name, _) in union.variants {
            out.comma()
            out.openObject()
            out.key("$ref")
            reference(variant(union, name), out)
            out.closeObject()
        }
        out.closeList()
        out.key("discriminator")
        out.openObject()
        out.key("propertyName")
        out.string(union.tag)
        out.key("mapping")
        out.openObject()
        for (name, _) in union.variants {
            out.key(named: name)
            reference(variant(union, name), out)
        }
        out.closeObject()
        out.closeObject()
        out.closeObject()
    }

    private static func write(_ object: ObjectSchema, tag: (name: String, value: String)? = nil, to out: JSONWriter) {
        out.openObject()
        out.key("type")
        out.string("object")
        out.key("properties")
        out.openObject()
        if let tag {
            out.key(named: tag.name)
            out.openObject()
            out.key("type")
            out.string("string")
            out.key("const")
            out.string(tag.value)
            out.closeObject()
        }
        for field in object.fields {
            out.key(named: field.name)
            write(field, to: out)
        }
        out.closeObject()
        let needed = object.fields.filter { $0.required || object.isAnswer }.map(\.name)
        let required = (tag.map { [$0.name] } ?? []) + needed
        if !required.isEmpty {
            out.key("required")
            list(required, out)
        }
        out.key("additionalProperties")
        out.bool(false)
        out.closeObject()
    }

    private static func write(_ field: FieldSchema, to out: JSONWriter) {
        out.openObject()
        body(field.schema, nullable: field.nullable, out)
        describe(field, out)
        if field.secret {
            out.key("writeOnly")
            out.bool(true)
        }
        preset(field, out)
        if let example = field.example {
            out.key("examples")
            out.openList()
            out.json(example)
            out.closeList()
        }
        out.closeObject()
    }

    private static func describe(_ field: FieldSchema, _ out: JSONWriter) {
        let about = [field.about, field.deprecated.map { "Deprecated: \($0)." } ?? ""].filter { !$0.isEmpty }
        if !about.isEmpty {
            out.key("description")
            out.string(about.joined(separator: " "))
        }
        if field.deprecated != nil {
            out.key("deprecated")
            out.bool(true)
        }
    }

    private static func preset(_ field: FieldSchema, _ out: JSONWriter) {
        guard let preset = field.preset else { return }
        out.key("default")
        out.json(preset)
    }

    private static func list(_ words: [String], _ out: JSONWriter) {
        out.openList()
        for word in words {
            out.comma()
            out.string(word)
        }
        out.closeList()
    }

    /// The members of a schema object, without its braces.
    ///
    /// - Parameter mayBeEmpty: whether no text at all is as good as no value, as it is in a query.
    private static func body(_ schema: Schema, nullable: Bool, mayBeEmpty: Bool = false, _ out: JSONWriter) {
        func type(_ name: String) {
            out.key("type")
            if nullable { list([name, "null"], out) } else { out.string(name) }
        }
        switch schema {
        case .boolean: type("boolean")
        case .integer(let range):
            type("integer")
            bounds("minimum", "maximum", range ?? Int64.min...Int64.max, always: true, out)
        case .number(let range):
            type("number")
            if let range {
                out.key("minimum")
                out.double(range.lowerBound)
                out.key("maximum")
                out.double(range.upperBound)
            }
        case .string(.currency, _): named("Currency", nullable, out)
        case .string(let format, let length):
            type("string")
            if let format { write(format, mayBeEmpty, out) }
            if let length {
                bounds(
                    "minLength", "maxLength", (mayBeEmpty ? 0 : Int64(length.lowerBound))...Int64(length.upperBound),
                    out)
            }
        case .choice(let names):
            type("string")
            out.key("enum")
            out.openList()
            for name in names {
                out.comma()
                out.string(name)
            }
            if nullable {
                out.comma()
                out.null()
            }
            out.closeList()
        case .list(let element, let count):
            type("array")
            if let count { bounds("minItems", "maxItems", Int64(count.lowerBound)...Int64(count.upperBound), out) }
            out.key("items")
            out.openObject()
            body(element, nullable: false, out)
            out.closeObject()
        case .any:
            // Of a schema without a type null would be a value too.
            if !nullable {
                out.key("type")
                list(["object", "array", "string", "number", "boolean"], out)
            }
        case .object(let object): named(object.reference, nullable, out)
        case .union(let union): named(union.reference, nullable, out)
        }
    }

    private static func write(_ format: Schema.Format, _ mayBeEmpty: Bool, _ out: JSONWriter) {
        switch format {
        case .multiline: break
        case .slug:
            out.key("pattern")
            out.string(mayBeEmpty ? "^[a-z0-9-]*$" : "^[a-z0-9-]+$")
        case .cursor:
            out.key("pattern")
            out.string(mayBeEmpty ? "^[A-Za-z0-9_-]*$" : "^[A-Za-z0-9_-]+$")
        case _ where mayBeEmpty:
            out.key("anyOf")
            out.json(##"[{"format":"\##(format.rawValue)"},{"maxLength":0}]"##)
        default:
            out.key("format")
            out.string(format.rawValue)
        }
    }

    private static func bounds(
        _ low: StaticString, _ high: StaticString, _ range: ClosedRange<Int64>, always: Bool = false, _ out: JSONWriter
    ) {
        if always || range.lowerBound > 0 {
            out.key(low)
            out.int(range.lowerBound)
        }
        if always || range.upperBound < Int64(Int.max) {
            out.key(high)
            out.int(range.upperBound)
        }
    }

    private static func named(_ name: String, _ nullable: Bool, _ out: JSONWriter) {
        guard nullable else {
            out.key("$ref")
            return reference(name, out)
        }
        out.key("anyOf")
        out.openList()
        out.openObject()
        out.key("$ref")
        reference(name, out)
        out.closeObject()
        out.comma()
        out.openObject()
        out.key("type")
        out.string("null")
        out.closeObject()
        out.closeList()
    }
}

/// The objects and unions that schemas lead to, each once.
private struct Reached {
    private(set) var objects: [ObjectSchema] = []
    private(set) var unions: [UnionSchema] = []
    private var seen: Set<ObjectIdentifier> = []

    mutating func follow(_ schema: Schema) {
        switch schema {
        case .list(let element, _): follow(element)
        case .object(let object):
            guard seen.insert(ObjectIdentifier(object)).inserted else { return }
            objects.append(object)
            for field in object.fields { follow(field.schema) }
        case .union(let union):
            guard seen.insert(ObjectIdentifier(union)).inserted else { return }
            unions.append(union)
            // A variant is written with its tag and never by itself; what it refers to is.
            for variant in union.variants { for field in variant.object.fields { follow(field.schema) } }
        default: return
        }
    }
}
