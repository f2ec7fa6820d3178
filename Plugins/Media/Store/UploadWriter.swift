internal import AccountsContract
internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// Takes the parts of an upload to the disk, and makes a file of it when it is whole.
///
/// A part counts once the row says so, which is after its bytes would outlast a loss of power (one fdatasync for each part).
/// What a process left behind that died before is cut off when the next part comes: so what the row says is always true. A part
/// that broke off counts as far as it came, unless a checksum was to prove it.
struct UploadWriter {
    let store: UploadStore
    let storage: any FileStorage
    /// In bytes: what is held of a body at a time.
    static let piece = 65_536

    init(_ settings: MediaSettings, _ region: Region) throws {
        (store, storage) = (UploadStore(settings: settings), try DirectoryStorage(region))
    }

    /// Adds the body of a request at `offset`.
    ///
    /// - Returns: the upload as it is then; nil where it had become a file.
    func append(
        _ context: borrowing Context, _ file: File.ID, at offset: Int64, _ body: Streamed, _ checksum: Checksum?
    ) async throws -> Upload {
        let part = try open(file)
        guard var upload = try await store.find(file, context.database) else {
            // What was opened is empty and new; the id may be a file's by now.
            try storage.discard(file)
            throw Problem.notFound
        }
        guard upload.expiresAt > context.database.now else { throw MediaError.expired }
        guard upload.received == offset else { throw MediaError.wrongOffset(upload.received) }
        guard !upload.isComplete else {
            guard body.length == 0 else { throw MediaError.beyondLength(upload.length) }
            try await finish(upload, part, context.database)
            return upload
        }
        guard offset + Int64(body.length) <= upload.length else { throw MediaError.beyondLength(upload.length) }
        guard var digest = RunningDigest(state: upload.digest), try part.size >= offset else {
            // The disk has less than the row says: it was lost, and no part that comes can mend that.
            try await store.end(file, context.database)
            throw MediaError.expired
        }
        if try part.size > offset { try part.cut(to: offset) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: UploadWriter.piece, alignment: 16)
        defer { buffer.deallocate() }
        var checksum = checksum
        var received = offset
        var broken: BrokenBody?
        do {
            while case let count = try context.readBody(into: buffer), count > 0 {
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                guard received + Int64(count) <= upload.length else { throw MediaError.beyondLength(upload.length) }
                try part.append(bytes)
                digest.add(bytes)
                checksum?.add(bytes)
                received += Int64(count)
            }
        } catch let error as BrokenBody where checksum == nil {
            broken = error
        } catch {
            try part.cut(to: offset)
            throw error
        }
        if let checksum, !checksum.isRight {
            try part.cut(to: offset)
            throw MediaError.checksumMismatch
        }
        if received > offset {
            try part.sync()
            try await store.advance(&upload, to: received, digest.state, context.database)
        }
        if let broken { throw broken }
        if upload.isComplete { try await finish(upload, part, context.database) }
        return upload
    }

    /// Stores a small file whole.
    func store(_ upload: Upload, _ bytes: [UInt8], _ database: Database) async throws {
        var upload = upload
        let part = try open(upload.id)
        var digest = RunningDigest()
        try bytes.withUnsafeBytes {
            try part.append($0)
            digest.add($0)
        }
        try part.sync()
        try await store.advance(&upload, to: upload.length, digest.state, database)
        try await finish(upload, part, database)
    }

    /// Makes a file of what is whole, while nobody else does.
    func finishAlone(_ upload: Upload, _ database: Database) async throws {
        let part = try open(upload.id)
        guard try await store.find(upload.id, database) != nil else { return try storage.discard(upload.id) }
        try await finish(upload, part, database)
    }

    /// Makes a file of what is whole: its type is looked at, it gets its name on the disk, then its row.
    ///
    /// - Throws: ``MediaError/typeRefused(_:accepted:)``; nothing of it is left then.
    private func finish(_ upload: Upload, _ part: any PartialFile, _ database: Database) async throws {
        // A process died between the new name and the row: what was opened just now is empty and new.
        if try part.size == 0, upload.length > 0 { try storage.discard(upload.id) }
        guard let digest = RunningDigest(state: upload.digest), let path = storage.path(of: upload.id) else {
            try await store.end(upload.id, database)
            throw MediaError.expired
        }
        let type = try MediaTool.type(of: path)
        guard upload.types.contains(type) else {
            try await store.end(upload.id, database)
            try storage.remove(upload.id)
            throw MediaError.typeRefused(type, accepted: upload.types)
        }
        try storage.complete(upload.id)
        let (id, sha256, address) = (upload.id, digest.digest(), storage.address(of: upload.id, width: nil))
        try await database.transaction { transaction in
            let made = try await transaction.run("delete from media.upload where id = \(id)")
            guard made == 1 else { return }
            try await FileStore.add(upload, type: type, sha256: sha256, path: address, transaction)
        }
    }

    private func open(_ file: File.ID) throws -> any PartialFile {
        do { return try storage.open(file) } catch is StorageBusy { throw MediaError.locked }
    }

    /// Ends an upload for whoever began it, or because its time is up.
    func end(_ file: File.ID, _ database: Database) async throws {
        let part = try open(file)
        defer { withExtendedLifetime(part) {} }
        try await store.end(file, database)
        try storage.discard(file)
    }
}

/// The digest that a client says its part has.
struct Checksum {
    private enum Running {
        case sha1(SHA1)
        case sha256(RunningDigest)
    }
    private var running: Running
    private let wanted: [UInt8]

    /// Reads `Upload-Checksum`.
    ///
    /// - Throws: ``MediaError/checksumUnknown``.
    init(_ text: String) throws {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let wanted = Base64.decode(parts[1]) else { throw MediaError.checksumUnknown }
        switch (parts[0].lowercased(), wanted.count) {
        case ("sha1", 20): running = .sha1(SHA1())
        case ("sha256", 32): running = .sha256(RunningDigest())
        default: throw MediaError.checksumUnknown
        }
        self.wanted = wanted
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        switch running {
        case .sha1(var digest):
            digest.add(bytes)
            running = .sha1(digest)
        case .sha256(var digest):
            digest.add(bytes)
            running = .sha256(digest)
        }
    }

    var isRight: Bool {
        switch running {
        case .sha1(let digest): digest.digest() == wanted
        case .sha256(let digest): digest.digest() == wanted
        }
    }
}
