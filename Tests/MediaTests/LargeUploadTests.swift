import Accounts
import Foundation
import Glibc
import Kernel
import Lyceum
import LyceumTesting
import Media
import PostgreSQL
import Testing

/// Whole installations behind a real nginx, one after the other.
@Suite("Large uploads behind nginx", .serialized)
struct LargeUploadTests {
    private func live(threads: Int? = nil, webProcesses: Int = 1) async throws -> (MediaWorld, LiveInstallation, String)
    {
        let world = try await TestInstallation(
            regions: ["academy"], plugins: [AccountsPlugin.self, MediaPlugin.self], copied: false)
        let live = try await LiveInstallation(world, webProcesses: webProcesses)
        let media = MediaWorld(world, live.client())
        return (media, live, try await media.person())
    }

    private static let part = 8 << 20

    /// A part of a film: what it begins with, then a pattern that differs in each part.
    private static func bytes(_ number: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number &* 31 &+ 7), count: part)
        let head: [UInt8] =
            number == 0
            ? [0, 0, 0, 0x18] + Array("ftypmp42".utf8) + [0, 0, 0, 0] + Array("mp42isom".utf8)
            : (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        bytes.replaceSubrange(0..<head.count, with: head)
        return bytes
    }

    /// The most memory that a process had so far, in bytes.
    private func peak(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/))
        return try #require(Int(line.1)) * 1_024
    }

    @Test("of 2 GB go on after a cut at 1.2 GB, and take no memory to speak of")
    func memory() async throws {
        let (media, live, token) = try await live()
        let parts = 256
        // What a first upload needs once for all is there before it is measured.
        _ = try await media.upload(token, pdf)
        for turn in 0..<4 {
            let path = try await media.begin(token, 2 * Self.part)
            #expect(try await media.patch(path, token, at: 0, Self.bytes(turn + 1)).status == 204)
            #expect(try await media.tus("DELETE", at: path, token).status == 204)
        }
        let worker = try #require(live.servingProcesses.first)
        let before = try peak(worker)
        let path = try await media.begin(token, parts * Self.part, name: "film.mp4")
        var digest = SHA(), offset = 0
        func send(_ number: Int) async throws {
            let bytes = Self.bytes(number)
            let answer = try await media.patch(path, token, at: offset, bytes)
            try #require(answer.status == 204, "\(answer.text)")
            offset += Self.part
            digest.add(bytes)
        }
        for number in 0..<150 { try await send(number) }
        // Cut in the middle of a part: nginx never has it whole, and nothing of it counts.
        var head = "PATCH \(path) HTTP/1.1\r\nHost: academy.localhost\r\nAuthorization: Bearer \(token)\r\n"
        head += "Tus-Resumable: 1.0.0\r\nUpload-Offset: \(offset)\r\nContent-Type: application/offset+octet-stream\r\n"
        head += "Content-Length: \(Self.part)\r\n\r\n"
        try live.client().hangUp(after: Array(head.utf8) + Self.bytes(150).prefix(3 << 20), rudely: true)
        let asked = try await media.tus("HEAD", at: path, token)
        #expect(asked.header("Upload-Offset") == "\(offset)" && offset > 1_200_000_000)
        for number in 150..<parts { try await send(number) }
        let risen = try peak(worker) - before
        #expect(risen < 8 << 20, "the worker's memory rose by \(risen) bytes")
        print("2 GB: the worker's memory rose by \(risen / 1_024) kB from \(before / 1_024) kB")
        #expect(live.servingProcesses == [worker])
        let list = try await media.client.get("/api/media/files?limit=1", token: token)
        #expect(list.json("items", 0, "size") as? Int == parts * Self.part)
        #expect(list.json("items", 0, "type") as? String == "video/mp4")
        #expect(list.json("items", 0, "sha256") as? String == digest.hex)
    }

    @Test("to the same place at once: one wins, the others are told to come again")
    func concurrency() async throws {
        let (media, live, token) = try await live(webProcesses: 2)
        defer { withExtendedLifetime(live) {} }
        let path = try await media.begin(token, 3 * Self.part)
        let statuses = try await withThrowingTaskGroup { group in
            for number in 0..<6 {
                group.addTask { try await media.patch(path, token, at: 0, Self.bytes(number)).status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 204 }.count == 1, "\(statuses)")
        #expect(statuses.allSatisfy { [204, 409, 423].contains($0) }, "\(statuses)")
        #expect(try await media.tus("HEAD", at: path, token).header("Upload-Offset") == "\(Self.part)")
        let name = try #require(media.stored().first)
        #expect(try FileManager.default.attributesOfItem(atPath: media.path(name))[.size] as? Int == Self.part)
    }

    @Test("survive processes that are killed: what is said to be there is there, and nothing else")
    func kills() async throws {
        let (media, live, token) = try await live(webProcesses: 2)
        let parts = 8
        let path = try await media.begin(token, parts * Self.part, name: "film.mp4")
        var (offset, digest, broken) = (0, SHA(), 0)
        let deadline = Date(timeIntervalSinceNow: 100)
        while offset < parts * Self.part, Date() < deadline {
            // What had arrived of a part may be kept, and then only the rest of it is sent.
            let rest = Array(Self.bytes(offset / Self.part).dropFirst(offset % Self.part))
            // Some die before the part, some in it, some after it: one for each, because the supervisor takes its time with those
            // that die again and again.
            let killer = Task {
                try await Task.sleep(for: .milliseconds(.random(in: 1...250)))
                for process in live.servingProcesses { kill(process, SIGKILL) }
            }
            let answer = try? await media.patch(path, token, at: offset, rest)
            if answer?.status != 204 { broken += 1 }
            try await killer.value
            var said: Int?
            while said == nil, Date() < deadline {
                said = try? await media.tus("HEAD", at: path, token).header("Upload-Offset").flatMap { Int($0) }
                if said == nil { try await Task.sleep(for: .milliseconds(100)) }
            }
            let now = try #require(said)
            try #require((offset...offset + rest.count).contains(now), "no more is there than was sent: \(now)")
            if answer?.status == 204 { #expect(now == offset + rest.count, "what was acknowledged is there") }
            digest.add(Array(rest.prefix(now - offset)))
            offset = now
        }
        print("killed: \(broken) parts were sent again")
        try #require(offset == parts * Self.part)
        try await waitUntil("the file is there", within: 30) {
            _ = try? await media.tus("HEAD", at: path, token)
            return try media.world.connection().number("select count(*) from media.file") == 1
        }
        var row = try media.world.connection().query("select encode(sha256, 'hex'), path from media.file").row(0)
        #expect(try row.next(as: String.self) == digest.hex)
        var stored = SHA()
        stored.add(Array(try Data(contentsOf: URL(filePath: media.path(try row.next(as: String.self))))))
        #expect(stored.hex == digest.hex)
        #expect(try media.stored().filter { $0.hasPrefix("parts/") } == [])
    }

    @Test("are sent by an nginx of another user, in ranges, and to nobody who goes round the worker")
    func downloads() async throws {
        let (media, live, token) = try await live()
        // As systemd sets it up: a socket and a directory of a group that nginx is in. Where the tests are not root's, nginx is
        // of the same user, and can read them anyway.
        let isRoot = geteuid() == 0
        let group = isRoot ? getgrnam("www-data")?.pointee.gr_gid : nil
        let server = try #require(try OtherNginx(live, files: media.world.generation.files, group: group))
        let text = Array((0..<2_000).map { "line \($0)\n" }.joined().utf8)
        let id = try await media.upload(token, text, name: "lines.txt")
        if group != nil {
            try await waitUntil("nginx has a worker") { server.workerUser() != nil }
            let user = try #require(server.workerUser())
            #expect(user == "www-data")
        }
        let made = try await media.client.send("POST", "/api/media/files/\(id)/links", json: "{}", token: token)
        let link = try #require(made.json("path") as? String)
        let whole = try await server.client.get(link)
        #expect(whole.status == 200 && whole.body == text, "\(whole.status) \(whole.text.prefix(200))")
        #expect(whole.header("Content-Type") == "text/plain" && whole.header("X-Content-Type-Options") == "nosniff")
        #expect(whole.header("Content-Security-Policy")?.contains("sandbox") == true)
        #expect(whole.header("Content-Disposition") == "attachment; filename=\"lines.txt\"")
        #expect(whole.header("Accept-Ranges") == "bytes" && whole.header("ETag") != nil)
        #expect(whole.header("X-Accel-Redirect") == nil)
        let range = try await server.client.send(TestRequest("GET", link, headers: [("Range", "bytes=10-19")]))
        #expect(range.status == 206 && range.body == Array(text[10..<20]))
        #expect(range.header("Content-Range") == "bytes 10-19/\(text.count)")
        let beyond = try await server.client.send(TestRequest("GET", link, headers: [("Range", "bytes=999999-")]))
        #expect(beyond.status == 416)
        let tag = try #require(whole.header("ETag"))
        #expect(try await server.client.send(TestRequest("GET", link, headers: [("If-None-Match", tag)])).status == 304)
        let head = try await server.client.send(TestRequest("HEAD", link))
        #expect(head.status == 200 && head.header("Content-Length") == "\(text.count)")

        let inner = "/lyceum-files/academy/files/\(id.suffix(2))/\(id)"
        for path in [
            inner, "//lyceum-files/academy/", "/lyceum-files/../lyceum-files/academy/files", "/assets/..\(inner)",
        ] {
            let answer = try await server.client.get(path)
            #expect(answer.status == 404 || answer.status == 400, "\(path): \(answer.status)")
        }
        for name in ["X-Accel-Redirect", "X_Accel_Redirect", "X-Sendfile", "X-Original-URL", "X-Rewrite-URL"] {
            let answer = try await server.client.send(TestRequest("GET", "/api/media/files", headers: [(name, inner)]))
            #expect(answer.status == 401, "\(name)")
        }
        if isRoot {
            // A stranger on the same machine.
            let path = media.path("files/\(id.suffix(2))/\(id)")
            #expect(
                try OtherNginx.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat", path]) != 0)
        }
    }
}

/// SHA-256 of what comes in pieces.
struct SHA {
    private var running = RunningDigest()
    mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { running.add($0) } }
    var hex: String { running.digest().map { String(format: "%02x", $0) }.joined() }
}

