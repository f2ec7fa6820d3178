import Foundation
import Glibc
import Kernel
import Lyceum
import LyceumTesting
import Observed
import PostgreSQL
import Testing

/// A server that takes connections and never says a word.
private final class Mute: Sendable {
    let directory: String
    private let descriptor: Int32

    init() throws {
        directory = "/tmp/lyceum-mute-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: (directory + "/.s.PGSQL.5432").utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 64) == 0)
    }

    deinit {
        close(descriptor)
        try? FileManager.default.removeItem(atPath: directory)
    }
}

@Suite("Health says how each region is, and never hangs")
struct HealthTests {
    /// The regions of a world, some with another database than their own.
    private func installation(_ world: TestInstallation, _ databases: [String: String] = [:]) throws -> Installation {
        var generation = world.generation
        generation.revision = 7
        generation.regions = generation.regions.map { entry in
            var entry = entry
            entry.database = databases[entry.id] ?? entry.database
            return entry
        }
        return try Installation(generation, try Registry([ObservedPlugin.self]), log: Log { _ in })
    }

    private func get(_ installation: Installation, _ path: String) async -> TestResponse {
        await OwnThread.get(installation, path)
    }

    private let nowhere = "host=/nonexistent dbname=none"

    @Test("everything is well")
    func ready() async throws {
        let world = try await TestInstallation(regions: ["one", "two"], plugins: [ObservedPlugin.self])
        let installation = try installation(world)
        let live = await get(installation, "/health/live")
        #expect(live.status == 200 && live.text == #"{"status":"alive","generation":7}"#)
        let ready = await get(installation, "/health/ready")
        #expect(ready.status == 200 && ready.header("Content-Type") == "application/json")
        let plugin = #"{"state":"enabled","installed":"1.2.0","wanted":"1.2.0"}"#
        let region = #"{"status":"ready","database":"up","plugins":{"observed":\#(plugin)}}"#
        #expect(
            ready.text == #"{"status":"ready","generation":7,"regions":{"one":\#(region),"two":\#(region)}}"#)
        let two = await get(installation, "/health/ready/two")
        #expect(two.status == 200 && two.text == #"{"status":"ready","generation":7,"regions":{"two":\#(region)}}"#)
        #expect(await get(installation, "/health/ready/three").status == 404)
        // Whatever looks here reads no pages.
        for path in ["/health/ready/three", "/health/ready/", "/health/nix", "/health", "/metrics/nix"] {
            let answer = await get(installation, path)
            #expect(answer.status == 404 && answer.header("Content-Type") == "application/problem+json", "\(path)")
            #expect(answer.json("status") as? Int == 404, "\(answer.text)")
        }
        #expect(await get(installation, "/healthy").header("Content-Type")?.hasPrefix("text/html") == true)
    }

    @Test("one region that is down takes no other with it; only when all are is the whole unavailable")
    func degraded() async throws {
        let world = try await TestInstallation(regions: ["one", "two"], plugins: [ObservedPlugin.self])
        let some = try installation(world, ["two": nowhere])
        let ready = await get(some, "/health/ready")
        #expect(ready.status == 200 && ready.json("status") as? String == "degraded")
        #expect(ready.json("regions", "one", "status") as? String == "ready")
        #expect(ready.json("regions", "two", "status") as? String == "unavailable")
        #expect(ready.json("regions", "two", "database") as? String == "away")
        #expect(ready.json("regions", "two", "reason") as? String == "the database cannot be reached")
        #expect(ready.json("regions", "two", "plugins", "observed", "wanted") as? String == "1.2.0")
        #expect(ready.json("regions", "two", "plugins", "observed", "installed") == nil)
        #expect(await get(some, "/health/ready/one").status == 200)
        #expect(await get(some, "/health/ready/two").status == 503)
        let none = try installation(world, ["one": nowhere, "two": nowhere])
        let unavailable = await get(none, "/health/ready")
        #expect(unavailable.status == 503 && unavailable.json("status") as? String == "unavailable")
        #expect(await get(none, "/health/live").status == 200)
    }

    @Test("a database that hangs is waited for two seconds, and then not again until it says something")
    func bounded() async throws {
        let world = try await TestInstallation(regions: ["one", "two"], plugins: [ObservedPlugin.self])
        let mute = try Mute()
        let installation = try installation(
            world, ["two": "host=\(mute.directory) port=5432 dbname=x connect_timeout=30"])
        let (first, long) = await OwnThread.timed(installation, "/health/ready")
        #expect(long > .seconds(1) && long < .seconds(8), "\(long)")
        #expect(first.status == 200 && first.json("regions", "two", "database") as? String == "silent")
        // By itself: the other region's database may have much to do for other tests.
        let (second, short) = await OwnThread.timed(installation, "/health/ready/two")
        #expect(short < .seconds(1), "\(short)")
        #expect(second.status == 503)
        let (scrape, took) = await OwnThread.timed(installation, "/metrics")
        #expect(took < .seconds(10), "\(took)")
        let metrics = ExpositionParser(scrape.text)
        #expect(metrics.problems == [])
        #expect(metrics.value("lyceum_region_up", ["region": "two"]) == 0)
        #expect(metrics.value("lyceum_region_up", ["region": "one"]) == 1)
        #expect(metrics.value("lyceum_observed_steps", ["region": "one"]) == 0)
        #expect(metrics.value("lyceum_gauges_up", ["region": "two"]) == 0)
        withExtendedLifetime(mute) {}
    }

