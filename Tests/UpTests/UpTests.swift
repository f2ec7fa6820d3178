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
            // Nobody read along, so the log is for machines.
            let log = try String(contentsOfFile: lyceum.state + "/run/serve.log", encoding: .utf8)
            #expect(log.contains(#""message":"generation 1 serves: 2 web processes","process":"supervisor""#), "\(log)")
            for line in log.split(separator: "\n") {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
            let again = try lyceum.start("down")
            #expect(try await again.wait() == 0)
            #expect(again.said == "nothing runs\n")

            let begin = ContinuousClock.now
            let third = try lyceum.up("--detach")
            #expect(try await third.wait() == 0, "\(third.said)")
            #expect(ContinuousClock.now - begin < .seconds(20))

            // A library that cannot be loaded stops what needs it, and nothing else.
            #expect(try await lyceum.start("down").wait() == 0)
            let config = try lyceum.configuration()
            for (name, more) in [
                ("lyceum.yaml", "\nlibraries:\n  lending: lending.so\n"), ("regions/studio.yaml", "  lending:\n"),
            ] {
                let file = config.appending(path: name)
                try (String(contentsOf: file, encoding: .utf8) + more).write(
                    to: file, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            }
            let broken = try lyceum.up("--detach", "--config", config.path)
            #expect(try await broken.wait() == 0, "\(broken.said)")
            #expect(broken.said.contains("/libraries/lending "), "\(broken.said)")
            #expect(broken.said.contains("region studio is served without lending"), "\(broken.said)")
            #expect(try await lyceum.status("/accounts/sign-in", region: "studio") == 200)
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
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
            // Its page was the region's home: now there is the front page, and `check` notes it.
            #expect(try await lyceum.status("/", region: "academy") == 200)
            #expect(try await lyceum.status("/", region: "store") == 303)
            let check = try await lyceum.run("check")
            #expect(
                check.code == 0 && check.said.contains("is a page of a plugin that was disabled"), "\(check.said)")
            let enable = try lyceum.start("enable", "courses", "--region", "academy")
            #expect(try await enable.wait() == 0, "\(enable.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)

            // A name that is older than the rule for names: what is printed of it commands no terminal.
            try lyceum.sql(
                "academy",
                "update accounts.account set name = E'A\\x1b[2J' || chr(8238) || chr(155) where email like 'ada@%'")
            let table = try await lyceum.run("user", "list", "--region", "academy").said
            #expect(table.contains(#"A\u{1b}[2J\u{202e}\u{9b}"#), "\(table)")
            let json = try await lyceum.run("user", "list", "--region", "academy", "--json").said
            #expect(json.contains(#"A\u001b[2J\u202e\u009b"#), "\(json)")
        }
    }

    @Test("ctrl-C and SIGTERM stop all that up started", arguments: [SIGINT, SIGTERM])
    func interrupt(signal: Int32) async throws {
        try await with { lyceum in
            let up = try lyceum.up("--no-demo")
            #expect(try await up.says("ctrl-C stops it."), "\(up.said)")
            #expect(try await lyceum.status() == 200)
            kill(up.process.processIdentifier, signal)
            #expect(try await up.wait() == 0)
            #expect(up.said.hasSuffix("stopped\n"))
            #expect(try lyceum.processes().isEmpty)
        }
    }

    @Test("a database that is killed comes back, with a sentence, and a second up brings it back too")
    func database() async throws {
        try await with { lyceum in
            let up = try lyceum.up("--no-demo")
            #expect(try await up.says("ctrl-C stops it."), "\(up.said)")
            #expect(!up.said.contains("ada@example.org"))
            #expect(!up.said.contains("…lyceum["), "a log line has a line of its own")
            try lyceum.killDatabase()
            #expect(try await up.says("the database answers again"), "\(up.said)")
            #expect(up.said.contains("the database ended by itself; starting it again"))
            #expect(try await lyceum.eventually { try await lyceum.status("/courses", region: "academy") == 200 })

            // Without the process that would notice.
            let supervisor = try lyceum.supervisor()
            kill(supervisor, SIGSTOP)
            defer { kill(supervisor, SIGCONT) }
            try lyceum.killDatabase()
            let second = try lyceum.up()
            #expect(try await second.wait() == 0, "\(second.said)")
            #expect(second.said.contains("the database had ended; starting it again"))
            #expect(second.said.contains("Lyceum runs already at http://localhost:\(lyceum.port)/"))
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("a reload takes up a plugin with its tables, none whose tables are missing, and none whose library is gone")
    func reload() async throws {
        try await with { lyceum in
            let config = try lyceum.configuration()
            let main = config.appending(path: "lyceum.yaml")
            let studio = config.appending(path: "regions/studio.yaml")
            func edit(_ file: URL, _ change: (String) -> String) throws {
                try change(try String(contentsOf: file, encoding: .utf8)).write(
                    to: file, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            }
            let up = try lyceum.up("--detach", "--no-demo", "--config", config.path)
            #expect(try await up.wait() == 0, "\(up.said)")
            func reload() throws { kill(try lyceum.supervisor(), SIGHUP) }
            func refusal() -> String {
                (try? String(contentsOfFile: lyceum.state + "/run/refused", encoding: .utf8)) ?? ""
            }

            // The same databases, but as somebody else's: Lyceum may not change them unasked.
            let socket = lyceum.state + "/run/postgres"
            try edit(main) {
                $0.replacing(
                    "\ndatabase: embedded", with: "\ndatabase: host=\(socket) user=lyceum dbname=lyceum_{region}")
            }
            try edit(studio) { $0 + "\n  courses:\n" }
            let check = try await lyceum.run("check", "--config", config.path)
            #expect(check.code == 0, "\(check.said)")
            #expect(check.said.contains("region studio: its database lacks courses: roles and schema"))
            try reload()
            #expect(try await lyceum.eventually { refusal().contains("run `lyceum migrate`") }, "\(refusal())")
            #expect(refusal().contains("region studio: its database lacks courses: roles and schema"))
            #expect(try await lyceum.status("/courses", region: "studio") == 404)
            #expect(try await lyceum.status("/courses", region: "academy") == 200)

            // Its own it brings up to date.
            try edit(main) {
                $0.replacing("database: host=\(socket) user=lyceum dbname=lyceum_{region}", with: "database: embedded")
            }
            try reload()
            #expect(try await lyceum.eventually { try await lyceum.status("/courses", region: "studio") == 200 })

            // A decision for a plugin whose library was taken away.
            try lyceum.sql("studio", "insert into lyceum.plugin (id, state) values ('noticeboard', 'enabled')")
            let sentence = "which was enabled in the region studio"
            let orphan = try await lyceum.run("check", "--config", config.path)
            #expect(orphan.code == 78)
            #expect(orphan.said.contains("/libraries does not name the plugin \"noticeboard\", \(sentence)"))
            try reload()
            #expect(try await lyceum.eventually { refusal().contains(sentence) })
            #expect(try await lyceum.status("/courses", region: "studio") == 200)
            let disable = try await lyceum.run("disable", "noticeboard", "-r", "studio", "--config", config.path)
            #expect(disable.code == 0, "\(disable.said)")
            #expect(try await lyceum.run("check", "--config", config.path).code == 0)
        }
    }

    @Test("commands at the same time do not break each other, and an older version's files are replaced")
    func together() async throws {
        try await with { lyceum in
            let first = try lyceum.up("--detach", "--no-demo")
            #expect(try await first.wait() == 0, "\(first.said)")
            if getuid() == 0 {
                // As the older launcher left it: made by root, and different from the checkout.
                for part in ["bin", "share", "Config"] {
                    let path = lyceum.state + "/" + part
                    for name in try FileManager.default.subpathsOfDirectory(atPath: path) + [""] {
                        try #require(lchown(path + "/" + name, 0, 0) == 0)
                    }
                }
                try FileManager.default.removeItem(atPath: lyceum.state + "/Config/regions/store.yaml")
            }
            let runs = try (0..<8).map { number in
                number % 2 == 0 ? try lyceum.up("--detach") : try lyceum.start("check")
            }
            for run in runs {
                let code = try await run.wait()
                // A second `up` may meet a first one that has not said yet what it found.
                #expect(code == 0 || run.said.contains("is starting this installation"), "\(run.said)")
                #expect(!run.said.contains("cannot be written"), "\(run.said)")
            }
            let last = try lyceum.up("--detach")
            #expect(try await last.wait() == 0, "\(last.said)")
            let regions = try await lyceum.run("regions")
            #expect(regions.code == 0 && regions.said.contains("store"), "\(regions.said)")
            if getuid() == 0 {
                let owner = try FileManager.default.attributesOfItem(atPath: lyceum.state + "/bin/lyceum")
                #expect(owner[.ownerAccountName] as? String == "lyceum")
                // What decides about what runs copies nothing.
                let file = lyceum.state + "/bin/lyceum-worker"
                let before = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
                let disabled = try await lyceum.run("disable", "courses", "--region", "academy")
                #expect(disabled.code == 0, "\(disabled.said)")
                let after = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
                #expect(before == after)
            }
        }
    }

    @Test("only up makes an installation: other commands say that there is none")
    func nothing() async throws {
        try await with { lyceum in
            for words in [
                ["--help"], ["up", "--help"], ["check"], ["plan"], ["down"], ["enable", "courses", "-r", "academy"],
            ] {
                let run = try lyceum.start(words)
                let code = try await run.wait()
                #expect(code == (words[0] == "enable" ? 1 : 0), "\(words): \(run.said)")
                if ["check", "down", "enable"].contains(words[0]) {
                    #expect(run.said.contains("\(lyceum.state)") && run.said.contains("does not exist"), "\(run.said)")
                }
                #expect(!FileManager.default.fileExists(atPath: lyceum.state))
            }
        }
    }

    @Test("a disk that is full is named, at each stage", .enabled(if: getuid() == 0), arguments: [4, 60, 85, 93])
    func fullDisk(megabytes: Int) async throws {
        try await with { lyceum in
            // Only root can have a disk of its own for a test.
            try FileManager.default.createDirectory(
                atPath: lyceum.base.path + "/disk", withIntermediateDirectories: false)
            try #require(mount("tmpfs", lyceum.base.path + "/disk", "tmpfs", 0, "size=\(megabytes)m,mode=755") == 0)
            defer { umount2(lyceum.base.path + "/disk", Int32(MNT_DETACH)) }
            let up = try lyceum.up("--detach", "--state", lyceum.base.path + "/disk/state")
            let code = try await up.wait()
            let last = up.said.split(separator: "\n").last.map(String.init) ?? ""
            // How much a cluster takes depends on PostgreSQL's version: the larger disks may do.
            if code == 0 {
                #expect(megabytes > 60)
            } else {
                #expect(code == 1)
                #expect(last.hasPrefix("lyceum: "), "\(up.said)")
                #expect(last.contains("the disk of \(lyceum.base.path)/disk/state"), "\(up.said)")
                #expect(last.contains(" is full") && last.contains("ake room"), "\(up.said)")
            }
            _ = try await lyceum.run("down", "--state", lyceum.base.path + "/disk/state")
        }
    }

    @Test("a second up beside one in the foreground says where it runs, and down stops that one")
    func second() async throws {
        try await with { lyceum in
            let up = try lyceum.up("--no-demo")
            #expect(try await up.says("ctrl-C stops it."), "\(up.said)")
            let second = try lyceum.up("--no-demo")
            #expect(try await second.wait() == 0)
            #expect(second.said.contains("Lyceum runs already at http://localhost:\(lyceum.port)/"))
            let down = try lyceum.start("down")
            #expect(try await down.wait() == 0, "\(down.said)")
            #expect(down.said == "stopped\n")
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
            let up = try lyceum.up("--no-demo")
            #expect(try await up.says(stage), "\(up.said)")
            kill(up.process.processIdentifier, SIGINT)
            #expect(try await up.wait() != nil)
            #expect(try lyceum.processes().isEmpty)
            let next = try lyceum.up("--detach", "--no-demo")
            #expect(try await next.wait() == 0, "\(next.said)")
            #expect(try await lyceum.status() == 200)
        }
    }

    @Test("a stale socket, stale process ids and a half-made cluster are recognised")
    func stale() async throws {
        try await with { lyceum in
            let up = try lyceum.up("--detach", "--no-demo")
            #expect(try await up.wait() == 0, "\(up.said)")
            // As after a power failure: everything died at once and left its files.
            for line in try lyceum.processes().reversed() {
                if let id = Int32(line.prefix { $0 != " " }) { kill(id, SIGKILL) }
            }
            let deadline = ContinuousClock.now + .seconds(20)
            while try !lyceum.processes().isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
            let next = try lyceum.up("--detach", "--no-demo")
            let code = try await next.wait()
            #expect(code == 0, "\(code ?? -1) \(next.process.terminationReason.rawValue) \(next.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("a state directory may have a space in its path")
    func space() async throws {
        try await with("a state of mine") { lyceum in
            let up = try lyceum.up("--detach", "--no-demo")
            #expect(try await up.wait() == 0, "\(up.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("a state directory may be too long for a socket")
    func long() async throws {
        try await with(String(repeating: "long/", count: 25) + "state") { lyceum in
            let up = try lyceum.up("--detach", "--no-demo")
            #expect(try await up.wait() == 0, "\(up.said)")
            #expect(try await lyceum.status("/courses", region: "academy") == 200)
        }
    }

    @Test("a directory of somebody else is not taken for the state")
    func foreign() async throws {
        try await with { lyceum in
            // To the launcher root's own directory is foreign, as everything runs as a user of its own.
            let foreign = getuid() == 0 ? lyceum.base.path + "/foreign" : "/usr"
            if getuid() == 0 {
                try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: false)
            }
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
            let up = try lyceum.up("--detach", "--no-demo")
            #expect(try await up.wait() == 0, "\(up.said)")
            #expect(try await lyceum.start("down").wait() == 0)
            let kept = lyceum.base.path + "/kept"
            try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: false)
            try "mine".write(toFile: kept + "/bootstrap.txt", atomically: true, encoding: .utf8)
            let assets = lyceum.state + "/assets"
            try FileManager.default.removeItem(atPath: assets)
            try FileManager.default.createSymbolicLink(atPath: assets, withDestinationPath: kept)
            _ = try await lyceum.up("--detach", "--no-demo").wait()
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
            #expect(
                up.said.contains("academy.yaml:5: /titel is no key here; did you mean \"title\", which is required?"))
            #expect(!FileManager.default.fileExists(atPath: lyceum.state + "/postgres"))
        }
    }
}
