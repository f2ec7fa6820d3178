import Foundation
import Glibc
import LyceumTesting
import PostgreSQL
import Synchronization
import Testing

/// Learners who enrol in one course, many at once, and ask again when they get no answer: every other one with a key, so that
/// it is told of its place even if the first answer was lost.
private final class Crowd: Sendable {
    struct Seen {
        /// Learners who were told 201, as often as they were.
        var made: [String: Int] = [:]
        /// Learners who were told that they have a place already.
        var had: Set<String> = []
        /// Learners with a key who were told again what they had been told, or would have been.
        var again = 0
        /// How often an answer failed because a worker was killed.
        var failures = 0
        /// What nobody may be told.
        var nonsense: [String] = []
    }

    let seen = Mutex(Seen())
    private let next = Atomic<Int>(0)
    private let client: LiveClient
    private let path: String

    init(_ client: LiveClient, course: String) {
        (self.client, path) = (client, "/api/courses/\(course)/enrollment")
    }

    /// Makes learners, each with a session, as many as will ever be needed: a password takes longer to hash than all the rest.
    static func prepare(_ database: Connection, count: Int) throws {
        try database.run(
            """
            insert into accounts.account (id, email, name, password_hash, created_at)
            select ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'l' || n || '@example.org', 'L', '', now()
            from generate_series(1, \(count)) as n
            """)
        try database.run(
            """
            insert into accounts.session (token_hash, account_id, kind, created_at, expires_at)
            select sha256(('learner-' || n)::bytea), ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'api',
                now(), now() + interval '1 day'
            from generate_series(1, \(count)) as n
            """)
    }

    /// The id of a learner that was made by ``prepare(_:count:)``.
    private static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "018f0000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    var failures: Int { seen.withLock { $0.failures } }

