import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("An operator's pages of jobs")
struct JobPageTests {
    @Test("the overview shows each job, when it comes next, and how its runs stand")
    func overview() async throws {
        let world = try await AdminWorld(minutely: true)
        for state in ["queued", "running", "failed", "dead", "cancelled"] {
            _ = try world.run("jobber.steps", state: state)
        }
        _ = try world.run("jobber.steps", state: "done", more: "ended_at = now()")
        _ = try world.run("jobber.steps", state: "done", more: "ended_at = now() - interval '2 days'")
        _ = try world.run("gone.job", state: "dead")
        let page = try await world.get("/admin/jobs")
        #expect(page.status == 200)
        let words = page.words
        #expect(
            words.contains(
                "jobber.steps 1 queued 1 running 1 failed, tried again 1 given up 1 cancelled 1 done Run now"))
        #expect(words.contains("gone.job no plugin has it 1 given up"))
        #expect(words.contains("jobber.minutely * * * * * Europe/Berlin Next 20"))
        #expect(page.text.contains("/admin/jobs/runs?job=jobber.steps&amp;state=dead"))
    }

    @Test("runs come in pages of fifty, the newest first, each once, and can be filtered")
    func runs() async throws {
        let world = try await AdminWorld()
        var ids: [String] = []
        for number in 0..<110 {
            ids.append(
                "\(try world.run(number % 2 == 0 ? "jobber.steps" : "jobber.fail", state: number % 5 == 0 ? "dead" : "done"))"
            )
        }
        func walk(_ target: String) async throws -> [String] {
            var next: String? = target
            var seen: [String] = []
            while let target = next {
                let page = try await world.get(target)
                seen += page.text.matches(of: /href="\/admin\/jobs\/runs\/([0-9a-f-]{36})"/).map { String($0.1) }
                next = page.text.firstMatch(of: /rel="next" href="([^"]+)"/).map {
                    String($0.1).replacing("&amp;", with: "&")
                }
            }
            return seen
        }
        #expect(try await walk("/admin/jobs/runs") == ids.reversed())
        #expect(try await walk("/admin/jobs/runs?job=jobber.steps&state=dead").count == 11)
        #expect(try await walk("/admin/jobs/runs?job=&state=dead").count == 22)
        #expect(try await walk("/admin/jobs/runs?job=jobber.fail").count == 55)
        #expect(try await world.get("/admin/jobs/runs?state=nonsense").status == 422)
        #expect(try await world.get("/admin/jobs/runs?state=running").words.contains("There is no such run."))
    }

    @Test("a run shows its progress, its result, or its error with what caused it")
    func run() async throws {
        let world = try await AdminWorld()
        let busy = try world.run(
            "jobber.steps", state: "running",
            more: "progress_done = 3, progress_total = 12, attempt = 1, started_at = now()")
        let page = try await world.get("/admin/jobs/runs/\(busy)")
        #expect(page.words.contains("running Progress 3 / 12"))
        #expect(page.text.contains(#"value="25""#))
        #expect(page.words.contains(#"{ "number": 7, "before": 0, "after": 0 }"#))
        let done = try world.run("jobber.steps", state: "done", more: #"result = '{"a": [1]}', ended_at = now()"#)
        #expect(try await world.get("/admin/jobs/runs/\(done)").words.contains(#"Result { "a": [ 1 ] }"#))
        let causes = #"{"causes": [{"sentence": "outer", "kind": "A"}, {"sentence": "inner", "kind": "B"}]}"#
        let dead = try world.run(
            "jobber.steps", state: "dead",
            more: "error = 'outer', causes = \(causes)::json, ended_at = now(), attempt = 25")
        #expect(try await world.get("/admin/jobs/runs/\(dead)").words.contains("Why it failed outer A inner B"))
        #expect(try await world.get("/admin/jobs/runs/01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11").status == 404)
        #expect(try await world.get("/admin/jobs/runs/nonsense").status == 404)
    }

    @Test("a run is cancelled and run again by its page, which says so")
    func change() async throws {
        let world = try await AdminWorld()
        let run = try world.run("jobber.steps")
        let page = "/admin/jobs/runs/\(run)"
        #expect(!(try await world.get(page).text.contains("\(page)/retry")))
        let cancelled = try await world.follow(page + "/cancel", from: page)
        #expect(cancelled.words.contains("The run is cancelled, or told to end. cancelled"))
        let again = try await world.post(page + "/cancel", from: page)
        #expect(again.status == 409)
        let retried = try await world.follow(page + "/retry", from: page)
        #expect(retried.words.contains("The run is queued again. queued"))
        #expect(retried.words.contains("What operators did lately The run is queued again."))
        #expect(try world.number("select count(*) from lyceum.intervention where subject = \("\(run)")") == 2)
    }

    @Test("a job is run with what it is told, and what does not fit is said at the field")
    func start() async throws {
        let world = try await AdminWorld()
        let form = "/admin/jobs/jobber.steps/run"
        #expect(try await world.get(form).text.contains(">&#10;{}</textarea>"))
        for (payload, fault) in [
            ("", "/number is required"), ("nonsense", "is not JSON"),
            (#"{"number": "x"}"#, "/number must be a whole number"),
        ] {
            let wrong = try await world.post(form, from: form, [("payload", payload)])
            #expect(wrong.status == 422, "\(payload)")
            #expect(wrong.words.contains(fault), "\(payload): \(wrong.words)")
            #expect(wrong.text.contains(#"id="payload-error""#))
        }
        #expect(try world.number("select count(*) from lyceum.job") == 0)
        let page = try await world.follow(
            form, from: form, [("payload", #"{"number": 3, "before": 0, "after": 0}"#)])
        #expect(page.words.contains("The run is queued. queued"))
        #expect(
            try world.number("select count(*) from lyceum.job where job = 'jobber.steps' and state = 'queued'") == 1)
        #expect(try await world.get("/admin/jobs/none.such/run").status == 404)
    }
}
