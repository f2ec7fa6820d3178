import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Observed
import PostgreSQL
import Testing

@Suite("Metrics are what Prometheus reads")
struct MetricsTests {
    private func metrics(_ world: TestInstallation) async throws -> ExpositionParser {
        let answer = await OwnThread.get(world.installation, "/metrics")
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        let parsed = ExpositionParser(answer.text)
        #expect(parsed.problems == [], "\(answer.text)")
        return parsed
    }

    @Test("requests by route, errors, events and gauges")
    func all() async throws {
        let world = try await TestInstallation(regions: ["one", "two"], plugins: [ObservedPlugin.self])
        for number in 1...3 {
            let answer = try await world.client().send("POST", "/api/observed/orders", json: #"{"key": "k\#(number)"}"#)
            #expect(answer.status == 204)
        }
        #expect(try await world.client().send("POST", "/api/observed/orders", json: "{}").status == 422)
        #expect(try await world.client().get("/api/observed/boom/0198c0de-0000-7000-8000-000000000001").status == 500)
        let parsed = try await metrics(world)
        let orders = ["region": "one", "plugin": "observed", "method": "POST", "route": "/api/observed/orders"]
        #expect(parsed.value("lyceum_request_duration_seconds_count", orders) == 4)
        #expect(parsed.value("lyceum_request_errors_total", orders.merging(["class": "4xx"]) { $1 }) == 1)
        #expect(
            parsed.value(
                "lyceum_request_errors_total", ["route": "/api/observed/boom/{order}", "class": "5xx", "region": "one"])
                == 1)
        #expect(parsed.value("lyceum_requests_in_flight") == 1)
        #expect((parsed.value("lyceum_request_oldest_seconds") ?? -1) >= 0)
        #expect(parsed.value("lyceum_events_published_total", ["region": "one", "process": "web"]) == 3)
        #expect(parsed.value("lyceum_events_published_total", ["region": "two", "process": "web"]) == 0)
        #expect(parsed.value("lyceum_events_behind", ["region": "one", "listener": "observed.handle"]) == 3)
        #expect(parsed.value("lyceum_region_up", ["region": "two"]) == 1)
        #expect(parsed.value("lyceum_observed_steps", ["region": "one"]) == 3)
        #expect(parsed.value("lyceum_observed_steps", ["region": "two"]) == 0)
        #expect(parsed.value("lyceum_observed_steps_by_name", ["region": "one", "step": "place"]) == 3)
        #expect(parsed.family("lyceum_observed_steps_by_name")?.help == #"Steps \\ that "were" taken, by name."#)
        #expect(parsed.value("lyceum_gauges_up", ["region": "one", "plugin": "observed"]) == 1)
    }

