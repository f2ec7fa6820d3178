internal import Glibc
public import Lyceum
internal import PostgreSQL

/// Things are lent and brought back: the second release, which notes where a thing lies and has another table.
public struct Lending: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "lending", version: "2.0.0")

    /// The same, and what the second release adds to it.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "loans",
                """
                create table lending.loan (item text primary key);
                create table lending.seen (item text);
                """),
            Migration(
                2, "shelves",
                """
                alter table lending.loan add column shelf text not null default 'unknown';
                create table lending.shelf (name text primary key);
                insert into lending.shelf values ('top'), ('bottom');
                """),
        ])
        Permission.seeShelves
        Emits(LoanMade.self)
        HookPoint(GuardPoint<String>("lending.lending"))
    }

    /// Makes the plugin.
    public init() {}

    /// What it does; told to trap, it does.
    public func contributions(_ settings: LendingSettings) -> [any Contribution] {
        LendingRoutes(settings).trapped
        Route(.get, "lending", .public, LendingRoutes(settings).about)
        Route(.post, "lending/loans", .public, LendingRoutes(settings).lend)
        Route(.get, "lending/shelves", .permission(.seeShelves), LendingRoutes(settings).shelves)
        Route(.post, "lending/returns", .public, LendingRoutes(settings).bringBack)
        Route(.post, "lending/naps", .public, LendingRoutes(settings).nap)
        Listener("write-down", on: LoanMade.self) { loan, transaction in
            try await transaction.run("insert into lending.seen values (\(loan.item))")
        }
        Job("remind", at: "0 3 * * *") { run in run.progress(1, of: 1) }
        Obligation("loans", "loans of things that are not back yet") { transaction in
            var count = try await transaction.query("select count(*) from lending.loan").row(0)
            let items = try await transaction.query("select item from lending.loan order by item limit 2")
            return Owed(try count.next(), examples: try items.map { row in try row.next(as: String.self) })
        }
    }
}

extension Permission {
    static let seeShelves = Permission("lending.shelf.see", "See the shelves.", roles: ["student"])
}

/// What a region says about its lending.
public struct LendingSettings: Input {
    /// Where things are lent.
    @Field("Where things are lent.", .length(1...50)) public var desk: String
    /// A key that nobody may see.
    @Field("The key of the cupboard.", .length(8...100)) public var key: Secret<String>?

    /// Makes settings to fill.
    public init() {}
}

/// Something was lent.
public struct LoanMade: Event {
    /// `lending.loan.made`.
    public static let name = "lending.loan.made"
    /// The thing.
    public var item: String
    /// The thing.
    public var key: String { item }
}

struct Loan: Input {
    @Field("The thing.", .length(1...50)) var item: String
}

struct LendingView: View {
    var version: String
    var desk: String
    var isDraining: Bool
}

struct ShelfView: View {
    var name: String
}

struct LendingRoutes: Sendable {
    let desk: String

    init(_ settings: LendingSettings) { desk = settings.desk }

    /// Nothing, unless the desk is a trap.
    var trapped: [any Contribution] {
        if desk == "trap" { abort() }
        return []
    }

    @Sendable func about(_ context: borrowing Context) async throws -> LendingView {
        LendingView(version: "2.0.0", desk: desk, isDraining: context.isDraining)
    }

    @Sendable func lend(_ context: borrowing Context, _ loan: Body<Loan>) async throws -> NoContent {
        try await context.database.transaction { transaction in
            guard !transaction.isDraining else { throw Problem.draining }
            try await transaction.run("insert into lending.loan (item, shelf) values (\(loan.value.item), 'top')")
            try transaction.emit(LoanMade(item: loan.value.item))
        }
        return NoContent()
    }

    @Sendable func bringBack(_ context: borrowing Context) async throws -> NoContent {
        try await context.database.run("delete from lending.loan")
        return NoContent()
    }

    @Sendable func shelves(_ context: borrowing Context) async throws -> Rows<ShelfView> {
        try await context.database.rows(ShelfView.self, "select name from lending.shelf order by name")
    }

    @Sendable func nap(_ context: borrowing Context) async throws -> NoContent {
        try await Task.sleep(for: .seconds(6))
        return NoContent()
    }
}

/// What the host calls once.
@c(lyceum_plugin)
public func lyceumPlugin() -> UnsafeMutableRawPointer {
    PluginExport.box(Lending.self, LyceumRecord.compiledAgainst())
}
