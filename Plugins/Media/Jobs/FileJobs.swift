internal import AccountsContract
internal import Glibc
internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// What is done with files by itself.
struct FileJobs: Sendable {
    let settings: MediaSettings

    /// Makes the smaller pictures of an image.
    ///
    /// They hold nothing but pixels: what a camera noted, such as where it was, stays in the file as it was uploaded.
    @Sendable func makePictures(_ job: FileJob, _ run: borrowing JobRun) async throws {
        let storage = try DirectoryStorage(run.region)
        let database = run.database
        guard try await FileStore.facts(job.file, database) != nil, let path = storage.path(of: job.file) else {
            return
        }
        let targets = try settings.widths.map { (width: $0, path: try storage.picturePath(of: job.file, width: $0)) }
        defer { for target in targets { unlink(target.path) } }
        guard !targets.isEmpty, let made = try MediaTool.pictures(of: path, mostPixels: settings.imagePixels, targets)
        else {
            return try await note([], of: job.file, run)
        }
        try run.checkCancellation()
        // The tool stops at the first that is as wide as the image: so these are the first of the targets.
        for (target, picture) in zip(targets, made) {
            guard rename(target.path, try storage.picturePath(of: job.file, width: picture.width)) == 0 else {
                throw DiskError(target.path)
            }
            try storage.complete(job.file, width: picture.width)
        }
        try await note(made, of: job.file, run)
    }

    private func note(_ made: [MediaTool.Made], of file: File.ID, _ run: borrowing JobRun) async throws {
        try await run.completing { transaction in
            let state = made.isEmpty ? "refused" : "made"
            let changed = try await transaction.run("update media.file set pictures = \(state) where id = \(file)")
            // It was removed meanwhile; its bytes go with the job that its removal queued, and what came later by the sweep.
            guard changed == 1 else { return }
            try await transaction.run("delete from media.picture where file_id = \(file)")
            for picture in made {
                try await transaction.run(
                    """
                    insert into media.picture (file_id, width, height, size)
                    values (\(file), \(picture.width), \(picture.height), \(picture.size))
                    """)
            }
            try transaction.emit(PicturesMade(file: file, widths: made.map(\.width), at: transaction.now))
        }
    }

    /// Removes the bytes of a file whose row is gone.
    @Sendable func removeBytes(_ job: FileJob, _ run: borrowing JobRun) async throws {
        try DirectoryStorage(run.region).remove(job.file)
    }

    /// What a sweep did.
    struct Swept: Encodable, Sendable {
        var expired = 0
        var finished = 0
        var loose = 0
        var stray = 0
    }

    /// Gives up uploads to which nothing comes, finishes those of which a process died at the end, removes files that belong to
    /// nothing, and bytes that belong to no row.
    @Sendable func sweep(_ run: borrowing JobRun) async throws -> Swept {
        var swept = Swept()
        let writer = try UploadWriter(settings, run.region)
        let database = run.database
        for upload in try await writer.store.expired(database) {
            try run.checkCancellation()
            do { try await writer.end(upload, database) } catch MediaError.locked { continue }
            swept.expired += 1
        }
        for upload in try await writer.store.forgotten(database) {
            try run.checkCancellation()
            do { try await writer.finishAlone(upload, database) } catch is MediaError { continue }
            swept.finished += 1
        }
        let before = database.now - .seconds(settings.orphanHours * 3_600)
        swept.loose = try await database.transaction { transaction in
            let loose = try await transaction.query(
                "select id from media.file where loose_at < \(before) order by loose_at limit 500 for update skip locked"
            )
            var files: [File.ID] = []
            for var row in loose { files.append(try row.next()) }
            return try await FileStore.remove(files, by: nil, transaction)
        }
        swept.stray = try await removeStray(writer.storage, run)
        return swept
    }

    /// How long bytes without a row are left alone: a row may be about to come.
    private static let grace = Duration.seconds(86_400)

    private func removeStray(_ storage: any FileStorage, _ run: borrowing JobRun) async throws -> Int {
        var count = 0
        for share in 0..<256 {
            try run.checkCancellation()
            let old = try storage.old(Self.grace, share: share)
            guard !old.isEmpty else { continue }
            let rows = try await run.database.query(
                """
                select id from unnest(\(old)::uuid[]) as found (id)
                where not exists (select from media.file where file.id = found.id)
                  and not exists (select from media.upload where upload.id = found.id)
                """)
            for var row in rows {
                try storage.remove(try row.next())
                count += 1
            }
        }
        return count
    }
}
