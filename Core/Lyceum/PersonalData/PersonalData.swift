/// What a plugin keeps about people: declared once, so that the kernel can export and erase it without any code of the plugin's.
///
///     PersonalData(
///         .rows("wish", of: "account_id", impersonal: ["note"]),
///         .kept("enrollment", of: "learner_id", because: "Certificates can be verified for as long as the school exists."))
///
/// A plugin with tables declares it, or ``none``; one that does neither is refused. Tables and columns are looked up in the
/// database when the plugin is installed, and a misspelt one is refused. What the audit records of a column that is erased has to
/// be `personal`, `secret` or `ignoring` in ``Audited``, or it would be readable there for ever; that is refused too.
///
/// Exporting goes through the tables in their order, erasing in the opposite order: a table that others refer to stands before
/// those. All of it is one transaction, as the plugin's own role.
///
/// What rows alone do not do, such as the bytes of files, a plugin adds with ``attaching(_:)`` and ``erasing(_:)``.
public struct PersonalData: Declaration {
    /// The tables, in the order in which they are exported.
    public let tables: [PersonalTable]
    /// Whether the plugin says that nobody is in any of its tables.
    package let isNone: Bool
    package private(set) var attachments:
        (@Sendable (DataSubject, borrowing Transaction) async throws -> [PersonalFile])?
    package private(set) var before: (@Sendable (DataSubject, borrowing Transaction) async throws -> Void)?
    /// Where it is declared, for messages: `Courses/CoursesPlugin.swift:20`.
    public let place: String

    /// Declares what there is about people.
    public init(_ tables: PersonalTable..., file: String = #fileID, line: Int = #line) {
        (self.tables, isNone, place) = (tables, false, "\(file):\(line)")
    }

    private init(isNone: Bool) { (tables, self.isNone, place) = ([], isNone, "") }

    /// Nobody is in any table of the plugin, whatever tables it has or will have.
    public static let none = PersonalData(isNone: true)

    /// Also tells of files, whose bytes are fetched from their addresses; called for an export in a region that enables the plugin.
    public func attaching(
        _ files: @escaping @Sendable (DataSubject, borrowing Transaction) async throws -> [PersonalFile]
    ) -> PersonalData {
        var data = self
        data.attachments = files
        return data
    }

    /// Also does something before the rows go: events, jobs that remove bytes.
    ///
    /// It is called in a region that enables the plugin, in the transaction of the erasure; it may be called again for somebody
    /// who has been erased. Where the plugin is disabled, what is declared of tables is done, and no more: no other program
    /// would hear its events or run its jobs.
    public func erasing(
        _ before: @escaping @Sendable (DataSubject, borrowing Transaction) async throws -> Void
    ) -> PersonalData {
        var data = self
        data.before = before
        return data
    }

    /// For plans: `personal data in account, session; kept: course`.
    public var summary: String {
        if isNone { return "no personal data" }
        var (gone, kept): ([String], [String]) = ([], [])
        for table in tables {
            switch table.erasure {
            case .rows, .columns, .function: gone.append(table.name)
            case .kept: kept.append(table.name)
            case .impersonal: break
            }
        }
        let parts = [
            gone.isEmpty ? nil : "personal data in \(gone.joined(separator: ", "))",
            kept.isEmpty ? nil : "kept: \(kept.joined(separator: ", "))",
        ].compactMap { $0 }
        return parts.isEmpty ? "no personal data" : parts.joined(separator: "; ")
    }
}

/// A file in somebody's export: what is known of it, and where its bytes are fetched.
public struct PersonalFile: Sendable {
    /// What it is called.
    public let name: String
    /// Its media type.
    public let type: String
    /// Its length in bytes.
    public let size: Int64
    /// The path in the region from which it can be fetched, for a while without a session: a signed link.
    public let address: String

    /// Describes a file.
    public init(name: String, type: String, size: Int64, address: String) {
        (self.name, self.type, self.size, self.address) = (name, type, size, address)
    }
}
