internal import JSON

/// JSON that is passed on as it is, such as the payload of somebody else's event.
///
/// In a view it takes a column of type json, which is copied; in an input it takes any value.
public struct AnyJSON: Described, Codable, Hashable, Sendable {
    /// The JSON text.
    public let text: String

    /// Whatever JSON there is.
    public static func schema(_ book: Book) -> Schema { .any }
    /// An empty object.
    public static var example: AnyJSON { AnyJSON(text: "{}") }

    /// An empty object.
    public init() { self = .example }

    private init(text: String) { self.text = text }

    /// Takes a value of a JSON text; only the platform's own decoder can.
    public init(from decoder: any Decoder) throws {
        guard let node = decoder.tree?.value else { throw DescriptionError("AnyJSON is decoded by the platform only") }
        let out = JSONWriter()
        out.node(node)
        text = out.text
    }

    /// Writes the value; an encoder other than the platform's is given the text.
    public func encode(to encoder: any Encoder) throws {
        if let direct = encoder as? DirectEncoder { return direct.out.json(text) }
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
