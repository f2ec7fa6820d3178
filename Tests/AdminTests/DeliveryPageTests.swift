import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("An operator's pages of deliveries")
struct DeliveryPageTests {
    private let path = "/admin/deliveries/recorder.write-down"

    @Test("the overview shows each listener, how far behind it is, what waits and what was given up")
    func overview() async throws {
        let world = try await AdminWorld()
        try await world.send("k", [1, 2, 3])
        try world.fail(1)
        try world.fail(2, isDead: false)
        try world.fail(3, isDead: false)
        try world.database.run(
            """
            insert into lyceum.cursor (listener, lane, lanes, plugin, topic, major, done, done_xid, done_head)
            select 'old.listener', 0, 1, 'old', topic, major, done, done_xid, done_head from lyceum.cursor
            where listener = 'recorder.write-down'
            """)
        let page = try await world.get("/admin/deliveries")
        #expect(page.status == 200)
        #expect(page.words.contains("recorder.write-down recorder.number.sent v1 3 0 s 2 1 active"))
        #expect(page.words.contains("old.listener recorder.number.sent v1 3 0 s 0 0 no plugin has it"))
        #expect(page.words.contains("courses.count-learners courses.enrollment.created v1 0 – 0 0 active"))
    }

    @Test("what is behind is counted up to a thousand only")
    func bound() async throws {
        let world = try await AdminWorld()
        try world.database.run(
            """
            insert into lyceum.event (xid, topic, major, lane, key, payload)
            select pg_current_xact_id(), 'recorder.number.sent', 1, 0, 'k', '{"key": "k", "number": 1}'
            from generate_series(1, 1500)
            """)
        #expect(try await world.get("/admin/deliveries").words.contains("recorder.number.sent v1 > 1000"))
        #expect(try await world.get(path).words.contains("Behind > 1000"))
        #expect(try DeliveryBooks(world.database).listeners().first { $0.behind > 0 }?.behind == 1_500)
    }