/// A second nginx before the same workers, whose workers are www-data's where root runs the tests.
final class OtherNginx {
    let client: LiveClient
    private let process: Process
    private let directory: String

    init?(_ live: LiveInstallation, files: String, group: gid_t?) throws {
        directory = "/tmp/lyceum-other-\(getpid())-\(UInt32.random(in: 0...0xFFFF_FFFF))"
        let port = UInt16.random(in: 20_000..<32_000)
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: directory + "/temp", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let sources = URL(filePath: #filePath).appending(path: "../../../nginx").standardized.path
        // Where the checkout is root's own, another user cannot enter it; nginx's master reads these.
        var text = try String(contentsOfFile: sources + "/standalone.conf", encoding: .utf8)
        for (name, value) in [
            "PORT": "\(port)", "STATE": directory, "SOCKET": live.socket, "ASSETS": directory, "NGINX": sources,
            "FILES": files, "BODY": "1048576",
        ] { text = text.replacingOccurrences(of: "@\(name)@", with: value) }
        if let group {
            text = text.replacingOccurrences(of: "user root;", with: "user www-data;")
            // What systemd's units and README's `install -d` do.
            guard chown(live.socket, uid_t.max, group) == 0, chmod(live.socket, 0o660) == 0 else { return nil }
            guard chown(files, uid_t.max, group) == 0, chmod(files, 0o2750) == 0 else { return nil }
        }
        try text.write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
        process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/nginx")
        process.arguments = [
            "-p", directory, "-c", directory + "/nginx.conf", "-e", directory + "/error.log", "-g", "daemon off;",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        client = LiveClient(port: port, region: "academy")
        for _ in 0..<500 where (try? client.raw(Array("GET / HTTP/1.0\r\n\r\n".utf8))) == nil { usleep(20_000) }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Whose its workers are.
    func workerUser() -> String? {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for name in all {
            guard let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8),
                status.contains("\nPPid:\t\(process.processIdentifier)\n"),
                let owner = try? FileManager.default.attributesOfItem(atPath: "/proc/\(name)")[.ownerAccountName]
                    as? String
            else { continue }
            return owner
        }
        return nil
    }

    /// Runs a command and answers its exit status.
    static func run(_ words: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
