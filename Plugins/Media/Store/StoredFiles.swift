internal import AccountsContract
internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// The service of the files, over the tables.
struct StoredFiles: MediaFiles {
    func attach(
        _ file: File.ID, to owner: FileOwner, by person: Account.ID, _ transaction: borrowing Transaction
    ) async throws -> FileFacts {
        let rows = try await transaction.query(
            """
            select owner_id from media.file where id = \(file) and kind = \(owner.kind) and person_id = \(person) for update
            """)
        guard var row = rows.first else { throw Problem.notFound }
        let before: RawID? = try row.next()
        guard before == nil || before == owner.id else { throw MediaError.belongsElsewhere }
        try await transaction.run("update media.file set owner_id = \(owner.id), loose_at = null where id = \(file)")
        guard let facts = try await FileStore.facts(file, transaction) else { throw Problem.notFound }
        return facts
    }

    func detach(_ file: File.ID, from owner: FileOwner, _ transaction: borrowing Transaction) async throws {
        try await transaction.run(
            """
            update media.file set owner_id = null, loose_at = \(transaction.now)
            where id = \(file) and kind = \(owner.kind) and owner_id = \(owner.id)
            """)
    }

    func files(of owner: FileOwner, _ transaction: borrowing Transaction) async throws -> [FileFacts] {
        try await transaction.values(
            FileFacts.self,
            """
            select id, person_id as person, kind, owner_id as owner, name, type, size from media.file
            where kind = \(owner.kind) and owner_id = \(owner.id) order by stored_at, id
            """)
    }

    func link(
        _ file: File.ID, width: Int?, for duration: Duration, _ transaction: borrowing Transaction
    ) async throws -> String {
        guard try await FileStore.facts(file, transaction) != nil else { throw Problem.notFound }
        return try await FileLinks(transaction).path(file, width: width, until: transaction.now + duration)
    }
}
