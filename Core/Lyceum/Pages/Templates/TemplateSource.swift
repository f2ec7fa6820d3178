/// The text of one template, with the name by which pages and other templates ask for it.
public struct TemplateSource: Sendable {
    /// The name in `{{> name}}` and in ``TemplateLibrary/render(_:_:over:locale:into:)-(_,TemplateValue,_,_,_)``, such as
    /// `courses/list`.
    public let name: String
    /// The file that errors name.
    public let file: String
    /// The template itself, UTF-8.
    public let bytes: [UInt8]

    /// A template from text.
    public init(name: String, file: String, text: String) {
        (self.name, self.file, bytes) = (name, file, Array(text.utf8))
    }

    /// A template from bytes, as a package's embedded resources give them; they are checked to be UTF-8 when loaded.
    public init(name: String, file: String, bytes: [UInt8]) {
        (self.name, self.file, self.bytes) = (name, file, bytes)
    }
}
