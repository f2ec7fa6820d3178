/// What is wrong with a template, with a translation, or with the value that a template was given.
public struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The template's file as its source names it, or what else is at fault, such as `translations de`.
    public let file: String
    /// The line in that file, counted from 1; 0 where no line is to blame.
    public let line: Int
    /// A sentence that names the thing and says what is accepted.
    public let message: String

    /// Puts a sentence to a place.
    public init(file: String, line: Int, message: String) {
        (self.file, self.line, self.message) = (file, line, message)
    }

    /// `courses/list.mustache:12: no 'titel' here; did you mean 'title'? There are id, title`.
    public var description: String { line == 0 ? "\(file): \(message)" : "\(file):\(line): \(message)" }
}
