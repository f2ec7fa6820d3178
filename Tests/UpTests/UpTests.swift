import Foundation
import Testing

@Suite("Two commands run everything, and the next one works whatever happened", .serialized, .timeLimit(.minutes(10)))
struct UpTests {
    private func with(_ name: String = "state", _ body: (Launcher) async throws -> Void) async throws {
        let launcher = try Launcher(name)
        do {
            try await body(launcher)
            try await launcher.end()
        } catch {
            try? await launcher.end()
            throw error
        }
        #expect(try launcher.processes().isEmpty)
    }

    @Test("up serves every region, says so when asked again, and down stops all of it")
    func upAndDown() async throws {
        try await with { lyceum in
            let first = try lyceum.up("--detach")
            #expect(try await first.wait() == 0, "\(first.said)")
            #expect(first.said.contains("Lyceum serves at http://localhost:\(lyceum.port)/"))
            #expect(first.said.contains("http://academy.localhost:\(lyceum.port)/"))
            #expect(first.said.contains("ada@example.org"))
            #expect(try await lyceum.status() == 200)
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
            #expect(try await lyceum.status("/courses", region: "studio") == 404)
            #expect(try await lyceum.status("/courses", region: "nowhere") == 404)
            #expect(try await lyceum.status("/assets/bootstrap/css/bootstrap.min.css") == 200)

            let second = try lyceum.up("--detach")
            #expect(try await second.wait() == 0)
            #expect(second.said.contains("Lyceum runs already at http://localhost:\(lyceum.port)/"))

            let down = try lyceum.start("down")
            #expect(try await down.wait() == 0)
            #expect(down.said == "stopped\n")
            #expect(try lyceum.processes().isEmpty)
            #expect(try await lyceum.status() == nil)
            let again = try lyceum.start("down")
            #expect(try await again.wait() == 0)
            #expect(again.said == "nothing runs\n")

            let begin = ContinuousClock.now
            let third = try lyceum.up("--detach")
            #expect(try await third.wait() == 0, "\(third.said)")
            #expect(ContinuousClock.now - begin < .seconds(20))
        }
    }

