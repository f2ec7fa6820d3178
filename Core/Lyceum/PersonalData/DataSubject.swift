/// A person whose data is exported or erased.
public struct DataSubject: Sendable, Equatable {
    /// The id of the account.
    public let id: RawID
    /// The e-mail address, for rows that know people by nothing else; nil where the account has none any more.
    public let email: String?

    /// Names a person.
    public init(id: RawID, email: String? = nil) { (self.id, self.email) = (id, email) }
}

/// The column by which a row is found to be about a person.
public enum PersonKey: Sendable, Equatable, ExpressibleByStringLiteral {
    /// It has the id of an account.
    case account(String)
    /// It has an e-mail address; capitals do not count.
    case email(String)
    /// It has the `id` of a row of another table of the plugin, which is declared before and is about the person.
    case parent(String, of: String)

    /// The column with the id of an account.
    public init(stringLiteral column: String) { self = .account(column) }

    /// The column in the table itself.
    public var column: String {
        switch self {
        case .account(let column), .email(let column), .parent(let column, _): column
        }
    }
}

/// What becomes of a column when the person is erased and the row stays.
public enum Replacement: Sendable, Equatable {
    /// NULL.
    case null
    /// A constant, as PostgreSQL reads it for the column's type: ``empty`` is `value("")`; `value("{}")` empties JSON.
    case value(String)
    /// A random text, where two rows may not have the same.
    case random
    /// The moment, of the database's clock.
    case now

    /// No characters.
    public static let empty = Replacement.value("")
}
