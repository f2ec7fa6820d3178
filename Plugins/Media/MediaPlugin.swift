public import Lyceum
internal import MediaContract
internal import PostgreSQL

/// Files: uploads that survive a cut, protected downloads, smaller pictures of images; for people and for other plugins.
public struct MediaPlugin: Plugin {
    /// Who the plugin is and what it needs.
    public static let manifest = Manifest(
        id: "media", version: "1.0.0", requires: [.plugin("accounts", from: "1.0.0")])

    /// Schema, permissions, events and the points where others have their say.
    public static var declarations: [any Declaration] {
        Migrations([Migration(1, "media", PackageResources.v1_media_sql)])
        Permission.manageFiles
        Emits(FileStored.self)
        Emits(FileRemoved.self)
        Emits(PicturesMade.self)
        HookPoint(.fileReading)
        HookPoint(.fileKinds)
        // Uploads under way are no records yet, and change with every part that comes.
        Audited("file", personal: ["name", "meta", "sha256"], of: "person_id", ignoring: ["pictures"])
        Audited("secret", secret: ["key"])
        PersonalData(
            .rows("usage", of: "person_id"),
            .rows(
                "upload", of: "person_id", personal: ["name", "meta"], secret: ["digest"],
                impersonal: ["kind", "types"]),
            .rows(
                "file", of: "person_id", personal: ["name", "meta", "sha256"],
                impersonal: ["kind", "type", "disk", "path", "pictures"]),
            .impersonal("secret", "key")
        )
        .attaching(PersonalFiles.list)
        .erasing(PersonalFiles.remove)
    }

    /// Makes the plugin.
    public init() {}

    /// Routes, pages, jobs, the service.
    public func contributions(_ settings: MediaSettings) -> [any Contribution] {
        let uploads = UploadRoutes(settings: settings)
        let pages = FilePages(settings: settings)
        let jobs = FileJobs(settings: settings)

        Route(
            .options, "media/uploads", .public,
            about: "Says what is understood of the tus protocol.",
            uploads.options)
        Route(
            .post, "media/uploads", .authenticated,
            about: "Begins an upload (tus 1.0.0), perhaps with its first part.",
            uploads.create)
        Route(
            .get, "media/uploads/{upload}", .public,
            about: "Says how much of an upload is here, to whoever began it; HEAD does the same.",
            uploads.show)
        Route(
            .patch, "media/uploads/{upload}", .public,
            about: "Adds a part to an upload, for whoever began it.",
            uploads.append)
        Route(
            .delete, "media/uploads/{upload}", .public,
            about: "Ends an upload, for whoever began it.",
            uploads.end)

        Route(
            .get, "media/files", .authenticated,
            about: "Lists the files of who asks, the latest first.",
            FileRoutes.list)
        Route(
            .get, "media/files/{file}", .authenticated,
            about: "Shows what is known of a file, to whoever may read it.",
            FileRoutes.show)
        Route(
            .delete, "media/files/{file}", .authenticated,
            about: "Removes a file, for whoever brought it and for those who manage files.",
            FileRoutes.remove)
        Route(
            .post, "media/files/{file}/links", .authenticated,
            about: "Makes a link to a file that works without a session for a time, for whoever may read the file.",
            FileRoutes.link)
        Route(
            .get, "media/files/{file}/content", .public,
            about: "Sends a file, or a picture of an image, to whoever may read it or has a signed link.",
            FileRoutes.content)

        PageRoute(.get, "media/files", .authenticated, pages.show)
        PageRoute(.post, "media/files", .authenticated, pages.add)
        PageRoute(.get, "media/files/{file}", .authenticated, pages.download)
        PageRoute(.post, "media/files/{file}/removal", .authenticated, pages.remove)
        PageRoute(.post, "media/uploads", .authenticated, pages.begin)
        PageRoute(.get, "media/usage", .permission(.manageFiles), UsagePage.show)
        Navigation(.words("media.nav.files"), path: "/media/files", order: 40, .authenticated)
        Navigation.administration(
            .words("media.nav.usage"), about: .words("media.nav.usage.about"), path: "/media/usage", order: 300,
            .manageFiles)
        MediaTemplates.all
        Translations("en", MediaWords.english)
        Translations("de", MediaWords.german)
        Translations("ar", MediaWords.arabic)

        Offer(.mediaFiles, StoredFiles())
        Job("make-pictures", FileJob.self, timeOut: .seconds(180), attempts: 5, jobs.makePictures)
        Job("remove-bytes", FileJob.self, jobs.removeBytes)
        Job("sweep", at: "*/15 * * * *", timeOut: .seconds(600), attempts: 1, jobs.sweep)
        Gauge("stored_bytes", "How much files and uploads under way have, by their announced length.") { database in
            var row = try await database.query("select coalesce(sum(bytes), 0)::bigint from media.usage").row(0)
            return Double(try row.next(as: Int64.self))
        }
    }
}

extension Permission {
    /// Everybody's files.
    static let manageFiles = Permission(
        "media.file.manage", "See and remove everybody's files, and how much room they take.", roles: [],
        risk: .sensitive)
}
