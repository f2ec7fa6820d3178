/// Text that is HTML already and is printed as it is, by `{{{name}}}` or `{{&name}}`.
///
/// It is the only way past escaping, and it takes both: the type in the program and the three braces in the template.
/// Whoever makes one vouches that nothing in it came from a person unescaped.
public struct RawHTML: Sendable, Hashable, Encodable {
    /// The markup.
    public let html: String

    /// Vouches for some markup.
    public init(_ html: String) { self.html = html }

    /// Writes the markup as text, for encoders other than that of templates.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(html)
    }
}
