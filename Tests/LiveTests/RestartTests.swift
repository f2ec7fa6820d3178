import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

extension Live {
    @Suite("Workers are replaced under load")
    struct RestartTests {
        /// POSTs as fast as it can, over kept connections; each id is sent once.
        private struct Load {
            private let program: String
            private let output: String

            init(_ directory: String) throws {
                program = directory + "/load"
                output = directory + "/said"
                let source = URL(filePath: #filePath).resolvingSymlinksInPath().appending(path: "../../Serving/load.c")
                let compiled = try Child.run("cc", ["-O2", "-pthread", "-o", program, source.standardized.path])
                try #require(compiled.status.success, "\(compiled.complaint)")
            }

            /// Runs until it is told to end, two minutes at most.
            func start(port: UInt16) throws -> Child {
                try Child(
                    program,
                    [
                        "-p", "/api/recorder/numbers", "-H", "Host: test.localhost", "-H",
                        "Content-Type: application/json",
                        "-b", #"{"key": "load", "numbers": [%d]}"#, "-s", "204", "\(port)", "120", "12",
                    ], output: .file(output), errors: .file(output))
            }

            /// What it said: `ok N failed N aborted N worst S`, after a line for each of the first failures.
            var said: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
        }

        @Test("10 new generations and 10 single restarts: no POST fails, and each has its effect once")
        func restarts() async throws {
            let world = try await TestInstallation(plugins: [RecorderPlugin.self])
            let live = try await LiveInstallation(world)
            let database = try world.connection()
            let directory = try world.writeGeneration()
            let load = try Load(directory)
            let first = live.webProcesses
            let running = try load.start(port: live.port)
            defer { _ = running.stop(SIGKILL) }
            var restarted: Set<Int32> = []

            /// The load goes on: more of it has been accepted than before.
            func press() async throws {
                let before = try database.number("select count(*) from recorder.sent")
                try await waitUntil("the load goes on") {
                    try #require(running.status() == nil, "\(load.said)")
                    return try database.number("select count(*) from recorder.sent") > before + 20
                }
            }

            for _ in 0..<10 {
                try await press()
                try await live.reload()
                try await press()
                // The old generation may still be draining: one of those that will stay is told to end.
                let one = try #require(live.servingProcesses.first)
                kill(one, SIGTERM)
                try await waitUntil("\(one) has ended and has a successor") {
                    let now = live.servingProcesses
                    return now.count == 2 && !now.contains(one)
                }
                restarted.insert(one)
            }
            try await press()
            running.kill(SIGTERM)
            #expect(running.wait(atMost: .seconds(60)) == .exited(0))

            #expect(live.generation == 11)
            #expect(restarted.count == 10)
            #expect(Set(first).isDisjoint(with: live.webProcesses))
            #expect(load.said.hasPrefix("ok ") && load.said.contains(" failed 0 aborted 0 "), "\(load.said)")
            let total = load.said.split(separator: "\n").last { $0.hasPrefix("ok ") }
            let accepted = try #require(total?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
            #expect(accepted > 500)
            #expect(try database.number("select count(*) from recorder.sent") == accepted)
            #expect(try database.number("select count(distinct number) from recorder.sent") == accepted)
            // The delivery process was replaced ten times meanwhile, and lost and repeated nothing.
            try await waitUntil("all events are delivered") {
                try database.number("select count(*) from recorder.seen") >= accepted
            }
            #expect(try database.number("select count(*) from recorder.seen") == accepted)
            #expect(try database.number("select count(distinct number) from recorder.seen") == accepted)
            #expect(live.errors == "")
        }
    }
}
