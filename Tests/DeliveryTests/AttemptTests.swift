import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("A part of a transaction may fail by itself")
struct AttemptTests {
    private struct Marked: Event {
        static let name = "attempts.mark.made"
        var key: String
    }

    private struct AttemptsPlugin: Plugin {
        static let manifest = Manifest(id: "attempts", version: "1.0.0")
        static var declarations: [any Declaration] {
            PersonalData.none
            Migrations([Migration(1, "marks", "create table attempts.mark (name text primary key);")])
            Emits(Marked.self)
        }

        init() {}

        func contributions(_ settings: NoSettings) -> [any Contribution] {
            Route(.post, "attempts/marks", .public, AttemptsPlugin.mark)
        }

        /// Makes the marks a, then a again by itself, then b.
        @Sendable static func mark(_ context: borrowing Context) async throws -> NoContent {
            try await context.database.transaction { transaction in
                try await make("a", transaction)
                do {
                    try await transaction.attempt { try await make("a", $0) }
                } catch let error as DatabaseError where error.kind == .unique {
                    try await make("b", transaction)
                }
            }
            return NoContent()
        }

        private static func make(_ name: String, _ transaction: borrowing Transaction) async throws {
            try transaction.emit(Marked(key: name))
            try await transaction.run("insert into attempts.mark values (\(name))")
        }
    }

    @Test("what failed is undone with its events, and the rest is committed")
    func attempt() async throws {
        let world = try await TestInstallation(plugins: [AttemptsPlugin.self])
        #expect(try await world.client().send("POST", "/api/attempts/marks", json: "{}").status == 204)
        let database = try world.connection()
        let marks = try database.query("select name from attempts.mark order by name")
        #expect(try marks.map { row in try row.next(as: String.self) } == ["a", "b"])
        let events = try database.query("select key from lyceum.event order by id")
        #expect(try events.map { row in try row.next(as: String.self) } == ["a", "b"])
    }
}
