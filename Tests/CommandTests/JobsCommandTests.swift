import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The book of jobs on the command line")
struct JobsCommandTests {
    @Test("what cannot be done is said in a sentence")
    func sentences() throws {
        let lyceum = try CommandRun()
        let before = try lyceum("jobs", "list", "--region", "academy")
        #expect(before.code == 1)
        #expect(before.errors == "lyceum: region academy: its database is not up to date; run `lyceum migrate` first\n")
        let word = try lyceum("jobs", "show", "--region", "academy", "abc")
        #expect(word.code == 1)
        #expect(word.errors.hasPrefix("lyceum: \"abc\" is no run; it is an id of 36 characters"))
        let state = try lyceum("jobs", "list", "--region", "academy", "--status", "ded")
        #expect(state.code == 64)
        #expect(state.errors.contains("dead"))
    }

    @Test("a region without jobs has an empty list, and no run of any")
    func none() throws {
        let lyceum = try CommandRun()
        #expect(try lyceum("migrate", "--region", "academy").code == 0)
        let list = try lyceum("jobs", "list", "--region", "academy", "--json")
        #expect(list.code == 0)
        #expect(list.output == "[\n\n]\n")
        #expect(try lyceum("jobs", "list", "--region", "academy", "--status", "dead").code == 0)
        let run = try lyceum("jobs", "run", "--region", "academy", "courses.close")
        #expect(run.code == 1)
        #expect(run.errors == "lyceum: region academy has no job \"courses.close\"; its plugins have none\n")
        let cancel = try lyceum("jobs", "cancel", "--region", "academy", "0198c0de-0000-7000-8000-000000000001")
        #expect(cancel.code == 1)
        #expect(cancel.errors.hasPrefix("lyceum: region academy has no run 0198c0de-0000-7000-8000-000000000001;"))
    }

    @Test("programs are given numbers, moments and nulls; a list that is cut says how many more there are")
    func json() throws {
        let lyceum = try CommandRun()
        let cluster = try TestCluster.shared()
        try cluster.createDatabase("jobs_json")
        let conninfo = cluster.conninfo(database: "jobs_json")
        try lyceum.write(
            "regions/academy.yaml", "title: academy\ncurrency: EUR\ndatabase: \"\(conninfo)\"\nplugins:\n  accounts:\n")
        #expect(try lyceum("migrate").code == 0)
        let database = try Connection(conninfo)
        try database.script(
            """
            insert into lyceum.job (id, plugin, job, payload, due_at, queued_at, state, attempt, error, ended_at)
            select ('0198c0de-0000-7000-8000-00000000000' || n)::uuid, 'courses', 'courses.gone', '{"number": 7}',
                '2026-01-31 09:00:00.25Z', '2026-01-31 08:00Z'::timestamptz + n * interval '1 s', 'dead', 3, 'it failed',
                '2026-01-31 10:00Z'
            from generate_series(1, 3) as n
            """)
        func list(_ words: String...) throws -> (errors: String, rows: [[String: Any]]) {
            let answer = try lyceum.run(["jobs"] + words + ["--region", "academy", "--json"])
            #expect(answer.code == 0, "\(answer)")
            let value = try JSONSerialization.jsonObject(with: Data(answer.output.utf8))
            return (answer.errors, value as? [[String: Any]] ?? [value as? [String: Any] ?? [:]])
        }
        let jobs = try list("list").rows
        #expect(jobs.count == 1 && jobs[0]["job"] as? String == "courses.gone")
        #expect(jobs[0]["dead"] as? Int == 3 && jobs[0]["queued"] as? Int == 0)
        #expect(jobs[0]["isDeclared"] as? Bool == false && jobs[0]["schedule"] is NSNull)
        let cut = try list("list", "--status", "dead", "--limit", "2")
        #expect(cut.rows.count == 2 && cut.errors == "1 more; --limit 3 lists all\n", "\(cut)")
        #expect(cut.rows[0]["attempt"] as? Int == 3 && cut.rows[0]["startedAt"] is NSNull)
        #expect(cut.rows[0]["dueAt"] as? String == "2026-01-31T09:00:00.25Z")
        #expect(cut.rows[0]["state"] as? String == "dead" && cut.rows[0]["payload"] == nil)
        #expect(try list("list", "--status", "dead", "--limit", "3").errors.isEmpty)
        let one = try list("show", "0198c0de-0000-7000-8000-000000000001").rows[0]
        #expect((one["payload"] as? [String: Any])?["number"] as? Int == 7, "\(one)")
        #expect(one["result"] is NSNull && (one["causes"] as? [Any])?.isEmpty == true, "\(one)")
    }
}
