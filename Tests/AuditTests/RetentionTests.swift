import Audit
@_spi(Jobs) import Kernel
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

        /// - Parameter old: for how many days it has been sealed.
        init(old: Int = 40) async throws {
            world = try await AuditWorld()
            books = AuditBooks(world.plan, world.database)
            heads = AuditHeads(directory: try world.world.writeGeneration(), region: "test")
            for round in 0..<3 {
                try change(round)
                try #require(try books.seal() > 0)
            }
            try age(old)
        }

        func change(_ round: Int) throws {
            try world.database.run(
                "insert into courses.category (id, name, slug) values (gen_random_uuid(), 'N', 'n-' || \(round))")
        }

        func seal(_ round: Int) throws {
            try change(round)
            try #require(try books.seal(heads: heads) > 0)
        }

        /// Has all seals made so many days earlier, hashed as the kernel does it, before the file has any of their heads.
        private func age(_ days: Int) throws {
            try world.database.script(
                """
                create function pg_temp.part(value bytea) returns bytea language sql as $$
                    select set_byte(set_byte(set_byte(decode(repeat('00', 8), 'hex'), 0, length(value) & 255),
                        1, length(value) >> 8 & 255), 2, length(value) >> 16 & 255) || value
                $$;
                do $$
                declare
                    one record;
                    made timestamptz;
                    name text;
                    last bytea := decode(repeat('00', 32), 'hex');
                begin
                    for one in select * from lyceum.audit_seal order by number loop
                        made := one.at - interval '\(days) days';
                        name := one.number || ' ' || made || ' ' || array_to_string(one.entries, ',');
                        update lyceum.audit_seal set at = made, previous = last, head = sha256(
                            pg_temp.part(last) || pg_temp.part(convert_to(name, 'UTF8')) || pg_temp.part(one.hashes))
                        where number = one.number returning head into last;
                    end loop;
                end $$
                """)
        }

        func seals() throws -> Int { try world.number("select count(*)::int from lyceum.audit_seal") }

        func forget(_ days: Int, _ most: Int = 50) throws -> Int {
            try world.number("select lyceum.audit_forget(\(days), \(most))::int")
        }

        func problems(_ days: Int? = 30) throws -> [String] { try keeping(days).verify(heads: heads).problems }

        /// The region, where everything is kept for so many days.
        func generation(_ days: Int?) -> Generation {
            var generation = world.world.generation
            generation.regions[0].plugins = generation.regions[0].plugins.map {
                $0.id == "audit"
                    ? Generation.PluginEntry(id: "audit", settings: days.map { #"{"keepDays": \#($0)}"# } ?? "{}") : $0
            }
            return generation
        }

        /// The same books there.
        func keeping(_ days: Int?) throws -> AuditBooks {
            AuditBooks(try RegionPlan(generation(days).regions[0], try Registry(AuditWorld.plugins)), world.database)
        }
    }

    @Test("some at a time, but the last seal, from which the chain goes on; nothing is taken that is not old")
    func forgotten() async throws {
        let sealed = try await Sealed()
        try sealed.seal(5)
        let seals = try sealed.seals()
        #expect(try sealed.forget(41) == 0)
        #expect(try sealed.books.verify(heads: sealed.heads).begins == nil)

        #expect(try sealed.forget(30, 2) > 0)
        #expect(try sealed.seals() == seals - 2)
        #expect(try sealed.problems() == [])
        #expect(try sealed.books.verify(heads: sealed.heads).begins?.number == 2)
        try sealed.seal(6)
        #expect(try sealed.problems() == [])

        // Whatever is asked for, what is younger than thirty days stays.
        while try sealed.forget(-1_000) > 0 {}
        #expect(try sealed.seals() == seals + 1 - 3)
        #expect(try sealed.problems() == [])
        // That it happened is recorded, and the chain goes on.
        try sealed.seal(7)
        #expect(try sealed.problems() == [])
        #expect(
            try sealed.world.number(
                "select count(*)::int from lyceum.audit_entry where entity = 'audit.seal' and action = 'removed'") >= 1)
    }

    @Test("the last seal stays, however old it is")
    func last() async throws {
        let sealed = try await Sealed()
        while try sealed.forget(30) > 0 {}
        #expect(try sealed.seals() == 1)
        #expect(try sealed.problems() == [])
    }

    @Test("where everything is kept any removal is named; where it is kept longer than it was, it is noted")
    func settings() async throws {
        let sealed = try await Sealed()
        try sealed.seal(5)
        #expect(try sealed.forget(30) > 0)
        let problems = try sealed.problems(nil)
        #expect(problems.count == 1 && problems[0].contains("have everything kept"), "\(problems)")
        let longer = try sealed.keeping(365).verify(heads: sealed.heads)
        #expect(longer.problems == [] && longer.notes.count == 1, "\(longer)")
        #expect(longer.notes.first?.contains("was removed when everything was kept for 30 days; now it is 365") == true)
        let same = try sealed.keeping(35).verify(heads: sealed.heads)
        #expect(same.problems == [] && same.notes == [], "\(same)")
    }

    @Test("what was cut off too early, or by somebody who does not know the heads, is named")
    func cut() async throws {
        let sealed = try await Sealed(old: 20)
        try sealed.seal(5)
        // As somebody would who may write the kernel's tables.
        try sealed.world.database.script(
            """
            insert into lyceum.audit_start (number, head, at, days) select number, head, now() - interval '90 days', 60
            from lyceum.audit_seal where number = 2;
            delete from lyceum.audit_entry where id in (select unnest(entries) from lyceum.audit_seal where number <= 2);
            delete from lyceum.audit_seal where number <= 2;
            """)
        #expect(
            try sealed.problems(60).contains { $0.contains("less than the 60 days ago") },
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
        try sealed.seal(5)
        let seals = try sealed.seals()
        let registry = try Registry(AuditWorld.plugins)
        let plan = try RegionPlan(sealed.generation(30).regions[0], registry)
        #expect(plan.jobs.map(\.name) == ["audit.forget"])
        let run = try JobBook(plan, sealed.world.database).enqueue("audit.forget", payload: "{}")
        let installation = try Installation(sealed.generation(30), registry, log: Log { _ in })
        let work = try JobProcess(installation, JobSettings()).start()
        defer {
            work.drain()
            work.wait()
        }
        try await waitUntil("the job is over", within: 60) {
            let state = try sealed.world.text("select state from lyceum.job where id = \(run)")
            return state == "done" || state == "dead" || state == "failed"
        }
        #expect(try sealed.world.text("select error from lyceum.job where id = \(run)") == nil)
        #expect(try sealed.seals() == seals - 3)
        #expect(try sealed.problems() == [])
    }
}
