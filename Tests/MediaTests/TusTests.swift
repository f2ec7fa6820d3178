import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Synchronization
import Testing

@Suite("Uploads in parts")
struct TusTests {
    private let text = Array("Nobody expects the resumed upload.\n".utf8)

    @Test("say what they understand")
    func options() async throws {
        let media = try await MediaWorld()
        let answer = try await media.tus("OPTIONS", nil, version: nil)
        #expect(answer.status == 204)
        #expect(answer.header("Tus-Version") == "1.0.0" && answer.header("Tus-Resumable") == "1.0.0")
        #expect(answer.header("Tus-Extension") == "creation,creation-with-upload,expiration,checksum,termination")
        #expect(answer.header("Tus-Checksum-Algorithm") == "sha1,sha256")
        #expect(answer.header("Tus-Max-Size") == "4294967296")
    }

    @Test("arrive part by part, say how far they are, and become a file with its digest and type")
    func parts() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, text.count, name: "notes/ünï \u{202E}.txt")
        let first = try await media.patch(path, token, at: 0, Array(text[..<10]))
        #expect(first.status == 204 && first.header("Upload-Offset") == "10")
        #expect(first.header("Upload-Expires")?.hasSuffix("GMT") == true)
        let head = try await media.tus("HEAD", at: path, token)
        #expect(head.status == 200 && head.header("Upload-Offset") == "10")
        #expect(head.header("Upload-Length") == "\(text.count)" && head.header("Cache-Control") == "no-store")
        #expect(try await media.patch(path, token, at: 10, Array(text[10...])).status == 204)
        let list = try await media.client.get("/api/media/files", token: token)
        #expect(list.json("items", 0, "name") as? String == "ünï .txt")
        #expect(list.json("items", 0, "type") as? String == "text/plain")
        var digest = RunningDigest()
        text.withUnsafeBytes { digest.add($0) }
        let hex = digest.digest().map { String(format: "%02x", $0) }.joined()
        #expect(list.json("items", 0, "sha256") as? String == hex)
        let after = try await media.tus("HEAD", at: path, token)
        #expect(after.status == 200 && after.header("Upload-Offset") == "\(text.count)", "also once it is a file")
        #expect(try await media.patch(path, token, at: text.count, []).status == 204, "and again changes nothing")
        let events = try media.world.connection().number(
            "select count(*) from lyceum.event where topic = 'media.file.stored'")
        #expect(events == 1)
    }

    @Test("may bring the first part with their beginning")
    func creationWithUpload() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let answer = try await media.tus(
            "POST", token,
            [
                ("Upload-Length", "\(text.count)"), ("Content-Type", "application/offset+octet-stream"),
                ("Upload-Metadata", media.metadata("a.txt")),
            ], Array(text[..<7]))
        #expect(answer.status == 201 && answer.header("Upload-Offset") == "7")
        let path = try #require(answer.header("Location"))
        #expect(try await media.patch(path, token, at: 7, Array(text[7...])).status == 204)
    }

    @Test("go on only where they are")
    func offsets() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, text.count)
        #expect(try await media.patch(path, token, at: 0, Array(text[..<10])).status == 204)
        for offset in [0, 9, 11] {
            let answer = try await media.patch(path, token, at: offset, [1])
            #expect(answer.status == 409 && answer.header("Upload-Offset") == "10")
            #expect(answer.header("Tus-Resumable") == "1.0.0")
        }
        #expect(try await media.patch(path, token, at: 10, Array(repeating: 0, count: 100)).status == 413)
        #expect(try await media.tus("HEAD", at: path, token).header("Upload-Offset") == "10")
    }

    @Test("keep nothing of a part whose checksum is wrong")
    func checksums() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, 6)
        let wrong = try await media.patch(
            path, token, at: 0, Array("abc".utf8), [("Upload-Checksum", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=")])
        #expect(wrong.status == 460)
        #expect(try await media.tus("HEAD", at: path, token).header("Upload-Offset") == "0")
        let sha1 = try await media.patch(
            path, token, at: 0, Array("abc".utf8), [("Upload-Checksum", "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")])
        #expect(sha1.status == 204, "\(sha1.text)")
        let sha256 = try await media.patch(
            path, token, at: 3, Array("abc".utf8),
            [("Upload-Checksum", "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")])
        #expect(sha256.status == 204, "\(sha256.text)")
        for checksum in ["md5 kAFQmDzST7DWlj99KOF/cg==", "sha1", "sha1 qZk+", "sha1 !!!!"] {
            let other = try await media.begin(token, 3)
            let answer = try await media.patch(other, token, at: 0, Array("abc".utf8), [("Upload-Checksum", checksum)])
            #expect(answer.status == 400, "\(checksum)")
        }
    }

    @Test("are refused to a client of another protocol, and without what they need")
    func refusals() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, 3)
        for version in ["0.2.2", nil] {
            let answer = try await media.tus("HEAD", at: path, token, version: version)
            #expect(answer.status == 412 && answer.header("Tus-Version") == "1.0.0")
        }
        #expect(try await media.tus("POST", token).status == 400, "no length")
        #expect(try await media.tus("POST", token, [("Upload-Length", "5000000000")]).status == 413)
        #expect(try await media.tus("POST", nil, [("Upload-Length", "3")]).status == 401)
        #expect(
            try await media.tus(
                "PATCH", at: path, token, [("Upload-Offset", "0"), ("Content-Type", "text/plain")], [1]
            )
            .status
                == 415)
        #expect(
            try await media.tus("POST", token, [("Upload-Length", "3"), ("Upload-Metadata", "filename *")]).status
                == 400)
        let kind = media.metadata("a", "nobody.knows")
        #expect(try await media.tus("POST", token, [("Upload-Length", "3"), ("Upload-Metadata", kind)]).status == 422)
    }

    @Test("are nobody else's business")
    func others() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, 3)
        let other = try await media.person("eve")
        for method in ["HEAD", "DELETE"] {
            #expect(try await media.tus(method, at: path, other).status == 404)
            #expect(try await media.tus(method, at: path, nil).status == 401)
            #expect(try await media.tus(method, at: path, nil, [("Upload-Ticket", "guessed")]).status == 401)
        }
        #expect(try await media.patch(path, other, at: 0, [1, 2, 3]).status == 404)
        #expect(try await media.patch(path, nil, at: 0, [1, 2, 3]).status == 401)
    }

    @Test("can be ended, and leave nothing")
    func termination() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, 10)
        #expect(try await media.patch(path, token, at: 0, Array(text[..<5])).status == 204)
        #expect(try media.stored().count == 1)
        #expect(try await media.tus("DELETE", at: path, token).status == 204)
        #expect(try media.stored() == [])
        #expect(try await media.tus("HEAD", at: path, token).status == 404)
        #expect(try await media.patch(path, token, at: 5, [1]).status == 404)
        #expect(try media.world.connection().number("select bytes from media.usage") == 0)
    }

    @Test("expire when nothing comes, and a sweep removes them with their bytes")
    func expiry() async throws {
        let late = Atomic<Int64>(0)
        let clock = World(
            now: { Instant.now + .seconds(late.load(ordering: .relaxed)) }, newID: { World.real.newID() })
        let media = try await MediaWorld(world: clock)
        let token = try await media.person()
        let path = try await media.begin(token, 10)
        #expect(try await media.patch(path, token, at: 0, Array(text[..<5])).status == 204)
        // An hour before the session ends, because that is as long.
        try media.world.connection().run("update media.upload set expires_at = now() - interval '1 second'")
        #expect(try await media.tus("HEAD", at: path, token).status == 410)
        #expect(try await media.patch(path, token, at: 5, [1]).status == 410)
        try queueSweep(media)
        try await media.runJobs { try media.world.connection().number("select count(*) from media.upload") == 0 }
        #expect(try media.stored() == [])
    }

    @Test(
        "are finished by the next question, or by the sweep, when a process died at the end", arguments: [true, false])
    func finishing(bySweep: Bool) async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, 3)
        #expect(try await media.patch(path, token, at: 0, Array("ab".utf8)).status == 204)
        // As after the last part's row, and before the file's.
        let name = try #require(media.stored().first)
        try Data("abc".utf8).write(to: URL(filePath: media.path(name)))
        try media.world.connection().run(
            "update media.upload set received = 3, touched_at = now() - interval '2 minutes'")
        if bySweep {
            try queueSweep(media)
            try await media.runJobs { try media.world.connection().number("select count(*) from media.file") == 1 }
        } else {
            #expect(try await media.tus("HEAD", at: path, token).header("Upload-Offset") == "3")
        }
        #expect(try media.world.connection().number("select count(*) from media.file") == 1)
        #expect(try media.world.connection().number("select count(*) from media.upload") == 0)
        #expect(try media.stored().allSatisfy { $0.hasPrefix("files/") })
    }

    @Test("cut off what a process left beyond what the row says")
    func leftovers() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, 6)
        #expect(try await media.patch(path, token, at: 0, Array("abc".utf8)).status == 204)
        let name = try #require(media.stored().first)
        try Data("abcXXXXXXX".utf8).write(to: URL(filePath: media.path(name)))
        #expect(try await media.patch(path, token, at: 3, Array("def".utf8)).status == 204)
        let file = try #require(media.stored().first)
        #expect(try String(contentsOfFile: media.path(file), encoding: .utf8) == "abcdef")
    }

    @Test("are given up when the disk has lost what the row says")
    func lost() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let path = try await media.begin(token, 6)
        #expect(try await media.patch(path, token, at: 0, Array("abc".utf8)).status == 204)
        let name = try #require(media.stored().first)
        try Data("a".utf8).write(to: URL(filePath: media.path(name)))
        #expect(try await media.patch(path, token, at: 3, Array("def".utf8)).status == 410)
        #expect(try await media.tus("HEAD", at: path, token).status == 404)
    }

    @Test("have room within the quota of their person and of the region")
    func quota() async throws {
        let media = try await MediaWorld(settings: #"{"personBytes": 100, "regionBytes": 150}"#)
        let token = try await media.person()
        let path = try await media.begin(token, 100)
        let full = try await media.tus("POST", token, [("Upload-Length", "1")])
        #expect(full.status == 413 && full.json("code") as? String == "media.quota")
        let other = try await media.person("eve")
        let region = try await media.tus("POST", other, [("Upload-Length", "51")])
        #expect(region.status == 507 && region.json("code") as? String == "media.region_full")
        #expect(try await media.tus("DELETE", at: path, token).status == 204)
        #expect(try await media.tus("POST", token, [("Upload-Length", "1")]).status == 201, "there is room again")
    }

    @Test("of many at once take no more room than there is")
    func quotaRace() async throws {
        let media = try await MediaWorld(settings: #"{"personBytes": 100}"#)
        let token = try await media.person()
        let made = try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    try await MediaWorld(media.world, media.world.client()).tus(
                        "POST", token, [("Upload-Length", "30")]
                    )
                    .status
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 == 201 ? 1 : 0 }
        }
        #expect(made == 3)
        #expect(try media.world.connection().number("select bytes from media.usage") == 90)
    }

    private func queueSweep(_ media: MediaWorld) throws {
        try media.world.connection().run(
            "select lyceum.enqueue(gen_random_uuid(), 'media', 'sweep', '{}', null, null, null, null)")
    }
}
