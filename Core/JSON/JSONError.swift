/// What is wrong with a text that should have been JSON, and where.
///
/// The sentence has no subject, so that it can follow the name of whatever was read: "is not JSON: ...".
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable name for the kind of fault.
    public enum Code: String, Sendable {
        /// There was nothing to read.
        case empty
        /// The text is longer than ``JSONLimits/bytes``.
        case size
        /// Lists and objects are nested deeper than ``JSONLimits/depth``.
        case depth
        /// A key occurs twice in one object.
        case duplicate
        /// A number has no exact `Int64` or no finite `Double`.
        case number
        /// The bytes are no UTF-8, or an escape is half a surrogate pair.
        case encoding
        /// A text holds U+0000, which PostgreSQL cannot store.
        case nul
        /// Anything else that RFC 8259 does not allow.
        case syntax
    }

    /// The kind of fault.
    public let code: Code
    /// What is wrong, without a subject and without the place.
    public let sentence: String
    /// The line on which reading stopped, counted from 1; 0 where no line is meant.
    public let line: Int
    /// The column, in characters, at which reading stopped, counted from 1; 0 where no line is meant.
    public let column: Int

    init(_ code: Code, _ sentence: String, line: Int = 0, column: Int = 0) {
        (self.code, self.sentence, self.line, self.column) = (code, sentence, line, column)
    }

    /// The sentence with its place: `is not JSON: ... (line 2, column 7)`.
    public var description: String {
        line == 0 ? sentence : "\(sentence) (line \(line), column \(column))"
    }
}
