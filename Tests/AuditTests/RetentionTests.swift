import Audit
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("What is old goes from the audit, and the rest verifies")
struct RetentionTests {
    private struct Sealed {
        let world: AuditWorld
        let books: AuditBooks
        let heads: AuditHeads

        init() async throws {
            world = try await AuditWorld()
            books = AuditBooks(world.plan, world.database)
            heads = AuditHeads(directory: try world.world.writeGeneration(), region: "test")
            for round in 0..<5 { try seal(round) }
        }

        func seal(_ round: Int) throws {
            try world.database.run(
                "insert into courses.category (id, name, slug) values (gen_random_uuid(), 'N', 'n-' || \(round))")
            try #require(try books.seal(heads: heads) > 0)
        }

        func forget(_ most: Int) throws -> Int {
            try world.number("select lyceum.audit_forget(clock_timestamp(), \(most))::int")
        }

        func problems() throws -> [String] { try books.verify(heads: heads).problems }

        /// The same books, where everything is kept for so many days.
        func keeping(_ days: Int) throws -> AuditBooks {
            var entry = world.world.generation.regions[0]
            entry.plugins = entry.plugins.map {
                $0.id == "audit" ? Generation.PluginEntry(id: "audit", settings: #"{"keepDays": \#(days)}"#) : $0
            }
            return AuditBooks(try RegionPlan(entry, try Registry(AuditWorld.plugins)), world.database)
        }
    }

    @Test("some at a time, but the last seal, from which the chain goes on; nothing is taken that is not old")
    func forgotten() async throws {
        let sealed = try await Sealed()
        let seals = try sealed.world.number("select count(*)::int from lyceum.audit_seal")
        #expect(
            try sealed.world.number("select lyceum.audit_forget(clock_timestamp() - interval '1 hour', 50)::int") == 0)
        #expect(try sealed.books.verify(heads: sealed.heads).begins == nil)

        #expect(try sealed.forget(2) > 0)
        #expect(try sealed.world.number("select count(*)::int from lyceum.audit_seal") == seals - 2)
        #expect(try sealed.problems() == [])
        #expect(try sealed.books.verify(heads: sealed.heads).begins?.number == 2)
        try sealed.seal(5)
        #expect(try sealed.problems() == [])

        while try sealed.forget(50) > 0 {}
        #expect(try sealed.world.number("select count(*)::int from lyceum.audit_seal") == 1)
        #expect(try sealed.problems() == [])
        // That it happened is recorded, and the chain goes on.
        try sealed.seal(6)
        #expect(try sealed.problems() == [])
        #expect(
            try sealed.world.number(
                "select count(*)::int from lyceum.audit_entry where entity = 'audit.seal' and action = 'removed'") >= 1)
    }

    @Test("what was cut off too early, or by somebody who does not know the heads, is named")
    func cut() async throws {
        let sealed = try await Sealed()
        // As somebody would who may write the kernel's tables.
        try sealed.world.database.script(
            """
            insert into lyceum.audit_start (number, head, at) select number, head, now() - interval '90 days'
            from lyceum.audit_seal where number = 2;
            delete from lyceum.audit_entry where id in (select unnest(entries) from lyceum.audit_seal where number <= 2);
            delete from lyceum.audit_seal where number <= 2;
            """)
        #expect(try sealed.problems() == [])
        #expect(
            try sealed.keeping(60).verify(heads: sealed.heads).problems.contains {
                $0.contains("less than the 60 days ago")
            },
            "the file of heads knows when the seal was made")
        try sealed.world.database.run("update lyceum.audit_start set head = decode(repeat('00', 32), 'hex')")
        let problems = try sealed.problems()
        #expect(problems.contains { $0.contains("the chain does not begin where it was cut") }, "\(problems)")
        #expect(problems.contains { $0.contains("does not follow seal 2") }, "\(problems)")
        try sealed.world.database.run("delete from lyceum.audit_start")
        #expect(try sealed.problems().contains { $0.contains("seals 1 to 2 were removed") })
    }

    @Test("the plugin has it removed by a job, where its settings say so")
    func job() async throws {
        let sealed = try await Sealed()
        #expect(sealed.world.plan.jobs.isEmpty)
        var entry = sealed.world.world.generation.regions[0]
        entry.plugins = entry.plugins.map {
            $0.id == "audit" ? Generation.PluginEntry(id: "audit", settings: #"{"keepDays": 400}"#) : $0
        }
        let plan = try RegionPlan(entry, try Registry(AuditWorld.plugins))
        #expect(plan.jobs.map(\.name) == ["audit.forget"])
        #expect(try sealed.keeping(400).verify(heads: sealed.heads).problems == [])
    }
}
