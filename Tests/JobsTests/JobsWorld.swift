import Foundation
import Glibc
import Jobber
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Synchronization
import Testing

/// A region whose jobs are run by processes that can be killed, and a connection that looks behind the scenes.
struct JobsWorld {
    let world: TestInstallation
    let client: InProcessClient
    let directory: String
    let database: Connection
    let book: JobBook
    private let children = Children()

    /// Makes a region; `minutely`: with a job that runs each minute.
    init(minutely: Bool = false) async throws {
        world = try await TestInstallation(
            plugins: [JobberPlugin.self], settings: minutely ? ["jobber": #"{"minutely": true}"#] : [:])
        client = world.client()
        directory = try world.writeGeneration()
        database = try world.connection()
        book = JobBook(
            try RegionPlan(world.generation.regions[0], try Registry([JobberPlugin.self])), try world.connection())
    }

    /// Starts a process that runs jobs, of another generation if one is given.
    func start(_ more: String..., in other: String? = nil) throws -> Child {
        let own = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        return try children.keep(
            Child(
                TestPrograms.path("JobWorker"), [other ?? directory],
                environment: own + ["SWIFT_BACKTRACE=enable=no", "LYCEUM_TEST_QUIET=1"] + more))
    }

    /// Queues runs of a job, in one transaction.
    func queue(
        _ job: String, _ numbers: ClosedRange<Int> = 1...1, before: Double = 0, after: Double = 0, more: String = ""
    ) async throws -> Int {
        let list = numbers.map(String.init).joined(separator: ", ")
        return try await client.send(
            "POST", "/api/jobber/numbers",
            json: #"{"job": "\#(job)", "numbers": [\#(list)], "before": \#(before), "after": \#(after)\#(more)}"#
        ).status
    }

    func number(_ statement: Statement) throws -> Int {
        var row = try database.query(statement).row(0)
        return try row.next()
    }

    /// The only run of a job.
    func run(_ job: String) throws -> JobBook.Run {
        let runs = try book.runs(job: "jobber.\(job)")
        try #require(runs.count == 1)
        return runs[0]
    }

    /// Stops a process as the supervisor does; one that has hardly begun catches no signals yet.
    func stop(_ process: Child) {
        let end = process.stop(SIGTERM, within: .seconds(30))
        #expect(end == .exited(0) || end == .signalled(SIGTERM))
    }
}

/// Processes that end with their world, whatever becomes of the test: one that stays would hold up the test's runner.
final class Children: Sendable {
    private let list = Mutex<[Child]>([])

    func keep(_ child: Child) -> Child {
        list.withLock { $0.append(child) }
        return child
    }

    deinit { for child in list.withLock({ $0 }) { child.kill(SIGKILL) } }
}