    @Test("disabling takes a plugin away from the running region and enabling brings it back; others notice nothing")
    func decisions() async throws {
        try await with { lyceum in
            let up = try lyceum.up("--detach")
            #expect(try await up.wait() == 0, "\(up.said)")
            let disable = try lyceum.start("disable", "courses", "--region", "academy")
            #expect(try await disable.wait() == 0, "\(disable.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 404)
            #expect(try await lyceum.status("/courses", region: "store") == 200)
            let enable = try lyceum.start("enable", "courses", "--region", "academy")
            #expect(try await enable.wait() == 0, "\(enable.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("ctrl-C and SIGTERM stop all that up started", arguments: [SIGINT, SIGTERM])
    func interrupt(signal: Int32) async throws {
        try await with { lyceum in
            let up = try lyceum.up()
            #expect(try await up.says("ctrl-C stops it."), "\(up.said)")
            #expect(try await lyceum.status() == 200)
            kill(up.process.processIdentifier, signal)
            #expect(try await up.wait() == 0)
            #expect(up.said.hasSuffix("stopped\n"))
            #expect(try lyceum.processes().isEmpty)
        }
    }

    @Test("a second up beside one in the foreground says where it runs, and down stops that one")
    func second() async throws {
        try await with { lyceum in
            let up = try lyceum.up()
            #expect(try await up.says("ctrl-C stops it."), "\(up.said)")
            let second = try lyceum.up()
            #expect(try await second.wait() == 0)
            #expect(second.said.contains("Lyceum runs already at http://localhost:\(lyceum.port)/"))
            let down = try lyceum.start("down")
            #expect(try await down.wait() == 0, "\(down.said)")
            #expect(try await up.wait() == 0)
            #expect(try lyceum.processes().isEmpty)
        }
    }

    @Test("a taken port is named, with the option for another")
    func takenPort() async throws {
        try await with { lyceum in
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(lyceum.port)).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(bound == 0 && listen(listener, 1) == 0)
            let up = try lyceum.up()
            #expect(try await up.wait() == 1)
            #expect(up.said.contains("lyceum: port \(lyceum.port) is taken by another program"))
            #expect(up.said.contains("--port"))
            #expect(try lyceum.processes().isEmpty)
        }
    }

    @Test(
        "killed at any stage, the next up works",
        arguments: [
            "making the database cluster", "migrating academy", "example data for store", "starting 2 workers",
            "starting nginx",
            "ctrl-C stops it.",
        ])
    func killed(stage: String) async throws {
        try await with { lyceum in
            let up = try lyceum.up()
            #expect(try await up.says(stage), "\(up.said)")
            kill(up.process.processIdentifier, SIGKILL)
            _ = try await up.wait()
            let next = try lyceum.up("--detach")
            #expect(try await next.wait() == 0, "\(next.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test(
        "interrupted while it starts, everything is stopped, and the next up works",
        arguments: [
            "making the database cluster", "migrating academy", "starting 2 workers",
        ])
    func interrupted(stage: String) async throws {
        try await with { lyceum in
            let up = try lyceum.up()
            #expect(try await up.says(stage), "\(up.said)")
            kill(up.process.processIdentifier, SIGINT)
            #expect(try await up.wait() != nil)
            #expect(try lyceum.processes().isEmpty)
            let next = try lyceum.up("--detach")
            #expect(try await next.wait() == 0, "\(next.said)")
            #expect(try await lyceum.status() == 200)
        }
    }

    @Test("a stale socket, stale process ids and a half-made cluster are recognised")
    func stale() async throws {
        try await with { lyceum in
            let up = try lyceum.up("--detach")
            #expect(try await up.wait() == 0, "\(up.said)")
            // As after a power failure: everything died at once and left its files.
            for line in try lyceum.processes().reversed() {
                if let id = Int32(line.prefix { $0 != " " }) { kill(id, SIGKILL) }
            }
            let deadline = ContinuousClock.now + .seconds(20)
            while try !lyceum.processes().isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
            let next = try lyceum.up("--detach")
            let code = try await next.wait()
            #expect(code == 0, "\(code ?? -1) \(next.process.terminationReason.rawValue) \(next.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("a state directory may have a space in its path")
    func space() async throws {
        try await with("a state of mine") { lyceum in
            let up = try lyceum.up("--detach")
            #expect(try await up.wait() == 0, "\(up.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("a state directory may be too long for a socket")
    func long() async throws {
        try await with(String(repeating: "long/", count: 25) + "state") { lyceum in
            let up = try lyceum.up("--detach")
            #expect(try await up.wait() == 0, "\(up.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("a directory of somebody else is not taken for the state")
    func foreign() async throws {
        try await with { lyceum in
            // To the launcher root's own directory is foreign, as everything runs as a user of its own.
            let foreign = getuid() == 0 ? lyceum.base.path + "/foreign" : "/usr"
            if getuid() == 0 { try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: false) }
            let link = lyceum.base.path + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: foreign)
            for state in [foreign, link] {
                let before = try FileManager.default.attributesOfItem(atPath: foreign)
                let up = try lyceum.up("--detach", "--state", state)
                #expect(try await up.wait() != 0)
                #expect(up.said.contains("lyceum: \(state)"), "\(up.said)")
                let after = try FileManager.default.attributesOfItem(atPath: foreign)
                #expect(after[.ownerAccountName] as? String == before[.ownerAccountName] as? String)
                #expect(after[.posixPermissions] as? Int == before[.posixPermissions] as? Int)
            }
        }
    }

    @Test("root writes nothing through a link that was laid into the state")
    func link() async throws {
        try await with { lyceum in
            let up = try lyceum.up("--detach")
            #expect(try await up.wait() == 0, "\(up.said)")
            #expect(try await lyceum.start("down").wait() == 0)
            let kept = lyceum.base.path + "/kept"
            try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: false)
            try "mine".write(toFile: kept + "/bootstrap.txt", atomically: true, encoding: .utf8)
            let assets = lyceum.state + "/assets"
            try FileManager.default.removeItem(atPath: assets)
            try FileManager.default.createSymbolicLink(atPath: assets, withDestinationPath: kept)
            _ = try await lyceum.up("--detach").wait()
            if getuid() == 0 {
                #expect(try FileManager.default.contentsOfDirectory(atPath: kept) == ["bootstrap.txt"])
            }
            #expect(try String(contentsOfFile: kept + "/bootstrap.txt", encoding: .utf8) == "mine")
        }
    }

    @Test("a configuration with a mistake is refused before anything is made")
    func mistake() async throws {
        try await with { lyceum in
            let config = lyceum.base.appending(path: "Config")
            try FileManager.default.copyItem(at: Launcher.repository.appending(path: "Config"), to: config)
            let file = config.appending(path: "regions/academy.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacing("title:", with: "titel:").write(to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            let up = try lyceum.up("--config", config.path)
            #expect(try await up.wait() == 78, "\(up.said)")
            #expect(up.said.contains("academy.yaml:5: /titel is not a field of Region; did you mean \"title\"?"))
            #expect(!FileManager.default.fileExists(atPath: lyceum.state + "/postgres"))
        }
    }
}
