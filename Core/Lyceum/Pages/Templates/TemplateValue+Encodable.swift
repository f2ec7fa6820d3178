extension TemplateValue: Encodable {
    /// Writes the value, so that a view may hold one; words that are to be translated are written as their key.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let object): try object.encode(to: encoder)
        case .list(let values): try values.encode(to: encoder)
        case .text(let text): try text.encode(to: encoder)
        case .translated(let text): try text.encode(to: encoder)
        case .raw(let html): try html.encode(to: encoder)
        case .integer(let number): try number.encode(to: encoder)
        case .decimal(let number): try number.encode(to: encoder)
        case .bool(let flag): try flag.encode(to: encoder)
        case .null, .parts:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        }
    }
}

extension TemplateObject: Encodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Writes an object with its names in order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in zip(names, values) { try container.encode(value, forKey: Name(stringValue: name)) }
    }
}
