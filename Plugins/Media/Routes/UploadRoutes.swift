internal import AccountsContract
internal import Lyceum
internal import MediaContract

/// Uploads that survive a cut: the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload).
///
/// Whoever began an upload goes on with it: by their token, or by the ticket that the page gave to its script.
struct UploadRoutes: Sendable {
    let settings: MediaSettings

    /// What this server can do.
    @Sendable func options(_ context: borrowing Context) async throws -> TusOptions {
        TusOptions(largest: settings.fileBytes)
    }

    /// Begins an upload, perhaps with its first part.
    @Sendable func create(
        _ context: borrowing Context, _ headers: Headers<TusCreation>, _ body: Streamed
    ) async throws -> TusCreated {
        try await Tus.serve(headers.value.tusResumable) {
            let person = try context.user.account
            guard let length = headers.value.uploadLength else { throw MediaError.noLength }
            if body.length > 0, body.mediaType != UploadRoutes.type { throw MediaError.notBytes }
            let checksum = try headers.value.uploadChecksum.map { try Checksum($0) }
            let metadata = try TusMetadata(headers.value.uploadMetadata)
            let kind = try await FileKinds.find(metadata.values["kind"], settings, context)
            guard length <= kind.largest else { throw MediaError.tooLarge(kind.largest) }
            guard body.length <= length else { throw MediaError.beyondLength(length) }
            let name = try FileName.of(metadata.values["filename"])
            let writer = try UploadWriter(settings, context.region)
            let id = context.database.newID(File.ID.self)
            let upload = try await context.database.transaction { transaction in
                try await writer.store.create(id, person, kind, name: name, length: length, transaction)
            }
            guard body.length > 0 || length == 0 else { return TusCreated(upload: upload) }
            return TusCreated(upload: try await writer.append(context, upload.id, at: 0, body, checksum))
        }
    }

    /// Says how far an upload is; HEAD is the same without the body.
    @Sendable func show(
        _ context: borrowing Context, _ id: File.ID, _ headers: Headers<TusHeaders>
    ) async throws -> TusState {
        try await Tus.serve(headers.value.tusResumable) {
            var upload = try await find(id, headers.value.uploadTicket, context)
            if upload.isComplete, !upload.isFile {
                // A process died after the last part.
                try await UploadWriter(settings, context.region).finishAlone(upload.upload, context.database)
                upload.isFile = true
            }
            return TusState(upload: upload.upload)
        }
    }

    /// Adds a part.
    @Sendable func append(
        _ context: borrowing Context, _ id: File.ID, _ headers: Headers<TusPart>, _ body: Streamed
    ) async throws -> TusDone {
        try await Tus.serve(headers.value.tusResumable) {
            guard body.mediaType == UploadRoutes.type else { throw MediaError.notBytes }
            let found = try await find(id, headers.value.uploadTicket, context)
            guard let offset = headers.value.uploadOffset, offset == found.upload.received else {
                throw MediaError.wrongOffset(found.upload.received)
            }
            let checksum = try headers.value.uploadChecksum.map { try Checksum($0) }
            if found.isFile {
                guard body.length == 0 else { throw MediaError.beyondLength(found.upload.length) }
                return TusDone(upload: found.upload)
            }
            let writer = try UploadWriter(settings, context.region)
            return TusDone(upload: try await writer.append(context, id, at: offset, body, checksum))
        }
    }

    /// Ends an upload; what was sent of it is removed.
    @Sendable func end(
        _ context: borrowing Context, _ id: File.ID, _ headers: Headers<TusHeaders>
    ) async throws -> TusDone {
        try await Tus.serve(headers.value.tusResumable) {
            let found = try await find(id, headers.value.uploadTicket, context)
            // A file is removed where files are.
            guard !found.isFile else { throw Problem.notFound }
            try await UploadWriter(settings, context.region).end(id, context.database)
            return TusDone()
        }
    }

    /// The media type of a part.
    private static let type = "application/offset+octet-stream"

    private struct Found {
        var upload: Upload
        /// Whether it has become a file.
        var isFile: Bool
        var isComplete: Bool { upload.isComplete }
    }

    /// The upload of whoever asks, or the file that it became.
    private func find(_ id: File.ID, _ ticket: String?, _ context: borrowing Context) async throws -> Found {
        let asker = context.principal?.account
        guard asker != nil || ticket != nil else { throw Problem.unauthenticated }
        var isTheirs = false
        if let ticket {
            isTheirs = try await FileLinks(context.database).isTicket(ticket, id)
            guard isTheirs || asker != nil else { throw Problem.unauthenticated }
        }
        if let upload = try await UploadStore(settings: settings).find(id, context.database) {
            guard isTheirs || upload.person == asker else { throw Problem.notFound }
            guard upload.expiresAt > context.database.now else { throw MediaError.expired }
            return Found(upload: upload, isFile: false)
        }
        guard let file = try await FileStore.facts(id, context.database), isTheirs || file.person == asker else {
            throw Problem.notFound
        }
        let upload = Upload(
            id: id, person: file.person, kind: file.kind, types: [], name: file.name, length: file.size,
            received: file.size, digest: [], expiresAt: context.database.now)
        return Found(upload: upload, isFile: true)
    }
}
