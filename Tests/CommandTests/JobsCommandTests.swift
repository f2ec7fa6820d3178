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
}