    /// Lets so many enrol at a time while `body` runs; whoever has begun by then comes to an end.
    func enrol(atOnce count: Int, while body: () async throws -> Void) async throws {
        let crowd = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        while !Task.isCancelled {
                            try await self.enrol(self.next.add(1, ordering: .relaxed).newValue)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let outcome: Swift.Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        crowd.cancel()
        try await crowd.value
        try outcome.get()
    }

    private func enrol(_ number: Int) async throws {
        let learner = Self.id(number)
        let deadline = Date().addingTimeInterval(60)
        while Date() < deadline {
            let key = [("Idempotency-Key", "enrol-\(number)")]
            let answer = try await client.send(
                TestRequest(
                    "POST", path,
                    headers: [("Authorization", "Bearer learner-\(number)")] + (number % 2 == 0 ? [] : key)))
            let isDone = seen.withLock { seen in
                switch answer.status {
                case 201:
                    seen.made[learner, default: 0] += 1
                    if answer.header("Idempotency-Replayed") != nil { seen.again += 1 }
                    return true
                case 409 where number % 2 == 0 && answer.json("code") as? String == "courses.already_enrolled":
                    seen.had.insert(learner)
                    return true
                case 503 where answer.header("Retry-After") != nil:
                    seen.failures += 1
                    return false
                default:
                    seen.nonsense.append("\(learner): \(answer.status) \(answer.text)")
                    return true
                }
            }
            if isDone { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
        seen.withLock { $0.nonsense.append("\(learner) got no answer in 60 s") }
    }
}

extension Live {
    @Suite("Workers are killed while learners enrol")
    struct EnrollmentKillTests {
        /// Where an enrolment is held up, so that a worker can be killed exactly there.
        private enum Point: CaseIterable {
            case beforeEffect, beforeCommit, inCommit, afterCommit

            var trigger: String {
                switch self {
                case .beforeEffect: "create trigger doze before insert on courses.enrollment for each row"
                case .beforeCommit: "create trigger doze after insert on courses.enrollment for each row"
                case .inCommit:
                    "create constraint trigger doze after insert on courses.enrollment deferrable initially deferred for each row"
                case .afterCommit: ""
                }
            }

            func hold(_ database: Connection) throws {
                try database.script("drop trigger if exists doze on courses.enrollment")
                if !trigger.isEmpty { try database.script(trigger + " execute function courses.doze()") }
            }
        }

        @Test(
            "60 times, 15 each before the effect, before the commit, in it and after it: every place once, with one event"
        )
        func kills() async throws {
            let school = try await LiveSchool()
            let database = try school.world.connection()
            let teacher = try await school.person("grace", roles: ["instructor"])
            let course = try await school.course("swift", by: teacher)
            try Crowd.prepare(database, count: 20_000)
            try database.script(
                """
                create function courses.doze() returns trigger language plpgsql as
                    $$ begin perform pg_sleep(0.1); return new; end $$
                """)
            let crowd = Crowd(school.client, course: course)
            var killed: Set<Int32> = []
            var since = "-infinity"
            try await crowd.enrol(atOnce: 8) {
                for point in Point.allCases {
                    try point.hold(database)
                    for round in 0..<15 {
                        // A supervisor waits longer after each crash in a row; a new generation begins with none.
                        if round % 3 == 0 { try await school.live.reload() }
                        killed.formUnion(try await kill(at: point, since: &since, school, crowd, database))
                    }
                }
                try database.script("drop trigger if exists doze on courses.enrollment")
                let before = crowd.seen.withLock { $0.made.count }
                try await waitUntil("learners enrol undisturbed") {
                    crowd.seen.withLock { $0.made.count } > before + 20
                }
            }

            let seen = crowd.seen.withLock { $0 }
            #expect(seen.nonsense == [])
            #expect(seen.made.values.allSatisfy { $0 == 1 }, "nobody was given a place twice")
            #expect(seen.failures >= 45, "each kill but those after a commit cost an answer")
            #expect(!seen.had.isEmpty && seen.again > 0, "some commits were not told at first")
            #expect(seen.made.count >= 60)
            let enrolled = try database.texts("select learner_id::text from courses.enrollment")
            #expect(Set(enrolled) == Set(seen.made.keys).union(seen.had), "who was told has a place, and nobody else")
            #expect(try Self.complaints(database) == [])
            // The listener counts each event once, whatever happened to the process that emitted it.
            try await waitUntil("the listener has counted") {
                try database.number("select coalesce(sum(learners), 0)::bigint from courses.learner_count")
                    >= enrolled.count
            }
            #expect(try database.number("select sum(learners)::bigint from courses.learner_count") == enrolled.count)
            #expect(try database.number("select count(*) from lyceum.retry") == 0)

            // Each of the killed was replaced, and what replaced the last ones serves.
            #expect(killed.count >= 60)
            try await waitUntil("two web processes run") {
                Set(school.live.webProcesses).subtracting(killed).count == 2
            }
            // What it answered stands in between, where it is known.
            let replaced = school.live.lines.filter {
                $0.contains("was killed by signal 9") && $0.contains("its replacement starts")
            }
            #expect(replaced.count >= 60, "\(replaced.count) replacements for \(killed.count) killed")
            #expect(try await school.client.get("/api/courses/\(course)").json("learners") as? Int == enrolled.count)

            try Self.checkComplaints(database)
        }

        /// Waits until an enrolment is at the point, kills every web process, and waits until each has a successor.
        ///
        /// The server's processes that served those killed before work on to the end of what they were sent, so only those
        /// begun `since` count.
        private func kill(
            at point: Point, since: inout String, _ school: LiveSchool, _ crowd: Crowd, _ database: Connection
        ) async throws -> [Int32] {
            let before = try database.number("select count(*) from courses.enrollment")
            let failures = crowd.failures
            // Known beforehand: nothing may take time between the sight of an enrolment and the kill.
            let victims = school.live.webProcesses
            try await waitUntil("an enrolment at \(point)") {
                guard point != .afterCommit else {
                    return try database.number("select count(*) from courses.enrollment") > before
                }
                return try database.number(
                    """
                    select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event = 'PgSleep' and backend_start > \(since)::timestamptz
                    """) > 0
            }
            for victim in victims { Glibc.kill(victim, SIGKILL) }
            try await waitUntil("\(victims) have ended") { Set(school.live.webProcesses).isDisjoint(with: victims) }
            since = try #require(try database.texts("select clock_timestamp()::text").first)
            if point != .afterCommit {
                // Whoever held the doze got no answer: the process was killed in the middle of it.
                try await waitUntil("a client whose answer was lost at \(point)") { crowd.failures > failures }
            }
            try await waitUntil("successors of \(victims)") {
                let running = school.live.webProcesses
                return running.count >= 2 && Set(running).isDisjoint(with: victims)
            }
            return victims
        }

        /// What is wrong: places without an event, with two, or events without a place.
        private static func complaints(_ database: Connection) throws -> [String] {
            try database.texts(
                """
                select 'no event: ' || learner_id from courses.enrollment where not exists (
                    select from lyceum.event where payload ->> 'enrollment' = enrollment.id::text)
                union all
                select 'two events: ' || min(payload ->> 'learner') from lyceum.event
                where topic = 'courses.enrollment.created' group by payload ->> 'enrollment' having count(*) > 1
                union all
                select 'no place: ' || (payload ->> 'learner') from lyceum.event
                where topic = 'courses.enrollment.created' and not exists (
                    select from courses.enrollment
                    where id::text = payload ->> 'enrollment' and learner_id::text = payload ->> 'learner')
                union all
                select 'two places: ' || learner_id from courses.enrollment group by learner_id having count(*) > 1
                order by 1
                """)
        }

        /// The complaints find what they are to find.
        private static func checkComplaints(_ database: Connection) throws {
            let one = "(select min(id::text) from courses.enrollment)"
            let other = "(select max(id::text) from courses.enrollment)"
            let twice =
                """
                insert into lyceum.event (xid, topic, major, lane, key, payload)
                select xid, topic, major, lane, key, payload from lyceum.event
                """
            try database.script(
                """
                \(twice) where payload ->> 'enrollment' = \(one);
                delete from courses.enrollment where id::text = \(other);
                delete from lyceum.event where payload ->> 'enrollment' = (
                    select max(id::text) from courses.enrollment);
                """)
            let kinds = try complaints(database).map { $0.prefix { $0 != ":" } }
            #expect(kinds == ["no event", "no place", "two events"])
        }
    }
}
