/// Words that are looked up in the ``Catalogue`` for the reader's locale when they are printed.
///
/// A view holds one where the program, not the template, chooses the words:
///
///     struct Badge: Encodable { var label: Text }
///     Badge(label: Text("courses.seats", count: 3))
public struct Text: Sendable, Hashable, Encodable {
    /// The key in the catalogue.
    public let key: String
    /// What decides between singular and plural and stands for `{count}`; nil where the words need no number.
    public let count: Int?
    /// What stands for other placeholders, in the order in which they were given.
    public let arguments: [Argument]

    /// What stands for one placeholder.
    public struct Argument: Sendable, Hashable {
        /// The name between the braces, such as `name` for `{name}`.
        public let name: String
        /// Plain text; it is escaped when printed.
        public let value: String
    }

    /// Names the words, the number in them, and what else they mention: `Text("mail.greeting", ["name": "Ada"])`.
    public init(_ key: String, count: Int? = nil, _ arguments: KeyValuePairs<String, String> = [:]) {
        self.key = key
        self.count = count
        self.arguments = arguments.map { Argument(name: $0.key, value: $0.value) }
    }

    /// Names words with what they mention, which was collected elsewhere.
    package init(_ key: String, count: Int? = nil, arguments: [String: String]) {
        (self.key, self.count) = (key, count)
        self.arguments = arguments.sorted { $0.key < $1.key }.map { Argument(name: $0.key, value: $0.value) }
    }

    /// Writes the key, for encoders other than that of templates; those have no catalogue.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(key)
    }
}
