internal import CPostgreSQL

/// What a libpq connection string says, read as libpq reads it and without connecting.
///
///     try ConnectionParameters("postgresql://db.example.org/school").database    // "school"
public struct ConnectionParameters: Sendable, Equatable {
    /// What is given, by the names that libpq has for it: `host`, `dbname`.
    public let values: [String: String]

    /// Reads a string: `key=value …` or `postgresql://…`.
    ///
    /// - Throws: Kind `.connectionLost`, as connecting with it does, with libpq's sentence.
    public init(_ conninfo: String) throws(DatabaseError) {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(conninfo, &complaint) else {
            defer { PQfreemem(complaint) }
            let reason = complaint.map { String(cString: $0).prefix { !$0.isNewline } } ?? "it cannot be read"
            throw DatabaseError(.connectionLost, "the connection string is none: \(reason)")
        }
        defer { PQconninfoFree(parsed) }
        var values: [String: String] = [:]
        var option = parsed
        // The last one has no name.
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.values = values
    }

    /// The database it names; nil when it names none, and libpq would take the user's name.
    public var database: String? { values["dbname"].flatMap { $0.isEmpty ? nil : $0 } }
}
