public import Lyceum
internal import PostgreSQL

/// One of the errors that led to a failure, as it is kept for an operator: bounded in size, and without values.
public struct FailureCause: View, Equatable {
    /// What failed, in a sentence of at most a thousand characters.
    public var sentence: String
    /// What kind of error it is: the name of its type, or `service`, `guard` for what it passed through.
    public var kind: String
    /// PostgreSQL's code, where the database refused.
    public var sqlState: String?
    /// The constraint that was violated.
    public var constraint: String?
    /// The table concerned, as `schema.table`.
    public var table: String?
    /// The statement, with `$1` for binds; of a long one at most two thousand characters around the position.
    public var statement: String?
    /// The character of ``statement`` at which PostgreSQL found the error, from 1.
    public var position: Int?

    /// An error and what caused it, the outermost first; at most ten.
    public static func all(of error: any Error) -> [FailureCause] { FailureStack(error).causes }

    init(_ sentence: String, kind: String) { (self.sentence, self.kind) = (Self.bounded(sentence, 1_000), kind) }

    init(_ error: any Error) {
        self.init(Self.words(error), kind: String(describing: type(of: error)))
        guard let error = error as? DatabaseError else { return }
        sqlState = error.sqlState.isEmpty ? nil : error.sqlState
        (constraint, table) = (error.constraint, error.table)
        if let text = error.statement { (statement, position) = Self.excerpt(text, error.position) }
    }

    /// What an error says of itself.
    static func words(_ error: any Error) -> String {
        let problem = (error as? Problem) ?? (error as? any PublicError)?.problem
        guard let problem else { return "\(error)" }
        return ([problem.title, problem.detail ?? ""] + problem.faults.map { "\($0)" }).filter { !$0.isEmpty }
            .joined(separator: " ")
    }

    /// At most so many characters, and none that PostgreSQL cannot keep.
    static func bounded(_ text: String, _ most: Int) -> String {
        let scalars = text.unicodeScalars.lazy.map { $0.value == 0 ? Unicode.Scalar(0xFFFD) ?? " " : $0 }
        var bounded = String.UnicodeScalarView(scalars.prefix(most))
        if text.unicodeScalars.count > most { bounded.append("…") }
        return String(bounded)
    }

    /// The part of a statement around a position, and the position within it.
    static func excerpt(_ statement: String, _ position: Int?) -> (String, Int?) {
        let scalars = Array(statement.unicodeScalars)
        let most = 2_000
        guard scalars.count > most else { return (bounded(statement, most), position) }
        let start = max(0, min((position ?? 1) - 1 - most / 2, scalars.count - most))
        let part = String(String.UnicodeScalarView(scalars[start..<(start + most)]))
        let isCut = start > 0
        return (
            (isCut ? "…" : "") + part + (start + most < scalars.count ? "…" : ""),
            position.map { $0 - start + (isCut ? 1 : 0) }
        )
    }

    /// The line of the statement at which the error was found, and the column in it, both from 1.
    var place: (line: Int, column: Int)? {
        guard let statement, let position, position > 0 else { return nil }
        let before = statement.unicodeScalars.prefix(position - 1)
        let column = before.reversed().prefix { $0 != "\n" }.count + 1
        return (before.count { $0 == "\n" } + 1, column)
    }
}

extension FailureCause: CustomStringConvertible {
    /// The sentence and what the database said more, in one line.
    public var description: String {
        var parts = [sentence]
        if let constraint, !sentence.contains(constraint) { parts.append("constraint \(constraint)") }
        if let statement {
            let line = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let place = place.map { " at line \($0.line), column \($0.column)" } ?? ""
            parts.append("in the statement\(place): \(line)")
        }
        return parts.joined(separator: "; ")
    }
}
