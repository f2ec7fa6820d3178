/// All that a region holds about a person, over all its plugins: the kernel's service for the plugin that has the accounts.
///
/// It goes by what plugins declare (``PersonalData``), also by those that are disabled and whose data is still there. It asks
/// nobody whether the person may: whoever uses it has done that.
public protocol PersonalRecords: Sendable {
    /// What there is about a person, table by table, and what erasing would do.
    func holdings(of subject: DataSubject, _ transaction: borrowing Transaction) async throws -> [PersonalHolding]

    /// Exports all of it as one JSON document, in pieces: memory stays flat however much there is.
    ///
    /// - Parameter write: is given the next piece of the document; what it throws ends the export.
    func export(
        of subject: DataSubject, _ transaction: borrowing Transaction, to write: (String) throws -> Void
    ) async throws

    /// Erases what is declared to go, in all plugins, and makes unreadable what the audit says of the person; once more, it
    /// erases what came since.
    ///
    /// - Returns: what was done, table by table; with what stays.
    func erase(_ subject: DataSubject, _ transaction: borrowing Transaction) async throws -> [PersonalHolding]
}

/// What a table has about a person.
public struct PersonalHolding: Sendable, Equatable {
    /// What becomes, or became, of it.
    public enum Fate: String, Sendable {
        /// The rows go.
        case removed
        /// The rows stay, without what is about the person.
        case anonymised
        /// It stays as it is.
        case kept
        /// The plugin's program is not here, so nobody knows what it has.
        case unknown
    }

    /// The plugin's id.
    public let plugin: String
    /// The table, in the plugin's schema; empty where nobody knows.
    public let table: String
    /// What becomes of it.
    public let fate: Fate
    /// How many rows; nil where they cannot be told by person.
    public let rows: Int?
    /// The columns that stay and are about the person; all of a table that is kept whole.
    public let kept: [String]
    /// Why something stays; nil where nothing does.
    public let reason: String?

    package init(plugin: String, table: String, fate: Fate, rows: Int?, kept: [String], reason: String?) {
        (self.plugin, self.table, self.fate) = (plugin, table, fate)
        (self.rows, self.kept, self.reason) = (rows, kept, reason)
    }
}

extension Service where Value == any PersonalRecords {
    /// What the region holds about people; offered wherever people can sign in.
    public static var personalRecords: Service { Service("lyceum.personal_records") }
}