    @Test("what strangers make up adds nothing")
    func cardinality() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        func count() async throws -> Int { try await metrics(world).families.map(\.samples.count).reduce(0, +) }
        _ = try await world.client().get("/nothing")
        _ = try await world.client().get("/api/observed/boom/0198c0de-0000-7000-8000-000000000001")
        let before = try await count()
        for number in 1...30 {
            _ = try await world.client().get("/nothing/\(number)\u{22}\u{0A}")
            _ = try await world.client().get("/api/observed/boom/0198c0de-0000-7000-8000-0000000000\(number + 10)")
            _ = try await world.client(region: "region-\(number)").get("/")
            _ = try await world.client().send(TestRequest("METHOD\(number)", "/api/observed/wait"))
        }
        #expect(try await count() == before)
        // A gauge's own labels have a limit as well.
        try world.connection().script(
            "insert into observed.step select 'step-' || lpad(n::text, 4, '0'), '', '' from generate_series(1, 250) as n"
        )
        let parsed = try await metrics(world)
        let shown = try #require(parsed.family("lyceum_observed_steps_by_name")).samples.compactMap {
            $0.labels["step"]
        }
        #expect(shown == (1...100).map { "step-" + String(repeating: "0", count: 4 - "\($0)".count) + "\($0)" })
    }

    /// A region whose requests share one connection, and a lock that makes them hold it.
    private struct Narrow {
        let world: TestInstallation
        let database: Connection

        init(_ change: (inout Generation.Limits) -> Void) async throws {
            var limits = Generation.Limits()
            limits.connections = 1
            change(&limits)
            world = try await TestInstallation(
                plugins: [ObservedPlugin.self], settings: ["observed": #"{"measures": false}"#], limits: limits)
            database = try world.connection()
            try lock()
        }

        func lock() throws { try database.run("select pg_advisory_lock(42)") }
        func unlock() throws { try database.run("select pg_advisory_unlock(42)") }

        /// Begins a request that holds the connection until the lock is free, and waits until it does.
        func hold() async throws -> Task<Int, Never> {
            let installation = world.installation
            let task = Task { await OwnThread.get(installation, "/api/observed/wait", region: "test").status }
            try await waitUntil("the connection is held") {
                try database.number(
                    "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())"
                ) == 1
            }
            return task
        }

        func get() async -> Int { await OwnThread.get(world.installation, "/api/observed/wait", region: "test").status }

        func metrics() async throws -> ExpositionParser {
            let parsed = ExpositionParser(await OwnThread.get(world.installation, "/metrics").text)
            #expect(parsed.problems == [])
            return parsed
        }
    }

    @Test("waits for connections: how many, how long, and who got none in time")
    func pool() async throws {
        let narrow = try await Narrow { $0.waitMilliseconds = 1_000 }
        let web = ["region": "test", "process": "web"]
        let held = try await narrow.hold()
        #expect(await narrow.get() == 503)
        let said = try #require(narrow.world.log.lines.first { $0.contains("stayed in use for 1000 ms") })
        #expect(said.contains("limits.connections") && said.contains("limits.waitMilliseconds"))
        var parsed = try await narrow.metrics()
        #expect(parsed.value("lyceum_pool_wait_seconds_count", web) == 1)
        #expect(parsed.value("lyceum_pool_wait_seconds_bucket", web.merging(["le": "0.5"]) { $1 }) == 0)
        #expect(parsed.value("lyceum_pool_refused_total", web.merging(["reason": "timeout"]) { $1 }) == 1)
        #expect(parsed.value("lyceum_pool_refused_total", web.merging(["reason": "queue_full"]) { $1 }) == 0)
        // Looking at it needs none of the connections that requests have.
        #expect(parsed.value("lyceum_region_up") == 1)
        try narrow.unlock()
        #expect(await held.value == 204)
        parsed = try await narrow.metrics()
        #expect(parsed.value("lyceum_pool_wait_seconds_count", web) == 1)
        #expect((parsed.value("lyceum_pool_wait_seconds_sum", web) ?? 0) >= 1)
        #expect(parsed.value("lyceum_pool_wait_seconds_count", ["process": "delivery"]) == 0)
    }

    @Test("whoever waits and is served, and what is going on meanwhile")
    func waiting() async throws {
        let narrow = try await Narrow { $0.waitMilliseconds = 60_000 }
        let held = try await narrow.hold()
        let installation = narrow.world.installation
        let waits = Task { await OwnThread.get(installation, "/api/observed/wait", region: "test").status }
        try await waitUntil("both and this one are in flight") {
            let parsed = try await narrow.metrics()
            return parsed.value("lyceum_requests_in_flight") == 3
                && (parsed.value("lyceum_request_oldest_seconds") ?? 0) > 0.3
        }
        try narrow.unlock()
        #expect(await held.value == 204)
        #expect(await waits.value == 204)
        let parsed = try await narrow.metrics()
        #expect(parsed.value("lyceum_pool_wait_seconds_count", ["process": "web"]) == 1)
        #expect(parsed.value("lyceum_pool_refused_total", ["process": "web", "reason": "timeout"]) == 0)
        #expect(parsed.value("lyceum_requests_in_flight") == 1)
    }

    @Test("whoever finds too many waiting is counted, and did not wait")
    func full() async throws {
        let narrow = try await Narrow { $0.waiting = 0 }
        let held = try await narrow.hold()
        for _ in 1...3 { #expect(await narrow.get() == 503) }
        try narrow.unlock()
        #expect(await held.value == 204)
        // What the log says names what an operator may change.
        let said = narrow.world.log.lines.filter {
            $0.contains("all 1 connections are in use and 0 others wait for one")
        }
        #expect(said.count == 3)
        #expect(said.allSatisfy { $0.contains("limits.connections") && $0.contains("limits.waiting") })
        let parsed = try await narrow.metrics()
        #expect(parsed.value("lyceum_pool_refused_total", ["process": "web", "reason": "queue_full"]) == 3)
        #expect(parsed.value("lyceum_pool_wait_seconds_count", ["process": "web"]) == 0)
    }

    @Test("a server that answers no cancellation holds up nobody who asks for metrics")
    func stopped() async throws {
        let cluster = try TestCluster.own()
        let world = try await TestInstallation(
            plugins: [ObservedPlugin.self], settings: ["observed": #"{"hangs": true}"#], cluster: cluster)
        let database = try world.connection()
        // The connections of health and metrics are open afterwards; that of the gauge is another's, if it is one at all.
        _ = try await metrics(world)
        try await waitUntil("what hung was cancelled") {
            try database.number(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")
                == 0
        }
        try await Task.sleep(for: .milliseconds(300))
        func order() async throws -> Int {
            try await world.client().send("POST", "/api/observed/orders", json: #"{"key": "k"}"#).status
        }
        #expect(try await order() == 204)
        // A cancellation goes to the server's first process, which takes it and never answers.
        let server = Int32(try database.number("select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int"))
        kill(server, SIGSTOP)
        let patience = Task {
            try? await Task.sleep(for: .seconds(20))
            kill(server, SIGCONT)
        }
        let (scrape, took) = await OwnThread.timed(world.installation, "/metrics")
        patience.cancel()
        kill(server, SIGCONT)
        #expect(took < .seconds(10), "\(took)")
        let parsed = ExpositionParser(scrape.text)
        #expect(parsed.value("lyceum_gauges_up", ["plugin": "observed"]) == 0)
        #expect(parsed.value("lyceum_region_up") == 1)
        // The cancellation that was under way hits nobody else.
        for _ in 0..<20 {
            #expect(try await order() == 204)
        }
    }

    @Test("what takes long to be counted hides nothing else: the region is up, and its host stays in the balancer")
    func locked() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let database = try world.connection()
        try database.begin()
        try database.run("lock table lyceum.job in access exclusive mode")
        let parsed = try await metrics(world)
        #expect(parsed.value("lyceum_region_up") == 1)
        #expect(parsed.value("lyceum_region_metrics_up") == 0)
        #expect(parsed.value("lyceum_events_behind") == nil)
        #expect(parsed.value("lyceum_observed_steps") == 0)
        #expect(await OwnThread.get(world.installation, "/health/ready").status == 200)
        database.rollback()
        #expect(try await metrics(world).value("lyceum_region_metrics_up") == 1)
    }

    @Test("a backlog is counted up to a bound, and so are runs")
    func bounded() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let database = try world.connection()
        try database.script(
            """
            insert into lyceum.event (xid, topic, major, lane, key, payload, at)
            select pg_current_xact_id(), 'observed.order.placed', 1, 0, 'k', '{}', clock_timestamp() - interval '1 hour'
            from generate_series(1, 6000);
            insert into lyceum.job (id, plugin, job, payload, due_at, state, ended_at)
            select gen_random_uuid(), 'observed', 'observed.' || job, '{}', now(), state,
                case when state <> 'queued' then now() end
            from (values ('finish', 'done', 1500), ('finish', 'dead', 5500), ('finish', 'queued', 7), ('other', 'done', 3))
                as one (job, state, count), generate_series(1, count);
            """)
        let parsed = try await metrics(world)
        #expect(parsed.value("lyceum_events_behind", ["listener": "observed.handle"]) == 2_000)
        #expect((parsed.value("lyceum_events_lag_seconds", ["listener": "observed.handle"]) ?? 0) > 3_590)
        #expect(parsed.value("lyceum_job_runs", ["job": "observed.finish", "state": "dead"]) == 5_000)
        #expect(parsed.value("lyceum_job_runs", ["job": "observed.finish", "state": "queued"]) == 7)
        #expect((parsed.value("lyceum_job_runs", ["job": "observed.finish", "state": "done"]) ?? 1_001) <= 1_000)
        #expect(parsed.value("lyceum_job_runs", ["job": "observed.other", "state": "done"]) == 3)
        #expect(try DeliveryBooks(database).listeners().first { $0.name == "observed.handle" }?.behind == 6_000)
    }

    @Test("a gauge that hangs or fails is missing, said once, and holds up nothing else")
    func gauges() async throws {
        let world = try await TestInstallation(
            plugins: [ObservedPlugin.self], settings: ["observed": #"{"hangs": true, "fails": true}"#])
        for _ in 0..<3 {
            let (scrape, took) = await OwnThread.timed(world.installation, "/metrics")
            #expect(took < .seconds(10), "\(took)")
            let parsed = ExpositionParser(scrape.text)
            #expect(parsed.problems == [])
            #expect(parsed.value("lyceum_gauges_up", ["plugin": "observed"]) == 0)
            #expect(parsed.family("lyceum_observed_hanging_seconds") == nil)
            #expect(parsed.family("lyceum_observed_failing") == nil)
            #expect(parsed.value("lyceum_region_up") == 1)
        }
        // Those that are well are measured, in the first answer or in one of the next.
        try await waitUntil("the others are measured") {
            try await metrics(world).value("lyceum_observed_steps") == 0
        }
        let database = try world.connection()
        try await waitUntil("what hung was cancelled") {
            try database.number(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")
                == 0
        }
        #expect(world.log.lines.filter { $0.contains("cannot be measured") }.count == 1)
    }

    @Test(
        "a gauge with a name that Prometheus has other plans for is refused, with a sentence",
        arguments: [
            ("steps", "it contributes metric lyceum_observed_steps twice"), ("Big", "small letters"),
            ("a-b", "small letters"), ("done_total", "does not end in _total"), ("x_count", "does not end in _count"),
            ("_x", "beginning with a letter"), ("", "beginning with a letter"),
        ])
    func names(_ name: String, _ sentence: String) throws {
        var entry = Generation.RegionEntry()
        (entry.id, entry.title, entry.currency) = ("test", "Test", .eur)
        (entry.database, entry.databaseName) = ("", "test")
        entry.plugins = [.init(id: "observed", settings: #"{"name": "\#(name)"}"#)]
        let registry = try Registry([ObservedPlugin.self])
        let error = #expect(throws: RegionPlanError.self) { try RegionPlan(entry, registry) }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    }
}