    @Test("it says that a generation is another one again, and what plugins that drain still owe")
    func changes() async throws {
        let world = try await TestInstallation(regions: ["one"], plugins: [ObservedPlugin.self])
        let database = try world.connection()
        var generation = world.generation
        (generation.revision, generation.restored) = (9, 4)
        generation.regions[0].plugins[0].isDraining = true
        let installation = try Installation(generation, try Registry([ObservedPlugin.self]), log: Log { _ in })
        try PluginRecord.decide(.draining, plugin: "observed", database)
        for key in ["a", "b"] {
            #expect(
                try await world.client().send("POST", "/api/observed/orders", json: #"{"key": "\#(key)"}"#).status
                    == 204)
        }
        #expect(
            await get(installation, "/health/live").text == #"{"status":"alive","generation":9,"restored":4}"#)
        let ready = await get(installation, "/health/ready")
        #expect(ready.status == 200 && ready.json("restored") as? Int == 4)
        let plugin =
            #"{"state":"draining","installed":"1.2.0","wanted":"1.2.0","owed":{"orders that are not finished":2}}"#
        #expect(ready.text.contains(#""plugins":{"observed":\#(plugin)}"#), "\(ready.text)")
        // What a plugin owes is not waited for by who wants to know how the region is.
        try database.begin()
        try database.run("lock table observed.step in access exclusive mode")
        let (locked, took) = await OwnThread.timed(installation, "/health/ready")
        #expect(took < .seconds(8), "\(took)")
        #expect(locked.status == 200 && locked.json("regions", "one", "plugins", "observed", "owed") == nil)
        database.rollback()
    }

    @Test(
        "a way to the database that cannot be read is one that leads nowhere; a plugin that failed is told with the reason"
    )
    func unreadable() async throws {
        let world = try await TestInstallation(regions: ["one", "two"], plugins: [ObservedPlugin.self])
        let installation = try installation(world, ["two": "host=/nonexistent dbnam=none"])
        let answer = await OwnThread.get(installation, "/api/observed/wait", region: "two")
        #expect(answer.status == 503 && answer.json("code") as? String == "database_unavailable", "\(answer.text)")
        #expect(!answer.text.contains("dbnam"))
        let health = await get(installation, "/health/ready/two")
        #expect(health.status == 503)
        #expect(health.json("regions", "two", "reason") as? String == "the database cannot be reached")

        var generation = world.generation
        generation.regions[0].failed = [Generation.FailedPlugin(id: "other", reason: "other.so is no library")]
        let partly = try Installation(generation, try Registry([ObservedPlugin.self]), log: Log { _ in })
        let one = await get(partly, "/health/ready/one")
        #expect(one.status == 200 && one.json("status") as? String == "degraded", "\(one.text)")
        #expect(one.json("regions", "one", "reason") as? String == "without other")
        #expect(one.text.contains(#""other":{"state":"failed","reason":"other.so is no library"}"#), "\(one.text)")
        #expect(await get(partly, "/health/ready/two").json("status") as? String == "ready")
        #expect(await get(partly, "/metrics").text.contains(#"lyceum_plugin_failed{region="one",plugin="other"} 1"#))
    }

    @Test("each plugin's state and versions are those of the region's database")
    func plugins() async throws {
        let world = try await TestInstallation(regions: ["one"], plugins: [ObservedPlugin.self])
        let installation = try installation(world)
        let database = try world.connection()
        func observed(_ member: String) async -> String? {
            (await get(installation, "/health/ready")).json("regions", "one", "plugins", "observed", member) as? String
        }
        // Another version than this process wants is no reason to stop: N-1 of the code runs on schema N.
        try database.run("update lyceum.plugin set version = '1.3.0' where id = 'observed'")
        #expect(await observed("installed") == "1.3.0")
        #expect(await observed("wanted") == "1.2.0")
        #expect(await get(installation, "/health/ready").status == 200)
        try PluginRecord.decide(.disabled, plugin: "observed", database)
        #expect(await observed("state") == "disabled")
        try database.run(
            "insert into lyceum.listener (name, quarantined_at) values ('observed.handle', now()), ('a.b', null)")
        #expect(
            await get(installation, "/health/ready").json("regions", "one", "plugins", "observed", "quarantined", 0)
                as? String == "observed.handle")
        try database.run("insert into lyceum.plugin (id, state, version) values ('other', 'disabled', '2.0.0')")
        let answer = await get(installation, "/health/ready")
        #expect(answer.json("regions", "one", "plugins", "other", "state") as? String == "disabled")
        #expect(answer.json("regions", "one", "plugins", "other", "wanted") == nil)
        try database.run("update lyceum.plugin set version = null, state = null where id = 'observed'")
        let missing = await get(installation, "/health/ready")
        #expect(missing.status == 503)
        #expect(missing.json("regions", "one", "plugins", "observed", "state") as? String == "missing")
        #expect(
            missing.json("regions", "one", "reason") as? String
                == "not installed in the database: observed; run `lyceum migrate`")
    }
}
