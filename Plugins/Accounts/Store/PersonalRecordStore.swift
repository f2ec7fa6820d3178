internal import AccountsContract
internal import Lyceum
internal import PostgreSQL

/// Exporting and erasing people: finds who is meant, and has the kernel do the rest.
///
///     live -> erased (name, address and password gone; sessions, keys and roles ended; the id stays, and is nobody's)
enum PersonalRecordStore {
    /// The most that a page or an answer of the API has; `lyceum user export` has no bound.
    static let most = 8_388_608

    /// What is held of somebody, as one JSON document.
    static func export(_ account: Account.ID, _ database: Database) async throws -> String {
        try await database.transaction { transaction in
            let subject = try await subject(account, transaction).subject
            return try await using(transaction) { records, transaction in
                var document = ""
                try await records.export(of: subject, transaction) { piece in
                    guard document.utf8.count + piece.utf8.count <= most else { throw AccountsError.exportTooLarge }
                    document += piece
                }
                return document
            }
        }
    }

    /// What there is of somebody, where there is any, and what would become of it.
    static func holdings(_ account: Account.ID, _ database: Database) async throws -> [PersonalHolding] {
        try await database.transaction { transaction in
            let subject = try await subject(account, transaction).subject
            return try await using(transaction) { try await $0.holdings(of: subject, $1) }
        }
    }

    /// Erases somebody; again, it erases what came since.
    ///
    /// - Parameter isPartial: whether it is done although there are plugins whose programs are not here. What those know by
    ///   the e-mail address alone is never found again.
    /// - Throws: `accounts.last_administrator`, because nobody could make another; `accounts.unknown_data`.
    static func erase(
        _ account: Account.ID, isPartial: Bool, _ transaction: borrowing Transaction
    ) async throws -> [PersonalHolding] {
        let (subject, isErased) = try await subject(account, isLocked: true, transaction)
        _ = try await RoleStore.revoke("admin", from: account, transaction)
        let done = try await using(transaction) { try await $0.erase(subject, $1) }
        let unknown = done.filter { $0.fate == .unknown }.map(\.plugin)
        guard isPartial || unknown.isEmpty else { throw AccountsError.unknownData(unknown) }
        if !isErased { try transaction.emit(AccountErased(account: account, at: transaction.now)) }
        return done
    }

    /// Who is meant; where it is locked, nobody signs in as them until the transaction ends.
    private static func subject(
        _ account: Account.ID, isLocked: Bool = false, _ transaction: borrowing Transaction
    ) async throws -> (subject: DataSubject, isErased: Bool) {
        let rows = try await transaction.query(
            """
            select email, deleted_at is not null from accounts.account where id = \(account)
            \(unescaped: isLocked ? "for no key update" : "")
            """)
        guard var row = rows.first else { throw Problem.notFound }
        let email: String = try row.next()
        return (DataSubject(id: account.raw, email: email.isEmpty ? nil : email), try row.next())
    }

    private static func using<Outcome>(
        _ transaction: borrowing Transaction,
        _ body: (any PersonalRecords, borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome {
        guard let outcome = try await transaction.using(.personalRecords, body) else {
            throw AccountsError.noRecords
        }
        return outcome
    }
}
