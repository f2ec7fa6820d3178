internal import AccountsContract
internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// Who takes how much room, for those who run the place.
enum UsagePage {
    struct Entry: Codable, Sendable {
        var name: String
        var files: Int
        var size: String
    }

    struct View: Codable, Sendable {
        var total: String
        var people: [Entry]
        var isEmpty: Bool
    }

    /// How many people are shown: those who take the most.
    private static let most = 50

    @Sendable static func show(_ context: borrowing Context) async throws -> Page {
        let view = try await context.database.transaction { transaction in
            let results = try await transaction.pipeline([
                "select coalesce(sum(bytes), 0)::bigint from media.usage",
                """
                select person_id, files, bytes from media.usage where files > 0 order by bytes desc, person_id
                limit \(most)
                """,
            ])
            var sum = results[0].row(0)
            let rows = try results[1].map { row -> (person: Account.ID, files: Int, bytes: Int64) in
                var row = row
                return (try row.next(), try row.next(), try row.next())
            }
            let people = rows.map(\.person)
            let names =
                try await transaction.using(.accountDirectory) { try await $0.names(of: people, $1) } ?? [:]
            return View(
                total: FileSize.text(try sum.next()),
                people: rows.map {
                    Entry(name: names[$0.person] ?? "\($0.person)", files: $0.files, size: FileSize.text($0.bytes))
                }, isEmpty: rows.isEmpty)
        }
        return Page("media.usage", title: .words("media.nav.usage"), view)
    }
}
