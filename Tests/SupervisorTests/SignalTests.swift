import Foundation
import Glibc
import Kernel
import Testing

@Suite("A supervisor's process") struct SignalTests {
    private static let web = SupervisedWorld.program("fastcgi-probe") + " --lifeline --hand-over --threads 2 \"$@\""

    /// A supervisor as a process.
    private final class Process {
        let world: SupervisedWorld
        let child: Child

        var log: String { (try? String(contentsOfFile: world.directory + "/log", encoding: .utf8)) ?? "" }

        init(_ generation: String, listener: Int32? = nil, descriptors: [Int32: Int32] = [:]) throws {
            world = try SupervisedWorld()
            let file = world.directory + "/generation"
            try generation.write(toFile: file, atomically: true, encoding: .utf8)
            var descriptors = descriptors
            if let listener { descriptors[0] = listener }
            let program = SupervisedWorld.program("supervise-probe")
            // LISTEN_PID must name the process itself, so a shell sets it and becomes it.
            let script = descriptors[3] == nil ? "exec \"$0\" \"$@\"" : "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\""
            child = try Child(
                "/bin/sh", ["-c", script, program, world.socket, file], descriptors: descriptors,
                errors: .file(world.directory + "/log"))
        }

        deinit {
            child.kill(SIGKILL)
            _ = child.wait()
        }
    }

    @Test("SIGHUP makes a new generation, SIGTERM stops everything") func signals() throws {
        let process = try Process("2\nexec \(Self.web)\necho ready >&5; exec sleep 600")
        #expect(eventually { process.log == "generation 1 serves: 2 web processes\n" })
        let before = try process.world.slots(2)
        process.child.kill(SIGHUP)
        #expect(eventually { process.log.contains("generation 2 serves: 2 web processes\n") })
        #expect(eventually { before.values.allSatisfy { !isRunning($0) } })
        let after = try process.world.slots(2)
        #expect(Set(after.values).isDisjoint(with: before.values))
        #expect(process.child.stop(SIGTERM, within: .seconds(15)) == .exited(0))
        #expect(process.log.hasSuffix("stopped\n"))
        #expect(after.values.allSatisfy { !isRunning($0) })
        #expect(!FileManager.default.fileExists(atPath: process.world.socket))
    }

    @Test("one that cannot start leaves with code 1 and the reason") func fails() throws {
        let process = try Process("1\necho 'cannot serve: no region' >&5; exit 78")
        #expect(process.child.wait(atMost: .seconds(10)) == .exited(1))
        #expect(process.log.hasPrefix("failed: web process 0 ("))
        #expect(process.log.hasSuffix(") ended with code 78 before it was ready: cannot serve: no region\n"))
    }

    @Test("when it is killed its web processes end by themselves, and another takes the path over") func killed() throws
    {
        let process = try Process("2\nexec \(Self.web)")
        #expect(eventually { process.log == "generation 1 serves: 2 web processes\n" })
        let web = try process.world.slots(2)
        process.child.kill(SIGKILL)
        _ = process.child.wait()
        #expect(eventually { web.values.allSatisfy { !isRunning($0) } })
        let next = try ListeningSocket(.path(process.world.socket))
        _ = try process.world.client()
        _ = next.descriptor
    }

    @Test("takes a listening socket from descriptor 0, and from systemd", arguments: [Int32(0), 3])
    func inherits(_ number: Int32) throws {
        let other = try SupervisedWorld()
        let listener = try ListeningSocket(.path(other.socket))
        let process = try Process("1\nexec \(Self.web)", descriptors: [number: listener.descriptor])
        #expect(eventually { process.log == "generation 1 serves: 1 web process\n" })
        #expect(try other.client().ask("/hello").status == 200)
        #expect(!FileManager.default.fileExists(atPath: process.world.socket))
        #expect(process.child.stop(SIGINT, within: .seconds(15)) == .exited(0))
        // Not made by it, so not removed by it.
        #expect(FileManager.default.fileExists(atPath: other.socket))
    }

    @Test(
        "leaves an inherited socket as it was, stopped or killed: the next supervisor answers who came meanwhile",
        arguments: [SIGTERM, SIGKILL])
    func restarts(_ signal: Int32) throws {
        let other = try SupervisedWorld()
        let listener = try ListeningSocket(.path(other.socket))
        let first = try Process("2\nexec \(Self.web)", listener: listener.descriptor)
        #expect(eventually { first.log == "generation 1 serves: 2 web processes\n" })
        let web = try other.slots(2)
        first.child.kill(signal)
        _ = first.child.wait(atMost: .seconds(15))
        #expect(eventually { web.values.allSatisfy { !isRunning($0) } })
        let waiting = try other.client()
        try waiting.send(FastCGIClient.request("/hello"))
        let second = try Process("2\nexec \(Self.web)", listener: listener.descriptor)
        #expect(eventually { second.log == "generation 1 serves: 2 web processes\n" })
        #expect(try waiting.answer().status == 200)
        #expect(try other.client().ask("/hello").status == 200)
        waiting.hangUp()
        #expect(second.child.stop(SIGTERM, within: .seconds(15)) == .exited(0))
    }
}
