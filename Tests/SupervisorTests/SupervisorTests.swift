import Foundation
import Glibc
import Kernel
import Testing

@Suite("A supervisor") struct SupervisorTests {
    @Test("replaces a web process that was killed, in its slot, and says what killed it") func replaces() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 2, delivery: world.delivery("a")))
        #expect(world.serves(1))
        let before = try world.slots(2)
        #expect(before.keys.sorted() == [0, 1])
        let killed = try #require(before[1])
        kill(killed, SIGKILL)
        let isReplaced = try eventually {
            let now = try world.slots(2)
            return now[1] != nil && now[1] != killed && now[0] == before[0]
        }
        #expect(isReplaced)
        #expect(
            world.log == [
                "generation 1 serves: 2 web processes",
                "web process 1 (\(killed)) was killed by signal 9; its replacement starts",
            ])
        #expect(world.stop() == .stopped)
    }

    @Test("gives a process its slot, its environment and its descriptors, and nothing else") func gives() throws {
        let world = try SupervisedWorld()
        let directory = world.directory
        var web = SupervisedWorld.shell(
            "cd '\(directory)'; env > env; echo \"$@\" > arguments; ls /proc/$$/fd > files; "
                + "echo ready >&5; exec sleep 60"
        )
        web.environment = ["REGION": "academy", "EMPTY": ""]
        try world.start(GenerationSpec(web: web, webProcesses: 1))
        #expect(world.serves(1))
        func lines(_ file: String) throws -> [String] {
            try String(contentsOfFile: directory + "/" + file, encoding: .utf8).split(separator: "\n").map(String.init)
        }
        #expect(try lines("arguments") == ["--slot 0"])
        // Those above 10 are the shell's own.
        let files = try lines("files").compactMap { Int($0) }.filter { $0 <= 10 }.sorted()
        #expect(files == Array(0...10))
        let environment = try lines("env")
        #expect(environment.contains("LYCEUM_GENERATION=1"))
        #expect(environment.contains("REGION=academy"))
        #expect(environment.contains("EMPTY="))
        #expect(environment.contains("SWIFT_BACKTRACE=enable=no"))
        #expect(environment.contains { $0.hasPrefix("GLIBC_TUNABLES=glibc.malloc.tcache_count") })
        #expect(environment.contains { $0.hasPrefix("PATH=") })
        #expect(world.stop() == .stopped)
    }

    @Test("names the exit code of one that leaves by itself") func exitCode() throws {
        let world = try SupervisedWorld()
        let web = SupervisedWorld.shell("echo ready >&5; sleep 0.2; exit 7")
        try world.start(GenerationSpec(web: web, webProcesses: 1))
        try #require(eventually { world.log.count > 2 })
        #expect(world.log[1].hasPrefix("web process 0 ("))
        #expect(world.log[1].hasSuffix(") ended with code 7; its replacement starts"))
        #expect(world.log[2].hasSuffix(") ended with code 7; its replacement starts in 0.1 s"))
        #expect(world.stop() == .stopped)
    }

    @Test("a reload replaces every process, and kept connections go on") func reload() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 2, delivery: world.delivery("a")))
        #expect(world.serves(1))
        let before = try world.slots(2)
        let kept = try (0..<10).map { _ in try world.client() }
        for client in kept { #expect(try client.ask("/hello").status == 200) }
        world.reload(.success(GenerationSpec(web: SupervisedWorld.web, webProcesses: 3, delivery: world.delivery("b"))))
        #expect(world.serves(2))
        #expect(eventually { before.values.allSatisfy { !isRunning($0) } })
        for client in kept { #expect(try client.ask("/hello").status == 200) }
        #expect(try world.slots(3).keys.sorted() == [0, 1, 2])
        #expect(world.events.map { $0.replacing("-", with: " ") } == ["a start", "a end", "b start"])
        #expect(world.log == ["generation 1 serves: 2 web processes", "generation 2 serves: 3 web processes"])
        for client in kept { client.hangUp() }
        #expect(world.stop() == .stopped)
        #expect(world.events.last == "b-end")
    }

    @Test("a generation that is refused changes nothing") func refused() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 1))
        #expect(world.serves(1))
        let before = try world.slots(1)
        world.reload(.failure(.init(description: "academy.yaml:4: corses is no plugin; did you mean courses?")))
        #expect(eventually { world.log.count == 2 })
        #expect(
            world.log.last
                == "the new generation is refused: academy.yaml:4: corses is no plugin; did you mean courses?; "
                + "generation 1 serves on")
        #expect(try world.slots(1) == before)
        #expect(world.stop() == .stopped)
    }

    @Test("a generation whose web processes fail is abandoned with their reason, and the old one serves on")
    func webFails() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 2, delivery: world.delivery("a")))
        #expect(world.serves(1))
        let before = try world.slots(2)
        let broken = SupervisedWorld.shell("echo 'cannot serve: the plugin is broken' >&5; exit 78")
        world.reload(.success(GenerationSpec(web: broken, webProcesses: 2, delivery: world.delivery("b"))))
        #expect(eventually { world.log.count == 2 })
        let line = try #require(world.log.last)
        #expect(line.hasPrefix("generation 2 is abandoned: web process "))
        #expect(
            line.hasSuffix(
                " ended with code 78 before it was ready: cannot serve: the plugin is broken; generation 1 serves on"))
        #expect(try world.slots(2) == before)
        #expect(world.events == ["a-start"])
        #expect(world.stop() == .stopped)
    }

    @Test("a generation whose delivery fails is abandoned, and the old delivery comes back") func deliveryFails() throws
    {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 1, delivery: world.delivery("a")))
        #expect(world.serves(1))
        let before = try world.slots(1)
        let kept = try world.client()
        #expect(try kept.ask("/hello").status == 200)
        let broken = SupervisedWorld.shell("exit 5")
        world.reload(.success(GenerationSpec(web: SupervisedWorld.web, webProcesses: 1, delivery: broken)))
        #expect(eventually { world.events == ["a-start", "a-end", "a-start"] })
        #expect(world.log.last?.contains("ended with code 5 before it was ready; generation 1 serves on") == true)
        #expect(try kept.ask("/hello").status == 200)
        let isOldAlone = try eventually { try (0..<20).allSatisfy { _ in try world.slots(1) == before } }
        #expect(isOldAlone)
        kept.hangUp()
        #expect(world.stop() == .stopped)
    }

    @Test("a generation that is never ready is abandoned") func neverReady() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 1)) { $0.readyDeadline = .seconds(1) }
        #expect(world.serves(1))
        let silent = SupervisedWorld.shell("exec sleep 60")
        world.reload(.success(GenerationSpec(web: silent, webProcesses: 1)))
        #expect(eventually { world.log.count == 2 })
        #expect(world.log.last?.contains("because it was not ready after 1 s; generation 1 serves on") == true)
        #expect(try world.slots(1).count == 1)
        #expect(world.stop() == .stopped)
    }

    @Test("a first generation that fails leaves nothing") func firstFails() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: ProcessSpec(world.directory + "/missing"), webProcesses: 2))
        guard case .failed(let reason)? = world.ended() else {
            Issue.record("it did not fail")
            return
        }
        #expect(reason.contains("\(world.directory)/missing"))
        #expect(!FileManager.default.fileExists(atPath: world.socket))
    }

    @Test("a full stop ends every process and removes the socket") func fullStop() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 3, delivery: world.delivery("a")))
        #expect(world.serves(1))
        let web = try world.slots(3)
        let busy = try world.client()
        try busy.send(FastCGIClient.request("/post", headers: [("HTTP_X_MS", "400")], body: [1]))
        usleep(50_000)
        world.request(.stop)
        #expect(try busy.answer().body == "1 1 0\n")
        busy.hangUp()
        #expect(world.ended() == .stopped)
        #expect(web.values.allSatisfy { !isRunning($0) })
        #expect(processes(with: world.directory) == [])
        #expect(world.events == ["a-start", "a-end"])
        #expect(!FileManager.default.fileExists(atPath: world.socket))
    }

    @Test("a process that does not end when told is killed") func killed() throws {
        let world = try SupervisedWorld()
        let stubborn = SupervisedWorld.shell("trap '' INT TERM; echo ready >&5; while :; do sleep 0.05; done")
        try world.start(GenerationSpec(web: stubborn, webProcesses: 1)) { $0.stopDeadline = .milliseconds(500) }
        #expect(world.serves(1))
        #expect(world.stop() == .stopped)
        #expect(world.log.last?.hasSuffix("is killed: it had not ended 0.5 s after it was told to") == true)
    }
}
