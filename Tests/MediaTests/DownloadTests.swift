import Accounts
import Foundation
import Glibc
import Kernel
import Lyceum
import LyceumTesting
import Media
import PostgreSQL
import Synchronization
import Testing

@Suite("Downloads")
struct DownloadTests {
    @Test("of one's own name a place that only nginx can go to, with a name that every client understands")
    func own() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let id = try await media.upload(token, pdf, name: "Übung \"1\".pdf")
        let answer = try await media.client.get("/api/media/files/\(id)/content", token: token)
        #expect(answer.status == 200)
        #expect(answer.header("X-Accel-Redirect") == "/lyceum-files/test/files/\(id.suffix(2))/\(id)")
        #expect(answer.header("Content-Type") == "application/pdf")
        #expect(
            answer.header("Content-Disposition")
                == "attachment; filename=\"_bung _1_.pdf\"; filename*=UTF-8''%C3%9Cbung%20%221%22.pdf")
        #expect(answer.header("Content-Security-Policy")?.contains("sandbox") == true)
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
    }

    @Test("are refused to guests and to others")
    func others() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let id = try await media.upload(token, pdf)
        let eve = try await media.person("eve")
        let admin = try await media.person("radia", roles: ["admin"])
        for path in ["/api/media/files/\(id)/content", "/api/media/files/\(id)"] {
            #expect(try await media.client.get(path).status == 401)
            #expect(try await media.client.get(path, token: eve).status == 404)
            #expect(try await media.client.get(path, token: admin).status == 200)
        }
        let nothing = "/api/media/files/01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11/content"
        #expect(try await media.client.get(nothing).status == 401, "as of one that exists")
        #expect(try await media.client.get(nothing, token: eve).status == 404)
    }

    @Test("are decided by the plugin that owns the kind")
    func owner() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let id = try await media.upload(token, pdf, kind: "papers.paper")
        let reader = try await media.person("reader")
        #expect(try await media.client.get("/api/media/files/\(id)/content", token: reader).status == 200)
        #expect(try await media.client.get("/api/media/files/\(id)/content", token: token).status == 404)
        let path = try await media.begin(token, 5, kind: "papers.paper")
        let refused = try await media.patch(path, token, at: 0, Array("hello".utf8))
        #expect(refused.status == 415 && refused.json("code") as? String == "media.type_refused")
        #expect(try await media.tus("HEAD", at: path, token).status == 404, "nothing is left of it")
        #expect(try media.stored().count == 1)
        let large = try await media.tus(
            "POST", token, [("Upload-Length", "100001"), ("Upload-Metadata", media.metadata("a", "papers.paper"))])
        #expect(large.status == 413)
    }

    @Test("by a signed link need no session, until its time is over; one that was altered is no link")
    func links() async throws {
        let late = Atomic<Int64>(0)
        let clock = World(
            now: { Instant.now + .seconds(late.load(ordering: .relaxed)) }, newID: { World.real.newID() })
        let media = try await MediaWorld(world: clock)
        let token = try await media.person()
        let (id, other) = (try await media.upload(token, pdf), try await media.upload(token, pdf))
        let made = try await media.client.send(
            "POST", "/api/media/files/\(id)/links", json: #"{"seconds": 60}"#, token: token)
        let path = try #require(made.json("path") as? String, "\(made.text)")
        #expect(made.header("Cache-Control") == "no-store")
        #expect(try await media.client.get(path).status == 200)
        let until = try #require(path.firstMatch(of: /until=(\d+)/)).1
        let later = path.replacing("until=\(until)", with: "until=\((Int(until) ?? 0) + 1)")
        for forged in [
            later, path.replacing(id, with: other), path + "&width=320", String(path.dropLast()),
            path.replacing(/&signature=.*/, with: ""), path.replacing(/until=\d+&/, with: ""),
        ] {
            #expect(try await media.client.get(forged).status == 403, "\(forged)")
            #expect(try await media.client.get(forged, token: token).status == 403, "also for whoever may")
        }
        late.store(61, ordering: .relaxed)
        #expect(try await media.client.get(path).status == 403)
    }

    @Test("end with the file, whose bytes go, and whose room is free again")
    func removal() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let id = try await media.upload(token, pdf)
        let eve = try await media.person("eve")
        func remove(_ token: String) async throws -> Int {
            try await media.client.send(
                TestRequest("DELETE", "/api/media/files/\(id)", headers: [("Authorization", "Bearer \(token)")])
            ).status
        }
        #expect(try await remove(eve) == 404)
        #expect(try await remove(token) == 204)
        #expect(try await remove(token) == 404)
        #expect(try media.world.connection().number("select bytes from media.usage") == 0)
        try await media.runJobs { try media.stored().isEmpty }
    }

    @Test("are not there for long when a file belongs to nothing, and neither are bytes without a row")
    func orphans() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let (kept, loose) = (
            try await media.upload(token, pdf, kind: "papers.paper"),
            try await media.upload(token, pdf, kind: "papers.paper")
        )
        func papers(_ method: String, _ id: String, _ token: String) async throws -> Int {
            try await media.client.send(
                TestRequest(method, "/api/papers/\(id)", headers: [("Authorization", "Bearer \(token)")])
            ).status
        }
        let eve = try await media.person("eve")
        #expect(try await papers("POST", kept, eve) == 404, "it is not hers")
        #expect(try await papers("POST", kept, token) == 204)
        #expect(try await papers("POST", kept, token) == 204, "again changes nothing")
        #expect(try await papers("POST", loose, token) == 204)
        #expect(try await papers("DELETE", loose, token) == 204)
        let database = try media.world.connection()
        try database.run("update media.file set loose_at = now() - interval '25 hours' where owner_id is null")
        let stray = "01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11"
        try FileManager.default.createDirectory(atPath: media.path("files/11"), withIntermediateDirectories: true)
        for name in [stray, stray + "-320"] {
            try Data("x".utf8).write(to: URL(filePath: media.path("files/11/" + name)))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -90_000)], ofItemAtPath: media.path("files/11/" + name))
        }
        try database.run("select lyceum.enqueue(gen_random_uuid(), 'media', 'sweep', '{}', null, null, null, null)")
        try await media.runJobs { try media.stored().count == 1 }
        #expect(try media.stored() == ["files/\(kept.suffix(2))/\(kept)"])
        #expect(try database.number("select count(*) from media.file") == 1)
    }

    @Test("leave files that nginx's group can read, and nobody else")
    func modes() async throws {
        let media = try await MediaWorld()
        let token = try await media.person()
        let whole = try await media.upload(token, pdf)
        let path = try await media.begin(token, 10)
        _ = try await media.patch(path, token, at: 0, [1])
        func mode(_ name: String) throws -> UInt32 {
            var status = stat()
            try #require(stat(media.path(name), &status) == 0)
            return status.st_mode & 0o7777
        }
        #expect(try mode("files/\(whole.suffix(2))/\(whole)") == 0o640)
        #expect(try mode("parts/\(path.suffix(2))/\(path.suffix(36))") == 0o600)
        #expect(try mode("files/\(whole.suffix(2))") == 0o2750)
        #expect(try mode("") == 0o2750)
    }
}
