internal import AccountsContract
internal import JSON
internal import Lyceum

/// The API of what is held of people: exporting and erasing.
enum PersonalRecordRoutes {
    /// An export; docs/personal-data.md says what is in it.
    struct Export: JSONAnswer {
        let document: String

        static func answer(_ book: Book) throws -> Schema? { try book.schema(ExportView.self) }
        func write(to out: JSONWriter) throws { out.json(document) }
    }

    @Sendable static func exportOwn(_ context: borrowing Context) async throws -> NotStored<Export> {
        let user = try context.user
        // Whoever finds a key is not to have the whole person.
        guard user.scopes == nil else { throw AccountsError.keysMakeNoKeys }
        return NotStored(
            Export(document: try await PersonalRecordStore.export(user.account, context.database)))
    }

    @Sendable static func export(
        _ context: borrowing Context, _ account: Account.ID
    ) async throws -> NotStored<Export> {
        NotStored(Export(document: try await PersonalRecordStore.export(account, context.database)))
    }

    @Sendable static func eraseOwn(
        _ context: borrowing Context, _ body: Body<PasswordConfirmed>
    ) async throws -> NoContent {
        try await eraseOwn(body.value.password, context)
        return NoContent()
    }

    /// Erases whoever asks, who has to know the password: a session that was left open is not enough.
    static func eraseOwn(_ password: Secret<String>, _ context: borrowing Context) async throws {
        let user = try context.user
        guard user.scopes == nil else { throw AccountsError.keysMakeNoKeys }
        let hash = try await AccountStore.passwordHash(of: user.account, context.database)
        guard try Passwords.fits(password.revealed, hash) else { throw AccountsError.wrongPassword }
        _ = try await context.database.transaction {
            try await PersonalRecordStore.erase(user.account, isPartial: false, $0)
        }
    }

    @Sendable static func erase(
        _ context: borrowing Context, _ account: Account.ID, _ body: Body<AddressConfirmed>
    ) async throws -> NoContent {
        try await erase(account, confirmed: body.value.email, context)
        return NoContent()
    }

    /// Erases somebody else, whose address has to be given as well, so that it is nobody else's by mistake.
    static func erase(_ account: Account.ID, confirmed email: String, _ context: borrowing Context) async throws {
        let person = try await PeopleStore.person(account, context.database)
        guard person.email.lowercased() == email.lowercased() else { throw AccountsError.notThatAddress }
        _ = try await context.database.transaction {
            try await PersonalRecordStore.erase(account, isPartial: false, $0)
        }
    }
}
