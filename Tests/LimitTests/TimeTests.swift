import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Synchronization
import Testing

@Suite("How long things may take", .serialized)
struct TimeTests {
    @Test("a request past its time is stopped in its statement, and says which limit that was")
    func statements() async throws {
        // Statements may take as long as requests, so that it is the request's time that is up.
        let world = try await HazardWorld { $0.statementMilliseconds = 1_500 }
        for what in ["transaction", "doze"] {
            let began = Date()
            let answer = try await world.client().send("POST", "/api/hazard/do/\(what)", json: "{}")
            #expect(answer.status == 503)
            #expect(answer.code == "request_timeout")
            #expect(answer.detail.contains("1500 ms (limits.requestMilliseconds)"))
            #expect(answer.header("Retry-After") == "1")
            // The transaction would take half a minute; a slow machine takes its time to say that it did not.
            #expect(Date().timeIntervalSince(began) < 25)
        }
        let metrics = try await world.live.indexClient().get("/metrics")
        #expect(metrics.reached("wild", "requestMilliseconds") == 2)
        // However long the machine took: both are in the histogram, and neither was let go before its time.
        let series = #"{region="wild",plugin="hazard",method="POST",route="/api/hazard/do/{what}",le="#
        #expect(metrics.text.contains(series + #""+Inf"} 2"#) && metrics.text.contains(series + #""1.0"} 0"#))
        // Nothing of it is left, and no connection is the worse for it.
        #expect(try world.number("select count(*) from hazard.note") == 0)
        for _ in 0..<20 { #expect(try await world.client().get("/api/hazard/do/brief-query").status == 200) }
        let line = try await world.line("limits.requestMilliseconds", "hazard/do/transaction")
        #expect(
            line.contains(#""region":"wild""#) && line.contains(#""plugin":"hazard""#) && line.contains(#""request":""#)
        )
        #expect(!world.live.lines.contains { $0.contains("signal") })
    }

    @Test("a request with a key that ends past its time is not committed, and leaves its key free")
    func key() async throws {
        let world = try await HazardWorld()
        let late = TestRequest(
            "POST", "/api/hazard/do/late", headers: [("Idempotency-Key", "k"), ("Content-Type", "application/json")],
            body: Array("{}".utf8))
        let answer = try await world.client().send(late)
        #expect(answer.status == 503 && answer.code == "request_timeout")
        #expect(try world.number("select count(*) from hazard.note") == 0)
        #expect(try world.number("select count(*) from lyceum.answer") == 0)
    }

    @Test("a statement past its time says which limit that was")
    func statement() async throws {
        let world = try await HazardWorld()
        let answer = try await world.client().get("/api/hazard/do/query")
        #expect(answer.status == 503)
        #expect(answer.code == "statement_timeout")
        #expect(answer.detail.contains("1000 ms (limits.statementMilliseconds)"))
        _ = try await world.line("limits.statementMilliseconds", "hazard/do/query")
    }

    @Test("an endless loop ends its process, which is named and replaced; whoever asks meanwhile is answered")
    func loop() async throws {
        let world = try await HazardWorld()
        let before = Set(world.live.servingProcesses)
        let client = world.client("calm")
        async let looped = world.client().send("POST", "/api/hazard/do/loop", json: "{}")
        var others: [Int] = []
        while Set(world.live.servingProcesses).isSuperset(of: before) {
            others.append(try await client.get("/api/hazard/do/nap").status)
        }
        for _ in 0..<20 { others.append(try await client.get("/api/hazard/do/nap").status) }
        // nginx asks another process for what the dying one was answering, as long as it is a GET.
        #expect(others.allSatisfy { $0 == 200 })
        #expect(try await looped.status == 503)
        let own = try await world.line("limits.graceMilliseconds", "POST /api/hazard/do/{what}")
        #expect(
            own.contains(#""region":"wild""#) && own.contains(#""plugin":"hazard""#) && own.contains(#""request":""#))
        let line = try await world.line("was killed by signal 6", "its replacement starts")
        #expect(
            line.contains("it answered POST /api/hazard/do/{what} of the plugin hazard in the region wild (request "))
        try await waitUntil("two processes serve again") { world.live.servingProcesses.count == 2 }
        #expect(before.intersection(world.live.servingProcesses).count == 1)
    }

    @Test("a crash is laid at the door of the request that caused it", arguments: ["trap", "overflow", "kill"])
    func crashes(_ what: String) async throws {
        let world = try await HazardWorld()
        #expect(try await world.client().send("POST", "/api/hazard/do/\(what)", json: "{}").status == 503)
        let line = try await world.line("web process", "was killed by signal", "its replacement starts")
        #expect(line.contains("it answered POST /api/hazard/do/{what} of the plugin hazard in the region wild"))
        // Whoever kills from outside asks nobody for a request's id.
        #expect(line.contains("(request ") == (what != "kill"))
        #expect(try await world.client().get("/api/hazard/hello").status == 200)
    }

    @Test("a GET that ends its process is not tried again, and no other GET is lost with it")
    func fatal() async throws {
        let world = try await HazardWorld { $0.threads = 16 }
        let client = world.client("calm")
        let isOver = Flag()
        async let others = withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<6 {
                group.addTask {
                    var statuses: [Int] = []
                    while !isOver.isSet { statuses.append(try await client.get("/api/hazard/do/nap").status) }
                    return statuses
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for _ in 0..<3 {
            try await waitUntil("both processes serve") { world.live.servingProcesses.count == 2 }
            let before = Set(world.live.servingProcesses)
            let answer = try await world.client().get("/api/hazard/do/trap")
            #expect(answer.status == 500)
            #expect(answer.code == "process_ended")
            try await Task.sleep(for: .seconds(1))
            // One process ended, not both.
            #expect(before.intersection(world.live.servingProcesses).count == 1)
        }
        isOver.set()
        let statuses = try await others
        #expect(statuses.count > 20)
        #expect(statuses.allSatisfy { $0 == 200 })
    }

    @Test("a server that does not even answer a cancellation costs a request, not the process")
    func hung() async throws {
        let cluster = try TestCluster.own()
        var limits = Generation.Limits()
        (limits.statementMilliseconds, limits.requestMilliseconds, limits.hookMilliseconds) = (1_000, 1_000, 1_000)
        limits.graceMilliseconds = 60_000
        let own = try await TestInstallation(
            regions: ["wild", "calm"], plugins: [HazardPlugin.self], limits: limits, cluster: cluster)
        let live = try await LiveInstallation(own, webProcesses: 1)
        let client = live.client(region: "wild")
        #expect(try await client.get("/api/hazard/do/none").status == 200)
        let before = live.servingProcesses
        // The server's processes stop in the middle of whatever they do.
        let began = Date()
        async let asked = client.get("/api/hazard/do/query")
        try await Task.sleep(for: .milliseconds(300))
        let stopped = try cluster.processes()
        for process in stopped { kill(process, SIGSTOP) }
        defer { for process in stopped { kill(process, SIGCONT) } }
        let answer = try await asked
        #expect(answer.code == "request_timeout")
        #expect(Date().timeIntervalSince(began) < 20)
        #expect(live.servingProcesses == before)
        for process in stopped { kill(process, SIGCONT) }
        try await waitUntil("it is answered again") { try await client.get("/api/hazard/do/none").status == 200 }
    }
}

/// Something that tasks of a test watch for.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

extension Cluster {
    /// Its server's processes, each child after its parent.
    func processes() throws -> [Int32] {
        let file = try String(contentsOfFile: directory + "/postmaster.pid", encoding: .utf8)
        guard let first = file.split(separator: "\n").first, let parent = Int32(first) else { return [] }
        let children = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter {
            guard let status = try? String(contentsOfFile: "/proc/\($0)/stat", encoding: .utf8),
                let name = status.lastIndex(of: ")")
            else { return false }
            return status[name...].split(separator: " ").dropFirst(2).first == "\(parent)"
        }
        return [parent] + children
    }
}
