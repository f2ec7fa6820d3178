internal import AccountsContract
internal import Lyceum
internal import MediaContract

/// What a page's script says to begin an upload.
struct UploadForm: Input {
    @Field("What the file is called.", .length(1...1_000)) var name: String
    @Field("How many bytes it has.", .range(0...1_099_511_627_776)) var size: Int64
}

/// Somebody's own files: to add, to fetch, to remove.
struct FilePages: Sendable {
    let settings: MediaSettings

    struct Entry: Codable, Sendable {
        var id: File.ID
        var name: String
        var type: String
        var size: String
        var at: Moment
        /// A small picture, where there is one.
        var picture: String?
    }

    struct View: Codable, Sendable {
        var files: [Entry]
        var isEmpty: Bool
        var used: Text
        var error: Text?
        var first: String?
        var next: String?
    }

    private func page(
        _ context: borrowing Context, _ filter: FileFilter, error: Text? = nil, status: Int = 200
    ) async throws -> Page {
        let person = try context.user.account
        let listing = try await FileStore.list(person, filter, context.database)
        let files = try listing.values()
        let moments = try await context.moments(files.map(\.storedAt))
        let links = try await FileLinks(context.database)
        let until = context.database.now + .seconds(3_600)
        let entries = zip(files, moments).map { file, at in
            Entry(
                id: file.id, name: file.name, type: file.type, size: FileSize.text(file.size), at: at,
                picture: file.pictures == .made ? links.path(file.id, width: 96, until: until) : nil)
        }
        let used = try await FileStore.usage(person, context.database)
        return Page(
            "media.files", title: .words("media.nav.files"),
            View(
                files: entries, isEmpty: entries.isEmpty,
                used: Text(
                    "media.files.used",
                    ["used": FileSize.text(used), "limit": FileSize.text(settings.personBytes)]),
                error: error, first: filter.after.map { _ in "/media/files" },
                next: listing.next.map { "/media/files?after=" + FormEncoding.encode("\($0)") }), status: status)
    }

    @Sendable func show(_ context: borrowing Context, _ query: Query<FileFilter>) async throws -> Page {
        try await page(context, query.value)
    }

    /// Takes a small file whole, as a form without a script sends it.
    @Sendable func add(_ context: borrowing Context, _ form: FileForm) async throws -> Page {
        guard let file = form.files.first(where: { $0.field == "file" }) else {
            return try await page(context, FileFilter(), error: Text("media.files.choose"), status: 422)
        }
        do {
            let person = try context.user.account
            let kind = try await FileKinds.find(nil, settings, context)
            let writer = try UploadWriter(settings, context.region)
            let (id, name) = (context.database.newID(File.ID.self), try FileName.of(file.name))
            let upload = try await context.database.transaction { transaction in
                try await writer.store.create(
                    id, person, kind, name: name, length: Int64(file.bytes.count), transaction)
            }
            try await writer.store(upload, file.bytes, context.database)
            return .redirect(to: "/media/files")
        } catch let error as MediaError {
            return try await page(context, FileFilter(), error: error.words, status: error.problem.status)
        }
    }

    struct Begun: Codable, Sendable {
        /// Where parts go, and what lets them in.
        var address: String
        var ticket: String
        var name: String
    }

    /// Begins an upload for the page's script, which goes on with it in the API: that has no cookie, so it gets a ticket.
    @Sendable func begin(_ context: borrowing Context, _ form: Form<UploadForm>) async throws -> Page {
        guard let wanted = form.value else {
            return try await page(context, FileFilter(), error: Text("media.files.choose"), status: 422)
        }
        do {
            let person = try context.user.account
            let kind = try await FileKinds.find(nil, settings, context)
            guard wanted.size <= kind.largest else { throw MediaError.tooLarge(kind.largest) }
            let (id, name) = (context.database.newID(File.ID.self), try FileName.of(wanted.name))
            let store = UploadStore(settings: settings)
            let upload = try await context.database.transaction { transaction in
                try await store.create(id, person, kind, name: name, length: wanted.size, transaction)
            }
            let ticket = try await FileLinks(context.database).ticket(upload.id)
            return Page(
                "media.upload", title: .words("media.nav.files"),
                Begun(address: "/api/media/uploads/\(upload.id)", ticket: ticket, name: name))
        } catch let error as MediaError {
            return try await page(context, FileFilter(), error: error.words, status: error.problem.status)
        }
    }

    /// Sends the browser to the file, by a link that is good for a minute: the API knows no cookies.
    @Sendable func download(_ context: borrowing Context, _ file: File.ID) async throws -> Page {
        _ = try await FileReading.find(file, context)
        let until = context.database.now + .seconds(60)
        return .redirect(to: try await FileLinks(context.database).path(file, width: nil, until: until))
    }

    @Sendable func remove(_ context: borrowing Context, _ file: File.ID) async throws -> Page {
        let person = try context.user.account
        try await context.database.transaction { transaction in
            _ = try await FileStore.remove([file], by: person, transaction)
        }
        return .redirect(to: "/media/files")
    }
}

/// Sizes for people.
enum FileSize {
    /// `512 B`, `1.4 MB`.
    static func text(_ bytes: Int64) -> String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        while value >= 999.5, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return unit == 0 || tenths >= 100 || tenths % 10 == 0
            ? "\(Int(value.rounded())) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}

extension MediaError {
    /// The words for a page.
    var words: Text {
        switch self {
        case .tooLarge(let most): Text("media.files.too_large", ["limit": FileSize.text(most)])
        case .personFull(let most): Text("media.files.full", ["limit": FileSize.text(most)])
        case .regionFull: Text("media.files.region_full")
        case .typeRefused(let type, _): Text("media.files.type_refused", ["type": type])
        default: Text("media.files.failed", ["reason": problem.title])
        }
    }
}
