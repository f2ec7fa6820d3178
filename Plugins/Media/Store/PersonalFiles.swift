internal import AccountsContract
internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// What somebody's export and erasure do besides the rows: the bytes.
enum PersonalFiles {
    /// How long the links of an export work.
    private static let duration = Duration.seconds(7 * 86_400)

    @Sendable static func list(
        _ subject: DataSubject, _ transaction: borrowing Transaction
    ) async throws -> [PersonalFile] {
        let rows = try await transaction.query(
            "select id, name, type, size from media.file where person_id = \(subject.id) order by stored_at, id")
        guard rows.rowCount > 0 else { return [] }
        let links = try await FileLinks(transaction)
        let until = transaction.now + duration
        return try rows.map { row in
            var row = row
            let id: File.ID = try row.next()
            return PersonalFile(
                name: try row.next(), type: try row.next(), size: try row.next(),
                address: links.path(id, width: nil, until: until))
        }
    }

    @Sendable static func remove(_ subject: DataSubject, _ transaction: borrowing Transaction) async throws {
        let files = try await ids(
            "select id from media.file where person_id = \(subject.id) for update", transaction)
        try await FileStore.remove(files, by: nil, transaction)
        // Whoever writes a part at this moment finds no row any more when it is to count.
        let uploads = try await ids("select id from media.upload where person_id = \(subject.id)", transaction)
        for upload in uploads { try await transaction.enqueue("remove-bytes", FileJob(file: upload)) }
    }

    private static func ids(
        _ statement: Statement, _ transaction: borrowing Transaction
    ) async throws -> [File.ID] {
        try await transaction.query(statement).map { row in
            var row = row
            return try row.next()
        }
    }
}
