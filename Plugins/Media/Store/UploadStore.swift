internal import AccountsContract
internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// The statements about uploads.
struct UploadStore {
    let settings: MediaSettings

    /// Begins an upload, if there is room for it.
    func create(
        _ file: File.ID, _ person: Account.ID, _ kind: FileKind, name: String, length: Int64,
        _ transaction: borrowing Transaction
    ) async throws -> Upload {
        let now = transaction.now
        let upload = Upload(
            id: file, person: person, kind: kind.id, types: kind.types, name: name, length: length,
            received: 0, digest: RunningDigest().state, expiresAt: now + .seconds(settings.uploadHours * 3_600))
        // One after the other, or several at once would each find the room that is left.
        _ = try await transaction.query("select pg_advisory_xact_lock(hashtext('media.quota'))")
        try await transaction.run(
            """
            insert into media.upload (id, person_id, kind, types, name, length, digest, created_at, touched_at, expires_at)
            values (\(upload.id), \(person), \(upload.kind), \(upload.types), \(name), \(length), \(upload.digest), \(now),
                \(now), \(upload.expiresAt))
            """)
        var row = try await transaction.query(
            """
            select coalesce((select bytes from media.usage where person_id = \(person)), 0),
                coalesce((select sum(bytes) from media.usage), 0)::bigint
            """
        ).row(0)
        guard try row.next(as: Int64.self) <= settings.personBytes else {
            throw MediaError.personFull(settings.personBytes)
        }
        guard try row.next(as: Int64.self) <= settings.regionBytes else { throw MediaError.regionFull }
        return upload
    }

    /// An upload; nil where there is none.
    func find(_ file: File.ID, _ database: Database) async throws -> Upload? {
        let rows = try await database.query(
            """
            select id, person_id, kind, types, name, length, received, digest, expires_at from media.upload
            where id = \(file)
            """)
        return try rows.first.map { try UploadStore.upload($0) }
    }

    /// The uploads that are whole since a minute, and of which nobody made a file.
    func forgotten(_ database: Database) async throws -> [Upload] {
        try await database.query(
            """
            select id, person_id, kind, types, name, length, received, digest, expires_at from media.upload
            where received = length and touched_at < \(database.now - .seconds(60)) order by touched_at limit 100
            """
        ).map { try UploadStore.upload($0) }
    }

    private static func upload(_ row: Row) throws -> Upload {
        var row = row
        return Upload(
            id: try row.next(), person: try row.next(), kind: try row.next(), types: try row.next(),
            name: try row.next(), length: try row.next(), received: try row.next(), digest: try row.next(),
            expiresAt: try row.next())
    }

    /// Notes that more of it is here for good.
    func advance(_ upload: inout Upload, to received: Int64, _ digest: [UInt8], _ database: Database) async throws {
        let now = database.now
        let expiry = now + .seconds(settings.uploadHours * 3_600)
        let changed = try await database.run(
            """
            update media.upload set received = \(received), digest = \(digest), touched_at = \(now), expires_at = \(expiry)
            where id = \(upload.id) and received = \(upload.received)
            """)
        guard changed == 1 else { throw Problem.notFound }
        (upload.received, upload.digest, upload.expiresAt) = (received, digest, expiry)
    }

    /// Forgets an upload.
    func end(_ file: File.ID, _ database: Database) async throws {
        try await database.run("delete from media.upload where id = \(file)")
    }

    /// The uploads that are given up, some hundreds at a time.
    func expired(_ database: Database) async throws -> [File.ID] {
        try await database.query(
            "select id from media.upload where expires_at <= \(database.now) order by expires_at limit 500"
        ).map {
            var row = $0
            return try row.next()
        }
    }
}
