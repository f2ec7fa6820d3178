internal import Lyceum
internal import MediaContract

/// The kinds of files of a region.
enum FileKinds {
    /// What people may keep for themselves: nothing that a browser would run.
    static let personal = [
        "image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv",
        "application/zip", "application/gzip", "application/x-tar",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
        "audio/mpeg", "audio/x-m4a", "audio/ogg", "audio/flac", "audio/x-wav", "video/mp4", "video/webm",
        "video/quicktime",
        "video/x-matroska",
    ]

    /// A kind by its name.
    static func find(_ id: String?, _ settings: MediaSettings, _ context: borrowing Context) async throws -> FileKind {
        let id = id ?? FileStore.personal
        if id == FileStore.personal { return FileKind(id, types: personal, largest: settings.fileBytes) }
        let kinds = try await context.collect(.fileKinds, FileKindQuestion())
        guard let kind = kinds.first(where: { $0.id == id }) else { throw MediaError.noSuchKind }
        return FileKind(id, types: kind.types, largest: min(kind.largest, settings.fileBytes))
    }
}

/// Images of which smaller pictures are made.
enum Picture {
    /// Their media types.
    static let types: Set<String> = ["image/jpeg", "image/png", "image/gif", "image/webp"]
}
