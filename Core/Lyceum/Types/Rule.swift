internal import JSON

/// What a field's values obey; rules are chained: `.length(1...200).example("Swift in a week")`.
public struct Rule<Value>: Sendable {
    let edit: @Sendable (FieldSchema) -> Void

    init(_ edit: @escaping @Sendable (FieldSchema) -> Void) { self.edit = edit }

    init(schema: @escaping @Sendable (Schema) -> Schema) { edit = { $0.schema = schema($0.schema) } }

    /// Both rules.
    public func and(_ next: Rule) -> Rule {
        Rule { [edit] in
            edit($0)
            next.edit($0)
        }
    }

    /// Still accepted, but `instead` says what to use.
    public static func deprecated(_ instead: String) -> Rule { Rule { $0.deprecated = instead } }
    /// Shown in OpenAPI.
    public static func example(_ value: Value) -> Rule where Value: Encodable & Sendable {
        Rule { $0.example = try? JSONWriter.text(value) }
    }
    /// Still accepted, but `instead` says what to use.
    public func deprecated(_ instead: String) -> Rule { and(.deprecated(instead)) }
    /// Shown in OpenAPI.
    public func example(_ value: Value) -> Rule where Value: Encodable & Sendable { and(.example(value)) }
}

extension Rule where Value == String {
    private static func format(_ format: Schema.Format) -> Rule {
        Rule(schema: { if case .string(_, let length) = $0 { .string(format, length: length) } else { $0 } })
    }

    /// In characters as PostgreSQL counts them: Unicode scalars.
    public static func length(_ range: ClosedRange<Int>) -> Rule {
        Rule(schema: { if case .string(let format, _) = $0 { .string(format, length: range) } else { $0 } })
    }
    /// Text of several lines: tabs and line ends are accepted, and white space around it is kept.
    ///
    /// Any other text is a single line; see ``Schema/Format/multiline``.
    public static var multiline: Rule { format(.multiline) }
    /// An e-mail address: a name, an @, and the name of a domain of at least two parts, such as `ada@example.org`.
    ///
    /// Names of domains may be written in any script (RFC 6531). Quoted names and addresses of machines (`ada@[192.0.2.1]`)
    /// are not accepted.
    public static var email: Rule { format(.email) }
    /// An absolute http or https address.
    public static var url: Rule { format(.url) }
    /// Small letters, digits and hyphens.
    public static var slug: Rule { format(.slug) }

    /// In characters as PostgreSQL counts them: Unicode scalars.
    public func length(_ range: ClosedRange<Int>) -> Rule { and(.length(range)) }
}

extension Rule where Value: FixedWidthInteger {
    /// Both ends included.
    public static func range(_ range: ClosedRange<Value>) -> Rule {
        let wide = Int64(clamping: range.lowerBound)...Int64(clamping: range.upperBound)
        return Rule(schema: { _ in .integer(wide) })
    }
    /// Both ends included.
    public func range(_ range: ClosedRange<Value>) -> Rule { and(.range(range)) }
}

extension Rule where Value == Double {
    /// Both ends included.
    public static func range(_ range: ClosedRange<Double>) -> Rule { Rule(schema: { _ in .number(range) }) }
    /// Both ends included.
    public func range(_ range: ClosedRange<Double>) -> Rule { and(.range(range)) }
}

extension Rule {
    /// How many items a list has.
    public static func count<Element>(_ range: ClosedRange<Int>) -> Rule where Value == [Element] {
        Rule(schema: { if case .list(let element, _) = $0 { .list(element, count: range) } else { $0 } })
    }
    /// What each item of a list obeys.
    public static func each<Element>(_ rule: Rule<Element>) -> Rule where Value == [Element] {
        Rule(schema: { schema in
            guard case .list(let element, let count) = schema else { return schema }
            let item = FieldSchema("", element, required: true, nullable: false)
            rule.edit(item)
            return .list(item.schema, count: count)
        })
    }
    /// How many items a list has.
    public func count<Element>(_ range: ClosedRange<Int>) -> Rule where Value == [Element] { and(.count(range)) }
    /// What each item of a list obeys.
    public func each<Element>(_ rule: Rule<Element>) -> Rule where Value == [Element] { and(.each(rule)) }
}
