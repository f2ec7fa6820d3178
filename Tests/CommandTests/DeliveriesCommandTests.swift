import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Deliveries on the command line")
struct DeliveriesCommandTests {
    /// A region with a database that the test can look into.
    private func world(_ name: String) throws -> (lyceum: CommandRun, database: Connection) {
        let lyceum = try CommandRun()
        let cluster = try TestCluster.shared()
        try cluster.createDatabase(name)
        let conninfo = cluster.conninfo(database: name)
        try lyceum.write(
            "regions/academy.yaml",
            "title: academy\ncurrency: EUR\ndatabase: \"\(conninfo)\"\nplugins:\n  accounts:\n  courses:\n")
        #expect(try lyceum("migrate").code == 0)
        return (lyceum, try Connection(conninfo))
    }

    @Test("a quarantined listener is listed with the reason, and released once")
    func release() throws {
        let (lyceum, database) = try world("deliveries_release")
        try database.script(
            """
            insert into lyceum.listener (name, history, quarantined_at, reason)
            values ('courses.count-learners', 31, now(), '5 of its last 20 attempts ended with their process')
            """)
        let list = try lyceum("deliveries", "list", "--region", "academy")
        #expect(list.output.contains("5 of its last 20 attempts ended with their process"))
        let released = try lyceum("deliveries", "release", "--region", "academy", "courses.count-learners")
        #expect(released.code == 0, "\(released.errors)")
        #expect(released.output == "courses.count-learners is given its events again\n")
        var row = try database.query(
            """
            select quarantined_at is null and reason is null and history = 0,
                (select count(*) from lyceum.intervention where action = 'release' and means = 'command')
            from lyceum.listener
            """
        ).row(0)
        let (isFree, noted): (Bool, Int) = (try row.next(), try row.next())
        #expect((isFree, noted) == (true, 1))
        let again = try lyceum("deliveries", "release", "--region", "academy", "courses.count-learners")
        #expect(again.code == 1)
        #expect(again.errors == "lyceum: courses.count-learners is not quarantined\n")
        let unknown = try lyceum("deliveries", "release", "--region", "academy", "courses.count-lerners")
        #expect(unknown.code == 1)
        #expect(unknown.errors.contains("did you mean \"courses.count-learners\"?"))
    }

    @Test("a listener that hears another event now stops a migration, and is forgotten; one that has its place is not")
    func forget() throws {
        let (lyceum, database) = try world("deliveries_forget")
        let kept = try lyceum("deliveries", "forget", "--yes", "--region", "academy", "courses.count-learners")
        #expect(kept.code == 1)
        #expect(kept.errors.contains("belongs to an enabled plugin"))
        // As an older release of the plugin left it.
        try database.script("update lyceum.cursor set topic = 'courses.enrolment.made'")
        for words in [["plan"], ["migrate"]] {
            let refused = words[0] == "plan" ? try lyceum("plan") : try lyceum("migrate")
            #expect(refused.code == 1)
            #expect(refused.errors.contains("hears courses.enrollment.created v1 now"), "\(words): \(refused.errors)")
            #expect(refused.errors.contains("lyceum deliveries forget --region REGION courses.count-learners"))
        }
        #expect(try lyceum("deliveries", "forget", "--yes", "--region", "academy", "courses.count-learners").code == 0)
        let made = try lyceum("migrate")
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.output.contains("listener courses.count-learners begins from now"))
    }

    @Test("programs are given numbers, moments and nulls; a list that is cut says how many more there are")
    func json() throws {
        let (lyceum, database) = try world("deliveries_json")
        try database.script(
            """
            insert into lyceum.retry (listener, event, lane, key, payload, at, attempt, due_at, error, dead)
            select 'courses.count-learners', n, 0, 'k' || n, '{"number": 7}', '2026-01-31 12:30Z', 3, '2026-02-01 08:00Z',
                'it was unlucky', n > 1
            from generate_series(1, 3) as n
            """)
        func json(_ words: String...) throws -> (errors: String, rows: [[String: Any]]) {
            let answer = try lyceum.run(["deliveries"] + words + ["--region", "academy", "--json"])
            #expect(answer.code == 0, "\(answer)")
            let value = try JSONSerialization.jsonObject(with: Data(answer.output.utf8))
            return (answer.errors, value as? [[String: Any]] ?? [value as? [String: Any] ?? [:]])
        }
        let all = try json("list").rows
        let own = try #require(all.first { $0["listener"] as? String == "courses.count-learners" })
        #expect(own["waiting"] as? Int == 1 && own["dead"] as? Int == 2 && own["lagSeconds"] as? Int == 0)
        #expect(own["topic"] as? String == "courses.enrollment.created" && own["major"] as? Int == 1)
        #expect(own["state"] as? String == "active" && own["quarantine"] is NSNull)
        let cut = try json("show", "courses.count-learners", "--limit", "2")
        #expect(cut.rows.count == 2 && cut.errors == "1 more; --limit 3 lists all\n", "\(cut)")
        #expect(cut.rows[0]["event"] as? Int == 1 && cut.rows[0]["attempts"] as? Int == 3)
        #expect(cut.rows[0]["dueAt"] as? String == "2026-02-01T08:00:00Z", "\(cut)")
        #expect(cut.rows[1]["dueAt"] is NSNull && cut.rows[1]["state"] as? String == "dead")
        let one = try json("show", "courses.count-learners", "2").rows[0]
        #expect((one["payload"] as? [String: Any])?["number"] as? Int == 7, "\(one)")
    }
}
