/// A table of the plugin's whose changes are recorded where the region keeps an audit: who changed what, from what, to what.
///
///     Audited("course", "category")
///     Audited("account", secret: ["password_hash"], personal: ["email", "name"], of: "id")
///
/// Triggers of the kernel do it, in the transaction that makes the change; the plugin does nothing. They exist only in regions
/// that keep an audit (``AuditTrail``). Tables and columns are looked up in the database when the plugin is installed, and a
/// misspelt one is refused. A table needs a primary key, by which its rows are found in the audit.
public struct Audited: Declaration {
    /// The tables, in the plugin's schema.
    public let tables: [String]
    /// Columns whose values are never recorded, only that they changed: hashes of passwords, tokens.
    public let secret: [String]
    /// Columns that say something about a person: recorded encrypted with a key of that person's, which erasure destroys.
    public let personal: [String]
    /// The column that says which person: an account's id.
    public let person: String?
    /// Columns whose changes alone are not worth recording.
    public let ignored: [String]
    /// Where it is declared, for messages: `Courses/CoursesPlugin.swift:20`.
    public let place: String

    /// Declares tables all of whose columns may be read by whoever may read the audit.
    public init(
        _ first: String, _ second: String, _ more: String..., file: String = #fileID, line: Int = #line
    ) {
        (tables, secret, personal, person, ignored) = ([first, second] + more, [], [], nil, [])
        place = "\(file):\(line)"
    }

    /// Declares a table with columns of which not everything may be kept.
    ///
    /// - Parameters:
    ///   - table: the table, in the plugin's schema.
    ///   - secret: columns whose values are never recorded, only that they changed.
    ///   - personal: columns that say something about a person.
    ///   - person: the column that says which person; nil where the row itself stands for one.
    ///   - ignored: columns whose changes alone are not worth recording; their values are not recorded at all.
    public init(
        _ table: String, secret: [String] = [], personal: [String] = [], of person: String? = nil,
        ignoring ignored: [String] = [], file: String = #fileID, line: Int = #line
    ) {
        (tables, self.secret, self.personal) = ([table], secret, personal)
        (self.person, self.ignored) = (person, ignored)
        place = "\(file):\(line)"
    }

    /// For plans: `audit of account (secret password_hash; personal email, name)`.
    public var summary: String {
        var notes: [String] = []
        if !secret.isEmpty { notes.append("secret \(secret.joined(separator: ", "))") }
        if !personal.isEmpty { notes.append("personal \(personal.joined(separator: ", "))") }
        let note = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
        return "audit of \(tables.joined(separator: ", "))\(note)"
    }
}

/// Has the kernel keep an audit of a region: of every table that a plugin of it declares with ``Audited``.
///
/// One plugin of a region contributes it, and is given what it needs to show the audit: it may read `lyceum.audit_entry` and
/// `lyceum.audit_seal`, and call the functions `lyceum.audit_open`, `lyceum.audit_erase`, `lyceum.audit_forget` and
/// `lyceum.audit_unsealed_age`.
public struct AuditTrail: Contribution {
    /// After how many days what was recorded may be removed; nil: never.
    package let keepDays: Int?

    /// Has an audit kept.
    ///
    /// - Parameter keepDays: after how many days, at the least, the plugin has what was recorded removed, which it does by the
    ///   function `lyceum.audit_forget`; nil: never.
    public init(keepDays: Int? = nil) { self.keepDays = keepDays }

    /// `audit trail`.
    public var summary: String { "audit trail" }
}
