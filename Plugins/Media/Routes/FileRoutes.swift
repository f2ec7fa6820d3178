internal import AccountsContract
internal import Lyceum
internal import MediaContract

/// Files for whoever brought them, and downloads for whoever may.
enum FileRoutes {
    @Sendable static func list(
        _ context: borrowing Context, _ query: Query<FileFilter>
    ) async throws -> Listing<FileView> {
        try await FileStore.list(try context.user.account, query.value, context.database)
    }

    @Sendable static func show(_ context: borrowing Context, _ file: File.ID) async throws -> SingleRow<FileView> {
        _ = try await FileReading.find(file, context)
        return try await FileStore.view(file, context.database)
    }

    /// Removes a file of one's own, or of anybody's where one may.
    @Sendable static func remove(_ context: borrowing Context, _ file: File.ID) async throws -> NoContent {
        let person = context.may(.manageFiles) ? nil : try context.user.account
        try await context.database.transaction { transaction in
            guard try await FileStore.remove([file], by: person, transaction) == 1 else { throw Problem.notFound }
        }
        return NoContent()
    }

    /// A link that works without a session, for whoever may read the file.
    @Sendable static func link(
        _ context: borrowing Context, _ file: File.ID, _ body: Body<LinkDraft>
    ) async throws -> NotStored<LinkView> {
        _ = try await FileReading.find(file, context)
        // Whole seconds, as the link has them.
        let now = context.database.now.microseconds / 1_000_000
        let until = Instant(microseconds: (now + Int64(body.value.seconds)) * 1_000_000)
        let path = try await FileLinks(context.database).path(file, width: body.value.width, until: until)
        return NotStored(LinkView(path: path, until: until))
    }

    /// The file itself, which nginx sends.
    @Sendable static func content(
        _ context: borrowing Context, _ file: File.ID, _ query: Query<LinkQuery>
    ) async throws -> SentFile {
        let link = query.value
        guard link.signature != nil || link.until != nil else {
            let facts = try await FileReading.find(file, context)
            return try await FileReading.answer(facts, width: link.width, context, caching: "private, no-cache")
        }
        guard try await FileLinks(context.database).isGood(file, link, now: context.database.now) else {
            throw MediaError.badLink
        }
        guard let facts = try await FileStore.facts(file, context.database) else { throw Problem.notFound }
        return try await FileReading.answer(facts, width: link.width, context, caching: "private, max-age=60")
    }
}
