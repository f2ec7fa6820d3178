import Testing

@Suite("A plan tells what a change would do, and does nothing")
struct PlanTests {
    @Test("to enable or disable a plugin, region by region, also for machines")
    func plugins() throws {
        let lyceum = try CommandRun()
        try lyceum.region("studio", "  accounts:\n")
        #expect(try lyceum("migrate").code == 0)
        let disable = try lyceum("plan", "--region", "academy", "--disable", "courses")
        #expect(disable.code == 0)
        #expect(disable.output.hasPrefix("academy\n  - plugin courses is gone; it was 1.0.0\n"), "\(disable.output)")
        for line in [
            "  - setting courses.coursesPerPage is gone; it was 12\n",
            "  - permission courses.course.edit is gone; it was admin, instructor\n",
            "  - hook point courses.publishing is gone\n", "  - route GET /api/courses is gone; it was public\n",
            "  - page GET /courses/mine is gone; it was authenticated\n",
            "  - listener courses.count-learners is gone; it was on courses.enrollment.created v1, from now, 1 lane\n",
        ] { #expect(disable.output.contains(line), "\(line)\(disable.output)") }
        let enable = try lyceum("plan", "--region", "studio", "--enable", "courses")
        #expect(enable.output.hasPrefix("studio\n  + schema courses: roles and schema is new\n"), "\(enable.output)")
        #expect(enable.output.contains("  + route POST /api/courses is new: courses.course.edit\n"))
        let json = try lyceum("plan", "--region", "studio", "--enable", "courses", "--json")
        #expect(json.output.contains(#""kind" : "plugin""#) && json.output.contains(#""change" : "+""#))
        #expect(try lyceum("plan").output == "nothing to do\n")
    }

    @Test("what cannot be is refused with its reason")
    func refused() throws {
        let lyceum = try CommandRun()
        let needed = try lyceum("plan", "--region", "academy", "--disable", "accounts")
        #expect(needed.code == 1)
        #expect(needed.errors.contains("courses 1.0.0, which requires accounts"))
        let misspelt = try lyceum("plan", "--region", "academy", "--enable", "curses")
        #expect(misspelt.code == 1)
        #expect(misspelt.errors.contains("did you mean \"courses\"?"))
        let both = try lyceum("plan", "--region=academy", "--enable=courses", "--disable=courses")
        #expect(both.code == 64)
        #expect(both.errors.contains("courses cannot be both enabled and disabled"))
        let nowhere = try lyceum("plan", "--enable", "courses")
        #expect(nowhere.code == 64)
        #expect(nowhere.errors.contains("--enable and --disable need --region"))
    }

    @Test("what needs `lyceum serve` says that nothing serves")
    func nothingServes() throws {
        let lyceum = try CommandRun()
        #expect(try lyceum("reload").errors.contains("does not exist; run `lyceum up` or `lyceum migrate` first"))
        #expect(try lyceum("migrate").code == 0)
        for command in ["reload", "rollback"] {
            let answer = try lyceum(command)
            #expect(answer.code == 1)
            #expect(answer.errors.contains("nothing serves") && answer.errors.contains("on this host"), "\(answer)")
        }
    }
}