    @Test("a listener's failed events come in pages of fifty, each once, and can be filtered")
    func listener() async throws {
        let world = try await AdminWorld()
        for event in 1...120 {
            try world.fail(Int64(event), key: event % 10 == 0 ? "ten" : "k", isDead: event % 2 == 0)
        }
        var next: String? = path
        var seen: [String] = []
        var pages = 0
        while let target = next {
            let page = try await world.get(target)
            #expect(page.status == 200)
            seen += page.text.matches(of: /<strong>(\d+)<\/strong>/).map { String($0.1) }
            next = page.text.firstMatch(of: /rel="next" href="([^"]+)"/).map {
                String($0.1).replacing("&amp;", with: "&")
            }
            pages += 1
        }
        #expect(seen == (1...120).map(String.init))
        #expect(pages == 3)
        let dead = try await world.get(path + "?state=dead&key=ten")
        #expect(dead.text.matches(of: /<strong>(\d+)<\/strong>/).count == 12)
        #expect(dead.text.contains(#"value="ten""#) && dead.text.contains(#"<option value="dead" selected>"#))
        #expect(try await world.get(path + "?state=waiting&key=ten").words.contains("Nothing that failed fits."))
        #expect(try await world.get(path + "?key=&state=").text.contains(#"rel="next""#))
        #expect(try await world.get("/admin/deliveries/recorder.write-dwn").status == 404)
        #expect(try await world.get("/admin/deliveries/recorder%2Fwrite").status == 404)
    }

    @Test("lanes are shown where there are several")
    func lanes() async throws {
        let world = try await AdminWorld()
        #expect(!(try await world.get(path).text.contains("<details")))
        try world.database.script(
            """
            update lyceum.cursor set lanes = 2 where listener = 'recorder.write-down';
            insert into lyceum.cursor (listener, lane, lanes, plugin, topic, major, done, done_xid, done_head, holder, held_until)
            select listener, 1, 2, plugin, topic, major, done, done_xid, done_head, 'somebody', now() + interval '1 hour'
            from lyceum.cursor where listener = 'recorder.write-down';
            """)
        try await world.send("k", [1, 2, 3])
        let words = try await world.get(path).words
        #expect(words.contains("Lanes 2"))
        #expect(words.contains("Lane 0 ") && words.contains("Lane 1 "))
        #expect(words.contains("idle") && words.contains("at work"))
    }

    @Test("a quarantined listener says why, and is released")
    func quarantine() async throws {
        let world = try await AdminWorld()
        try world.database.run(
            """
            insert into lyceum.listener (name, history, quarantined_at, reason)
            values ('recorder.write-down', 7, '2026-01-31 12:30Z', 'its process was killed')
            """)
        #expect(try await world.get("/admin/deliveries").words.contains("0 – 0 0 quarantined"))
        let reason = "quarantined since 2026-01-31T12:30:00Z: its process was killed"
        #expect(try await world.get(path).words.contains(reason))
        let listeners = try await world.client.get("/api/lyceum/deliveries", token: world.adminToken)
        #expect(listeners.text.contains("\"state\":\"quarantined\",\"quarantine\":\"\(reason)\""))
        let page = try await world.follow(path + "/release", from: path)
        #expect(page.words.contains("The listener is given its events again. Behind"))
        #expect(!page.words.contains(reason))
        let again = try await world.client.send(
            "POST", "/api/lyceum/deliveries/recorder.write-down/release", json: "", token: world.adminToken)
        #expect(again.status == 409)
    }

    @Test("an event shows its data, how often it was tried, and why it failed, down to the statement")
    func event() async throws {
        let world = try await AdminWorld()
        let causes = """
            {"causes": [
                {"sentence": "the number cannot be entered", "kind": "FailedStep"},
                {"sentence": "service recorder.ledger failed", "kind": "service"},
                {"sentence": "column \\"nosuch\\" does not exist (42703)", "kind": "DatabaseError", "sqlState": "42703",
                 "constraint": "some_check", "table": "recorder.seen", "statement": "select 1 < nosuch_column, 2",
                 "position": 12}]}
            """
        try world.fail(
            42, key: "<b>", payload: #"{"key": "</pre><script>", "list": [1, {"deep": null}], "empty": {}}"#,
            error: "the number cannot be entered", causes: causes)
        let page = try await world.get(path + "/42")
        #expect(page.status == 200)
        #expect(
            page.text.contains(
                """
                {
                  &quot;key&quot;: &quot;&lt;/pre&gt;&lt;script&gt;&quot;,
                  &quot;list&quot;: [
                    1,
                    {
                      &quot;deep&quot;: null
                    }
                  ],
                  &quot;empty&quot;: {}
                }
                """))
        #expect(page.text.contains("select 1 &lt; <mark>nosuch_column</mark>, 2"))
        let words = page.words
        #expect(words.contains("the number cannot be entered FailedStep service recorder.ledger failed service column"))
        #expect(words.contains("SQLSTATE 42703 · constraint some_check · recorder.seen"))
        #expect(words.contains("3 attempts") && words.contains("given up"))
        // 12:30 in UTC is an hour later by the region's clock.
        #expect(words.contains("2026-01-31 13:30"))
        #expect(!page.text.contains("<script>"))
        try world.fail(43, error: nil, isDead: false)
        #expect(try await world.get(path + "/43").words.contains("It waits behind an earlier event of its key"))
        let gone = try await world.get(path + "/44")
        #expect(gone.status == 303)
        let back = try await world.get(try #require(gone.header("Location")))
        #expect(back.words.contains("Event 44 does not wait here any more"))
    }

    @Test("trying again says what it did, who did it is noted, and the form needs its token")
    func retry() async throws {
        let world = try await AdminWorld()
        for event in 1...3 { try world.fail(Int64(event)) }
        let forged = try await world.client.post(path + "/1/retry", form: [], cookie: world.admin)
        #expect(forged.status == 403)
        #expect(try world.number("select count(*) from lyceum.retry where dead") == 3)
        let one = try await world.follow(path + "/1/retry", from: path + "/1")
        #expect(one.words.contains("Event 1 is tried again. Behind"))
        #expect(try world.number("select count(*) from lyceum.retry where dead") == 2)
        #expect(
            try world.number("select count(*) from lyceum.retry where not dead and attempt = 0 and due_at <= now()")
                == 1)
        let all = try await world.follow(path + "/retry", from: path)
        #expect(all.words.contains("3 events are tried again. Behind"))
        #expect(all.words.contains("What operators did lately 3 events are tried again."))
        #expect(all.words.contains("radia · on this page"))
        #expect(try world.number("select count(*) from lyceum.retry where dead") == 0)
        // Without having done anything just now, nothing is claimed.
        #expect(!(try await world.get(path).text.contains("alert-success")))
        #expect(!(try await world.client.get(path + "?done=true", cookie: world.learner).text.contains("alert")))
    }

    @Test("skipping asks for a reason, which is kept")
    func skip() async throws {
        let world = try await AdminWorld()
        try world.fail(7)
        let empty = try await world.post(path + "/7/skip", from: path + "/7", [("reason", "  ")])
        #expect(empty.status == 422)
        #expect(empty.text.contains(#"aria-invalid="true""#) && empty.text.contains(#"id="reason-error""#))
        #expect(try world.number("select count(*) from lyceum.retry") == 1)
        let page = try await world.follow(
            path + "/7/skip", from: path + "/7", [("reason", "The course <was> deleted.\nLong ago.")])
        #expect(page.words.contains("Event 7 is skipped. Behind"))
        #expect(page.words.contains("The course <was> deleted. Long ago."))
        #expect(try world.number("select count(*) from lyceum.retry") == 0)
        let again = try await world.post(path + "/7/skip", from: path, [("reason", "twice")])
        #expect(again.status == 409)
        #expect(again.words.contains("This cannot be done, or not any more."))
    }

    @Test("replaying is counted and confirmed first; what is entered wrong is said at its field")
    func replay() async throws {
        let world = try await AdminWorld()
        try await world.send("k", Array(1...5))
        try world.database.run(
            "update lyceum.cursor set done = pg_current_snapshot(), done_head = (select last_value from lyceum.event_id)"
        )
        let head = try world.number("select done_head from lyceum.cursor where listener = 'recorder.write-down'")
        let form = path + "/replay"
        let first = try world.number("select min(id) from lyceum.event where topic = 'recorder.number.sent'")
        let filled = try await world.get(form + "?from=event&event=\(first + 2)")
        #expect(filled.text.contains("value=\"\(first + 2)\""))
        for (fields, field) in [
            ([("from", "event"), ("event", "")], "event"), ([("from", "event"), ("event", "x")], "event"),
            ([("from", "time"), ("at", "")], "at"), ([("from", "time"), ("at", "tomorrow")], "at"),
            ([("from", "time"), ("at", "2026-13-45T99:99")], "at"),
        ] {
            let wrong = try await world.post(form, from: form, fields)
            #expect(wrong.status == 422, "\(fields)")
            #expect(wrong.text.contains("id=\"\(field)-error\""), "\(fields)")
        }
        let asked = try await world.post(form, from: form, [("from", "event"), ("event", "\(first + 2)")])
        #expect(asked.status == 200)
        #expect(asked.words.contains("3 events will be delivered again. Deliver them again"))
        #expect(try world.number("select done_head from lyceum.cursor where listener = 'recorder.write-down'") == head)
        let none = try await world.post(form, from: form, [("from", "time"), ("at", "2099-01-01T00:00")])
        #expect(none.words.contains("0 events will be delivered again.") && !none.text.contains("confirmed"))
        let page = try await world.follow(
            form, from: form, [("from", "event"), ("event", "\(first + 2)"), ("confirmed", "on")])
        #expect(page.words.contains("Everything from event \(first + 2) on is delivered again."))
        #expect(page.words.contains("Behind 3 "))
        #expect(
            try world.number("select done_head from lyceum.cursor where listener = 'recorder.write-down'") == first + 1)
        #expect(try await world.get("/admin/deliveries/none.such/replay").status == 404)
    }

    @Test("a backlog, and a listener that nobody has, are given up once that is confirmed; others are not forgotten")
    func givingUp() async throws {
        let world = try await AdminWorld()
        try await world.send("k", Array(1...3))
        try world.fail(900)
        try world.fail(901, isDead: false)
        let page = try await world.get(path)
        #expect(page.text.contains("href=\"\(path)/skip\"") && !page.text.contains("\(path)/forget"))
        let asked = try await world.get(path + "/skip")
        #expect(asked.words.contains("Behind 3 ") && asked.words.contains("Given up 1 "), "\(asked.words)")
        let unsure = try await world.post(path + "/skip", from: path + "/skip", [("reason", "all is gone")])
        #expect(
            unsure.status == 422 && unsure.text.contains("id=\"confirmed-error\"")
                && unsure.text.contains("all is gone"))
        #expect(try world.number("select count(*) from lyceum.retry") == 2)
        let done = try await world.follow(
            path + "/skip", from: path + "/skip", [("reason", "all is gone"), ("confirmed", "on")])
        #expect(done.words.contains("All that waited is skipped; the listener begins from now."))
        #expect(done.words.contains("Behind 0 ") && done.words.contains("all is gone"), "\(done.words)")
        #expect(try world.number("select count(*) from lyceum.retry") == 0)

        // The same refusals as at the command line.
        let kept = try await world.post(path + "/forget", from: path + "/forget", [("confirmed", "on")])
        #expect(kept.status == 409 && kept.words.contains("belongs to an enabled plugin"), "\(kept.words)")
        let old = "/admin/deliveries/recorder.old"
        try world.database.run(
            """
            insert into lyceum.cursor select (jsonb_populate_record(cursor, '{"listener": "recorder.old"}')).*
            from lyceum.cursor where listener = 'recorder.write-down'
            """)
        try world.database.run(
            """
            insert into lyceum.host (id, name, revision, plugins, digest, seen_at)
            values ('other', 'castor', 1, 'accounts 1.1.0, recorder 9.0.0', '', now())
            """)
        #expect(try await world.get(old).text.contains("href=\"\(old)/forget\""))
        let other = try await world.post(old + "/forget", from: old + "/forget", [("confirmed", "on")])
        #expect(other.status == 409 && other.words.contains("castor serves recorder 9.0.0"), "\(other.words)")
        try world.database.run("update lyceum.host set seen_at = now() - interval '1 minute'")
        let gone = try await world.follow(old + "/forget", from: old + "/forget", [("confirmed", "on")])
        #expect(gone.status == 200 && !gone.words.contains("recorder.old"))
        #expect(try await world.get(old).status == 404)
        #expect(
            try world.number("select count(*) from lyceum.intervention where action in ('skipAll', 'forget')") == 2)
    }

    @Test("the log is read by kind, key and number, and an event leads to its listeners")
    func events() async throws {
        let world = try await AdminWorld()
        try await world.send("odd", Array(1...60))
        try await world.send("even", Array(1...3))
        let start = try await world.get("/admin/events")
        #expect(start.text.contains("/admin/events?event=courses.course.published%20v1"))
        let log = "/admin/events?event=recorder.number.sent%20v1"
        let first = try await world.get(log)
        #expect(first.text.matches(of: /data-label="Key"/).count == 50)
        let next = try #require(first.text.firstMatch(of: /rel="next" href="([^"]+)"/)).1
        let second = try await world.get(String(next).replacing("&amp;", with: "&"))
        #expect(second.text.matches(of: /data-label="Key"/).count == 13)
        #expect(!second.text.contains(#"rel="next""#))
        let even = try await world.get(log + "&key=even")
        #expect(even.text.matches(of: /data-label="Key"/).count == 3)
        #expect(try await world.get(log + "&key=none").words.contains("There is no such event in the log."))
        #expect(try await world.get("/admin/events?event=recorder.number.sent%20v2").status == 404)
        let last = try world.number("select max(id) from lyceum.event where topic = 'recorder.number.sent'")
        try world.fail(Int64(last), isDead: false)
        let event = try await world.get("/admin/events/recorder.number.sent/1/\(last)")
        #expect(event.words.contains(#"{ "key": "even", "number": 3 }"#))
        #expect(event.text.contains("href=\"\(path)/\(last)\""))
        #expect(event.text.contains("\(path)/replay?from=event&amp;event=\(last)"))
        #expect(try await world.get("/admin/events/recorder.number.sent/1/999999").status == 404)
    }

    @Test("a key is looked for in a part of the log at a time, and the page goes on where that ended")
    func window() async throws {
        let world = try await AdminWorld()
        try await world.send("rare", [1])
        try world.database.run(
            """
            insert into lyceum.event (xid, topic, major, lane, key, payload)
            select '3', 'recorder.number.sent', 1, 0, 'k', '{"key": "k", "number": 1}' from generate_series(1, 10050)
            """)
        let page = try await world.get("/admin/events?event=recorder.number.sent%20v1&key=rare")
        #expect(page.words.contains("There is none in this part of the log; older ones may have this key."))
        let next = try #require(page.text.firstMatch(of: /rel="next" href="([^"]+)"/)).1
        let older = try await world.get(String(next).replacing("&amp;", with: "&"))
        #expect(older.text.matches(of: /data-label="Key"/).count == 1)
        #expect(!older.text.contains(#"rel="next""#))
    }

    @Test("pages wait for nobody: those who hold locks on what is shown do not hold them up")
    func locks() async throws {
        let world = try await AdminWorld()
        try world.fail(1)
        let run = try world.run("jobber.steps", state: "running")
        let other = try world.world.connection()
        try other.begin()
        try other.run("update lyceum.cursor set batch = not batch")
        try other.run("update lyceum.retry set attempt = attempt + 1")
        try other.run("update lyceum.job set attempt = attempt + 1")
        defer { other.rollback() }
        for page in [
            "/admin/deliveries", path, path + "/1", "/admin/jobs", "/admin/jobs/runs", "/admin/jobs/runs/\(run)",
        ] {
            #expect(try await world.get(page).status == 200)
        }
    }

    @Test("in a German region the pages are German")
    func german() async throws {
        let world = try await AdminWorld(locale: "de")
        try world.fail(1)
        #expect(try await world.get("/admin").words.contains("Zustellungen Wie weit Zuhörer sind"))
        #expect(try await world.get(path + "/1").words.contains("aufgegeben Warum es fehlschlug"))
        let again = try await world.post(path + "/9/skip", from: path, [("reason", "fort")])
        #expect(again.words.contains("Das geht nicht, oder nicht mehr."))
    }
}
