public import Lyceum
internal import PostgreSQL

/// The work of the instruction budgets: an answer without a database, one row, a list of twenty rows of eight fields.
///
/// `Tests/Serving/compare.c` does the same in plain C.
public struct BenchPlugin: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "bench", version: "1.0.0")

    /// A table with twenty rows.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "items",
                """
                create table bench.item (
                    id bigint primary key, title text not null, summary text, level text not null, seats bigint,
                    price_minor bigint not null, currency text not null, published_at timestamptz not null);
                insert into bench.item
                select n, 'Swift in a week, part ' || n, 'From the first line to a small server, an hour a day.',
                    'beginner', 12, 1999, 'EUR', timestamptz '2026-11-21 09:11:44.25+00' + n * interval '1 hour'
                from generate_series(1, 20) as n;
                """)
        ])
    }

    /// Makes the plugin.
    public init() {}

    /// Three routes.
    public func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "bench/hello", .public, BenchRoutes.hello)
        Route(.get, "bench/items/{item}", .public, BenchRoutes.row)
        Route(.get, "bench/items", .public, BenchRoutes.list)
    }
}

struct BenchGreeting: View { var hello: String }

struct BenchItem: View {
    var id: Int
    var title: String
    var summary: String?
    var level: String
    var seats: Int?
    var price: Money
    var publishedAt: Instant
}

enum BenchRoutes {
    @Sendable static func hello(_ context: borrowing Context) async throws -> BenchGreeting {
        BenchGreeting(hello: "world")
    }

    @Sendable static func row(_ context: borrowing Context, _ item: Slug) async throws -> SingleRow<BenchItem> {
        try await context.database.row(
            BenchItem.self,
            """
            select id, title, summary, level, seats, price_minor, currency, published_at
            from bench.item where id = \(Int(item.value) ?? 0)
            """)
    }

    @Sendable static func list(_ context: borrowing Context) async throws -> Rows<BenchItem> {
        try await context.database.rows(
            BenchItem.self,
            """
            select id, title, summary, level, seats, price_minor, currency, published_at
            from bench.item order by id limit 20
            """)
    }
}
