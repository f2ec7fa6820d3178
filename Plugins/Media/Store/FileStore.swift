internal import AccountsContract
internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// The statements about files.
///
///     (none) -> loose -> attached -> loose -> (none)      a file of one's own is attached to oneself from the beginning
enum FileStore {
    /// The kind of the files that people keep for themselves.
    static let personal = "media.personal"

    /// Makes a file of an upload.
    static func add(
        _ upload: Upload, type: String, sha256: [UInt8], path: String, _ transaction: borrowing Transaction
    ) async throws {
        let now = transaction.now
        let owner = upload.kind == personal ? upload.person.raw : nil
        let loose = owner == nil ? now : nil
        let isImage = Picture.types.contains(type)
        try await transaction.run(
            """
            insert into media.file (id, person_id, kind, owner_id, name, type, size, sha256, disk, path, pictures, stored_at,
                loose_at)
            values (\(upload.id), \(upload.person), \(upload.kind), \(owner), \(upload.name), \(type), \(upload.length),
                \(sha256), 'directory', \(path), \(isImage ? "waiting" : "none"), \(now), \(loose))
            """)
        if isImage { try await transaction.enqueue("make-pictures", FileJob(file: upload.id), key: "\(upload.id)") }
        try transaction.emit(
            FileStored(
                file: upload.id, person: upload.person, kind: upload.kind, type: type, size: upload.length, at: now))
    }

    /// A file as plugins know it; nil where there is none.
    static func facts(_ file: File.ID, _ database: Database) async throws -> FileFacts? {
        try await database.values(FileFacts.self, statement(file)).first
    }

    static func facts(_ file: File.ID, _ transaction: borrowing Transaction) async throws -> FileFacts? {
        try await transaction.values(FileFacts.self, statement(file)).first
    }

    private static func statement(_ file: File.ID) -> Statement {
        """
        select id, person_id as person, kind, owner_id as owner, name, type, size from media.file where id = \(file)
        """
    }

    /// Somebody's files, the latest first.
    static func list(_ person: Account.ID, _ filter: FileFilter, _ database: Database) async throws -> Listing<FileView>
    {
        let (at, id) = try filter.after.values(Instant.self, File.ID.self)
        return try await database.listing(
            FileView.self, limit: filter.limit, key: ["stored_at", "id"],
            """
            select id, name, kind, type, size, encode(sha256, 'hex') as sha256, pictures, stored_at from media.file
            where person_id = \(person) and (\(at)::timestamptz is null or (stored_at, id) < (\(at), \(id)))
            order by stored_at desc, id desc limit \(filter.limit + 1)
            """)
    }

    static func view(_ file: File.ID, _ database: Database) async throws -> SingleRow<FileView> {
        try await database.row(
            FileView.self,
            """
            select id, name, kind, type, size, encode(sha256, 'hex') as sha256, pictures, stored_at from media.file
            where id = \(file)
            """)
    }

    /// Removes rows of files, and has their bytes removed afterwards.
    ///
    /// - Returns: how many there were.
    @discardableResult
    static func remove(
        _ files: [File.ID], by person: Account.ID?, _ transaction: borrowing Transaction
    ) async throws -> Int {
        let rows = try await transaction.query(
            """
            delete from media.file where id = any(\(files)) and (\(person)::uuid is null or person_id = \(person))
            returning id, kind
            """)
        let now = transaction.now
        for var row in rows {
            let id: File.ID = try row.next()
            try await transaction.enqueue("remove-bytes", FileJob(file: id))
            try transaction.emit(FileRemoved(file: id, kind: try row.next(), at: now))
        }
        return rows.rowCount
    }

    /// The picture of an image that is shown in some width: the smallest that is wide enough, else the widest.
    static func picture(_ file: File.ID, width: Int, _ database: Database) async throws -> Int? {
        let rows = try await database.query(
            """
            select width from media.picture where file_id = \(file)
            order by width < \(width), case when width < \(width) then -width else width end limit 1
            """)
        guard var row = rows.first else { return nil }
        return try row.next()
    }

    /// What somebody uses of the quota.
    static func usage(_ person: Account.ID, _ database: Database) async throws -> Int64 {
        let rows = try await database.query("select bytes from media.usage where person_id = \(person)")
        guard var row = rows.first else { return 0 }
        return try row.next()
    }
}

/// A job about one file.
struct FileJob: Codable, Sendable {
    var file: File.ID
}
