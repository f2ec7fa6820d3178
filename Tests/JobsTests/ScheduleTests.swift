import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("A schedule that two hosts have differently")
struct ScheduleTests {
    @Test("is the one of the host that knows more of the decisions; the other queues nothing, also when it starts anew")
    func differs() async throws {
        let world = try await JobsWorld(minutely: true)
        func directory(_ name: String, _ times: String, revision: Int) throws -> String {
            var generation = world.world.generation
            generation.regions[0].revision = revision
            generation.regions[0].plugins[0].settings = #"{"minutely": true, "times": "\#(times)"}"#
            let directory = world.directory + "-" + name
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try GenerationFile.write(generation, directory: directory)
            return directory
        }
        let even = try directory("even", "*/2 * * * *", revision: 1)
        let odd = try directory("odd", "1-59/2 * * * *", revision: 2)
        defer { for directory in [even, odd] { try? FileManager.default.removeItem(atPath: directory) } }
        // Ten minutes a second.
        let start = Int64(Date().timeIntervalSince1970 * 1_000_000)
        let clock = ["LYCEUM_TEST_CLOCK=1774742400000000", "LYCEUM_TEST_CLOCK_START=\(start)"]
        func queued(_ remainder: Int) throws -> Int {
            try world.number(
                "select count(*) from lyceum.job where extract(minute from scheduled_at)::int % 2 = \(remainder)")
        }
        func isOdd() throws -> Bool {
            try world.number("select count(*) from lyceum.schedule where expression = '1-59/2 * * * *'") == 1
        }

        let before = try world.start(clock[0], clock[1], in: even)
        try await waitUntil("the old schedule is followed") { try queued(0) > 2 }
        #expect(try queued(1) == 0)
        let after = try world.start(clock[0], clock[1], in: odd)
        defer { world.stop(after) }
        try await waitUntil("the new one is noted") { try isOdd() }
        let evens = try queued(0)
        try await waitUntil("the new one is followed") { try queued(1) > 5 }
        before.kill(SIGKILL)
        _ = before.wait()
        let again = try world.start(clock[0], clock[1], in: even)
        defer { world.stop(again) }
        let odds = try queued(1)
        try await waitUntil("it is followed while the other host runs again") { try queued(1) > odds + 15 }
        #expect(try isOdd())
        #expect(try queued(0) == evens)
    }
}
