import Audit
import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The chain of the audit")
struct ChainTests {
    /// A region with some sealed changes, and the file with the heads.
    private struct Sealed {
        let world: AuditWorld
        let books: AuditBooks
        let heads: AuditHeads

        init(rounds: Int = 3) async throws {
            world = try await AuditWorld()
            books = AuditBooks(world.plan, world.database)
            let directory = try world.world.writeGeneration()
            heads = AuditHeads(directory: directory, region: "test")
            for round in 0..<rounds {
                try world.database.run(
                    """
                    insert into courses.category (id, name, slug)
                    select gen_random_uuid(), 'Name ' || n, 'slug-' || \(round) || '-' || n from generate_series(1, 4) as n
                    """)
                try #require(try books.seal(heads: heads) > 0)
            }
        }

        func problems() throws -> [String] { try books.verify(heads: heads).problems }
        func id(_ place: Int) throws -> Int {
            try world.number("select id::int from lyceum.audit_entry order by id offset \(place) limit 1")
        }
    }

    @Test("entries of many connections at once, some rolled back, some long under way, are all sealed once, and verify")
    func concurrent() async throws {
        let world = try await AuditWorld()
        let books = AuditBooks(world.plan, world.database)
        let heads = AuditHeads(directory: try world.world.writeGeneration(), region: "test")
        let (installation, plan) = (world.world, world.plan)
        let long = try installation.connection()
        try long.begin()
        try long.run("insert into courses.category (id, name, slug) values (gen_random_uuid(), 'Long', 'long')")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<6 {
                group.addTask {
                    let connection = try installation.connection()
                    for turn in 0..<40 {
                        try connection.begin()
                        for part in 0..<3 {
                            try connection.run(
                                """
                                insert into courses.category (id, name, slug)
                                values (gen_random_uuid(), 'N', \("s-\(writer)-\(turn)-\(part)"))
                                """)
                        }
                        if turn % 5 == 0 { connection.rollback() } else { try connection.commit() }
                        await Task.yield()
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    // Two that seal at a time: one of them does it.
                    let connection = try installation.connection()
                    for _ in 0..<40 {
                        try AuditBooks(plan, connection).seal()
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            try await group.waitForAll()
        }
        try books.seal()
        try long.commit()
        #expect(try books.verify(heads: nil).unsealed == 1)
        try books.seal(heads: heads)
        let result = try books.verify(heads: heads)
        #expect(result.problems == [])
        #expect(result.unsealed == 0 && result.compared == result.seals && result.seals > 1)
        #expect(result.entries == Int64(try world.number("select count(*)::int from lyceum.audit_entry")))
        #expect(
            try world.number(
                "select (count(*) - count(distinct id))::int from (select unnest(entries) as id from lyceum.audit_seal) as one"
            )
                == 0)
        #expect(
            try world.number("select count(*)::int from lyceum.audit_entry where entity = 'courses.category'") == 577)
        let age = try world.text("select coalesce(lyceum.audit_unsealed_age()::text, 'none')")
        #expect(age == "none")
    }

    @Test("more than one seal takes are several seals")
    func many() async throws {
        let world = try await AuditWorld()
        let books = AuditBooks(world.plan, world.database)
        try world.database.run(
            """
            insert into courses.category (id, name, slug)
            select gen_random_uuid(), 'N', 's-' || n from generate_series(1, 2500) as n
            """)
        #expect(try books.seal() == 3)
        #expect(try books.verify(heads: nil).problems == [])
    }

    @Test("an altered entry is named")
    func altered() async throws {
        let sealed = try await Sealed()
        let id = try sealed.id(5)
        #expect(try sealed.problems() == [])
        try sealed.world.database.run("update lyceum.audit_entry set means = 'page', plugin = 'x' where id = \(id)")
        let problems = try sealed.problems()
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("entry \(id) (") == true && problems.first?.contains("was altered") == true)
    }

    @Test("an empty value in place of none is an alteration")
    func emptied() async throws {
        let sealed = try await Sealed()
        try sealed.world.database.run(
            """
            update lyceum.audit_entry set trace = ''
            where id = (select min(id) from lyceum.audit_entry where trace is null)
            """)
        #expect(try sealed.problems().count == 1)
    }

