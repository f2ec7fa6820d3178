import Foundation
import Glibc
import Kernel
import Testing

@Suite("A child process")
struct ChildTests {
    @Test("tells how it ended")
    func status() throws {
        #expect(try Child("/bin/sh", ["-c", "exit 7"]).wait() == .exited(7))
        #expect(try Child("true").wait() == .exited(0))
        #expect(try Child("/bin/sh", ["-c", "kill -9 $$"]).wait() == .signalled(SIGKILL))
    }

    @Test("that does not exist is an error naming it")
    func missing() {
        let error = #expect(throws: ChildError.self) { try Child("/nowhere/at all") }
        #expect(error?.code == ENOENT)
        #expect(error?.description == "/nowhere/at all cannot be started: No such file or directory")
    }

    @Test("has its output captured, both kinds apart, however much it is")
    func captured() throws {
        let outcome = try Child.run(
            "/bin/sh", ["-c", "head -c 300000 /dev/zero | tr '\\0' x; echo oh >&2; exit 3"],
            environment: ["PATH=/usr/bin:/bin"])
        #expect(outcome.status == .exited(3))
        #expect(outcome.output.utf8.count == 300_000)
        #expect(outcome.errors == "oh\n")
        #expect(outcome.complaint == "oh")
    }

    @Test("gets exactly the environment and the working directory it was given")
    func surroundings() throws {
        let outcome = try Child.run("/usr/bin/env", [], environment: ["A=one two", "B="])
        #expect(outcome.output == "A=one two\nB=\n")
        #expect(try Child.run("/bin/pwd", [], directory: "/usr/bin").output == "/usr/bin\n")
        setenv("LYCEUM_CHILD_TEST", "seen", 1)
        #expect(try Child.run("/usr/bin/env").output.contains("LYCEUM_CHILD_TEST=seen\n"))
    }

    @Test("has no descriptor but those it was given, even when numbers cross")
    func descriptors() throws {
        let directory = FileManager.default.temporaryDirectory.path
        let paths = ["a", "b", "c"].map { "\(directory)/child-\(getpid())-\($0)" }
        defer { paths.forEach { unlink($0) } }
        let open = try paths.map { path in
            try Data(path.utf8).write(to: URL(fileURLWithPath: path))
            return Glibc.open(path, O_RDONLY)
        }
        defer { open.forEach { close($0) } }
        // Crossed on purpose: the child's number of one is this process's number of another.
        let map = [Int32(3): open[1], open[0]: open[2], open[1]: open[0]]
        let script = "cat <&3; echo; cat <&\(open[0]); echo; cat <&\(open[1]); echo; ls /proc/self/fd | wc -l"
        let outcome = try Child.capture(script, map)
        // ls itself opens the directory it lists.
        let expected = 3 + map.count + 1
        #expect(outcome == "\(paths[1])\n\(paths[2])\n\(paths[0])\n\(expected)\n")
    }

    @Test("writes to a file, readable by its owner only")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.path + "/child-\(getpid())-log"
        defer { unlink(path) }
        for word in ["one", "two"] {
            #expect(try Child("/bin/echo", [word], output: .file(path), errors: .nowhere).wait().success)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("that runs too long is killed")
    func limit() throws {
        let begun = ContinuousClock.now
        let error = #expect(throws: ChildError.self) { try Child.run("sleep", ["30"], limit: .milliseconds(200)) }
        #expect(error?.description == "sleep had not ended after 0.2 s and was killed")
        #expect(ContinuousClock.now - begun < .seconds(10))
    }

    @Test("is asked to stop, then killed when it does not listen")
    func stop() throws {
        let polite = try Child("sleep", ["30"])
        #expect(polite.wait(atMost: .milliseconds(20)) == nil)
        #expect(polite.stop() == .signalled(SIGTERM))
        #expect(!polite.kill())
        let deaf = try Child("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 0.1; done"])
        usleep(200_000)
        #expect(deaf.stop(within: .milliseconds(300)) == .signalled(SIGKILL))
    }
}

extension Child {
    fileprivate static func capture(_ script: String, _ map: [Int32: Int32]) throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/child-\(getpid())-capture"
        defer { unlink(path) }
        _ = try Child("/bin/bash", ["-c", script], descriptors: map, output: .file(path)).wait()
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}
