/// What a table has about people, and what becomes of it when one of them is erased.
///
///     .rows("session", of: "account_id", personal: ["agent", "address"], secret: ["token_hash"], impersonal: ["kind"])
///     .columns("account", of: "id", personal: ["email": .empty], secret: ["password_hash": .empty], also: ["deleted_at": .now])
///     .kept("invoice", of: "payer_id", personal: ["name", "address"], because: "the law wants invoices for ten years")
///     .impersonal("category", "name", "slug")
///
/// Of all but the last, the rows of a person are in the person's export, with every column but the secret ones; so what is told
/// apart here is what stays. A table that knows two people, such as a booking with a learner and a teacher, is declared for each
/// of them. Every column of text, bytes, JSON or addresses has to stand in one of the lists: one that does not is found by
/// `checkPersonalData` of LyceumTesting.
public struct PersonalTable: Sendable {
    /// What erasing a person does to a table.
    public enum Erasure: Sendable, Equatable {
        /// The person's rows go.
        case rows
        /// Some columns of the person's rows are replaced.
        case columns
        /// Nothing is done, for a reason.
        case kept(String)
        /// It is done by a function of the kernel's.
        case function
        /// There is nobody in it.
        case impersonal
    }

    /// A column, and what takes its place.
    package struct Change: Sendable, Equatable {
        package let column: String
        package let replacement: Replacement
        /// Whether it is about the person; otherwise it only goes with that.
        package let isPersonal: Bool
    }

    /// The table, in the plugin's schema.
    public let name: String
    /// How a person's rows are found; nil where there are none.
    public let key: PersonKey?
    /// Columns that are about the person.
    public let personal: [String]
    /// Columns of the person that are erased and never exported: digests of passwords and tokens.
    public let secret: [String]
    /// Columns that stay although they are about the person.
    public let kept: [String]
    /// Why they stay; nil where none does.
    public let reason: String?
    /// Columns that are about nobody.
    public let impersonal: [String]
    /// What erasing does.
    public let erasure: Erasure
    package let changes: [Change]

    private init(
        _ name: String, _ key: PersonKey?, _ erasure: Erasure, personal: [String], secret: [String], kept: [String],
        reason: String?, impersonal: [String], changes: [Change] = []
    ) {
        (self.name, self.key, self.erasure, self.personal, self.secret) = (name, key, erasure, personal, secret)
        (self.kept, self.reason, self.impersonal, self.changes) = (kept, reason, impersonal, changes)
    }

    /// A table whose rows go with the person.
    ///
    /// - Parameters:
    ///   - table: the table, in the plugin's schema.
    ///   - key: how a person's rows are found.
    ///   - personal: columns that are about the person.
    ///   - secret: columns that no export has.
    ///   - impersonal: columns that are about nobody.
    public static func rows(
        _ table: String, of key: PersonKey, personal: [String] = [], secret: [String] = [], impersonal: [String] = []
    ) -> PersonalTable {
        PersonalTable(
            table, key, .rows, personal: personal, secret: secret, kept: [], reason: nil, impersonal: impersonal)
    }

    /// A table whose rows stay, without what is about the person.
    ///
    /// - Parameters:
    ///   - table: the table, in the plugin's schema.
    ///   - key: how a person's rows are found.
    ///   - personal: columns that are about the person, and what takes their place.
    ///   - secret: the same for columns that no export has.
    ///   - others: columns that are about nobody and change with it, such as the moment of the erasure.
    ///   - kept: columns that are about the person and stay.
    ///   - reason: why those stay, as the person reads it: the law, a contract. It is needed where there are any.
    ///   - impersonal: columns that are about nobody.
    public static func columns(
        _ table: String, of key: PersonKey, personal: KeyValuePairs<String, Replacement>,
        secret: KeyValuePairs<String, Replacement> = [:], also others: KeyValuePairs<String, Replacement> = [:],
        keeping kept: [String] = [], because reason: String? = nil, impersonal: [String] = []
    ) -> PersonalTable {
        PersonalTable(
            table, key, .columns, personal: personal.map(\.key), secret: secret.map(\.key), kept: kept, reason: reason,
            impersonal: impersonal,
            changes: (personal.map { $0 } + secret.map { $0 }).map {
                Change(column: $0.key, replacement: $0.value, isPersonal: true)
            } + others.map { Change(column: $0.key, replacement: $0.value, isPersonal: false) })
    }

    /// A table that stays as it is.
    ///
    /// - Parameters:
    ///   - table: the table, in the plugin's schema.
    ///   - key: how a person's rows are found.
    ///   - personal: columns that are about the person.
    ///   - secret: columns that no export has.
    ///   - reason: why it stays, as the person reads it: the law, a contract, that it says nothing once the account is erased.
    ///   - impersonal: columns that are about nobody.
    public static func kept(
        _ table: String, of key: PersonKey, personal: [String] = [], secret: [String] = [], because reason: String,
        impersonal: [String] = []
    ) -> PersonalTable {
        PersonalTable(
            table, key, .kept(reason), personal: [], secret: secret, kept: personal, reason: reason,
            impersonal: impersonal)
    }

    /// A table that knows nobody, with its columns of text, bytes, JSON or addresses.
    public static func impersonal(_ table: String, _ columns: String...) -> PersonalTable {
        PersonalTable(
            table, nil, .impersonal, personal: [], secret: [], kept: [], reason: nil, impersonal: columns)
    }

    /// A table of the kernel's that has people in it by whom no row can be found, and that nobody exports.
    package static func kept(
        _ table: String, unfound columns: [String], because reason: String, impersonal: [String] = []
    ) -> PersonalTable {
        PersonalTable(
            table, nil, .kept(reason), personal: [], secret: [], kept: columns, reason: reason, impersonal: impersonal)
    }

    /// A table of the kernel's, out of which a function of its schema takes the person.
    package static func function(
        _ table: String, of key: PersonKey, personal: [String], impersonal: [String]
    ) -> PersonalTable {
        PersonalTable(
            table, key, .function, personal: personal, secret: [], kept: [], reason: nil, impersonal: impersonal)
    }

    /// All columns that it names.
    package var columns: [String] {
        personal + secret + kept + impersonal + changes.filter { !$0.isPersonal }.map(\.column)
            + [key?.column].compactMap { $0 }
    }
}