    @Test("a removed entry is named")
    func removed() async throws {
        let sealed = try await Sealed()
        let id = try sealed.id(6)
        try sealed.world.database.run("delete from lyceum.audit_entry where id = \(id)")
        let problems = try sealed.problems()
        #expect(problems.count == 1 && problems.first?.hasPrefix("entry \(id) was removed") == true)
    }

    @Test("an entry that was put in afterwards is named")
    func inserted() async throws {
        let sealed = try await Sealed()
        try sealed.world.database.run(
            """
            insert into lyceum.audit_entry (id, xid, at, entity, key, action, means)
            values (100000, '3', now(), 'courses.course', 'forged', 'created', 'page')
            """)
        let problems = try sealed.problems()
        #expect(problems == ["entry 100000 (courses.course forged) was inserted: no seal has it"])
    }

    @Test("a seal that was altered or removed is named")
    func seals() async throws {
        let sealed = try await Sealed()
        try sealed.world.database.run("update lyceum.audit_seal set at = at + interval '1 hour' where number = 2")
        #expect(try sealed.problems().first == "seal 2 was altered: its hash is another than its head")
        try sealed.world.database.run("delete from lyceum.audit_seal where number > 1")
        let problems = try sealed.problems()
        #expect(problems.first?.hasPrefix("seals 2 to 3 were removed, which /") == true, "\(problems)")
    }

    @Test("a chain that was written anew, consistent in itself, is found by the file outside of the database")
    func rewritten() async throws {
        let sealed = try await Sealed()
        let id = try sealed.id(7)
        try sealed.world.database.run("update lyceum.audit_entry set login = 'somebody else' where id = \(id)")
        // As somebody would who knows how seals are made: from the altered entry on, all anew.
        let database = sealed.world.database
        let first = try sealed.world.number(
            "select number::int from lyceum.audit_seal where entries @> array[\(id)::bigint]")
        try database.script(
            """
            update lyceum.audit_entry set xid = pg_current_xact_id() where id in (
                select unnest(entries) from lyceum.audit_seal where number >= \(first));
            delete from lyceum.audit_seal where number >= \(first);
            update lyceum.audit_position set done_head = 0;
            """)
        try sealed.books.seal()
        #expect(try sealed.books.verify(heads: nil).problems == [])
        let problems = try sealed.problems()
        #expect(problems.first?.hasPrefix("the chain was rewritten from seal \(first) on") == true, "\(problems)")
    }

    @Test("a trigger that was switched off is named")
    func switchedOff() async throws {
        let sealed = try await Sealed()
        try sealed.world.database.script("alter table courses.course disable trigger lyceum_audit")
        #expect(
            try sealed.problems() == [
                "courses.course is not recorded: its trigger is missing, switched off, or another than declared"
            ])
    }

    @Test("after an erasure the chain still verifies")
    func erased() async throws {
        let sealed = try await Sealed()
        #expect(try sealed.books.erase(sealed.world.author.id))
        #expect(try !sealed.books.erase(sealed.world.author.id))
        try sealed.books.seal(heads: sealed.heads)
        #expect(try sealed.problems() == [])
        let lines = try exported(sealed.books)
        #expect(!lines.contains("mary-marker") && lines.contains("radia@example.org"))
        #expect(lines.contains(#"{"$": "erased"}"#) || lines.contains(#"{"$":"erased"}"#))
    }

    @Test("after a dump and restore, where transactions are numbered anew, nothing is lost and nothing is sealed twice")
    func restored() async throws {
        let sealed = try await Sealed()
        let database = sealed.world.database
        try database.run("insert into courses.category (id, name, slug) values (gen_random_uuid(), 'Late', 'late')")
        // What a restore leaves: numbers of transactions that are yet to come.
        try database.run("update lyceum.audit_entry set xid = '900000000'")
        try database.run(
            "update lyceum.audit_position set done = '900000001:900000001:', done_xid = '900000001', target = null")
        _ = try DeliveryBooks(database).rebase()
        #expect(try sealed.books.seal(heads: sealed.heads) > 0)
        let result = try sealed.books.verify(heads: sealed.heads)
        #expect(result.problems == [] && result.unsealed == 0)
        #expect(result.entries == Int64(try sealed.world.number("select count(*)::int from lyceum.audit_entry")))
    }

    private func exported(_ books: AuditBooks) throws -> String {
        var text = ""
        _ = try books.export(since: nil) { text += $0 }
        for line in text.split(separator: "\n") {
            #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil)
        }
        return text
    }
}
