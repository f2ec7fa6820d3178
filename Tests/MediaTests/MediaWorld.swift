import Accounts
import AccountsContract
import Foundation
@_spi(Jobs) import Kernel
import Lyceum
import LyceumTesting
import Media
import MediaContract
import PostgreSQL
import Testing

/// A plugin that has files: `papers.paper` takes PDF, and whoever is called Reader may read them.
struct PapersPlugin: Plugin {
    static let manifest = Manifest(
        id: "papers", version: "1.0.0", requires: [.plugin("accounts", from: "1.0.0"), .plugin("media", from: "1.0.0")])

    static var declarations: [any Declaration] { [] }

    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Collect(.fileKinds) { _, _ in [FileKind("papers.paper", types: ["application/pdf"], largest: 100_000)] }
        Collect(.fileReading) { question, _ in
            guard question.file.kind == "papers.paper" else { return [] }
            return [question.asker?.name == "reader" ? .allow : .refuse]
        }
        Route(.post, "papers/{file}", .authenticated, about: "Attaches a paper.") {
            (context: borrowing Context, file: File.ID) async throws -> NoContent in
            let person = try context.user.account
            try await context.database.transaction { transaction in
                _ = try await transaction.using(.mediaFiles) { files, transaction in
                    try await files.attach(file, to: FileOwner("papers.paper", person.raw), by: person, transaction)
                }
            }
            return NoContent()
        }
        Route(.delete, "papers/{file}", .authenticated, about: "Detaches a paper.") {
            (context: borrowing Context, file: File.ID) async throws -> NoContent in
            let person = try context.user.account
            try await context.database.transaction { transaction in
                _ = try await transaction.using(.mediaFiles) { files, transaction in
                    try await files.detach(file, from: FileOwner("papers.paper", person.raw), transaction)
                }
            }
            return NoContent()
        }
    }
}

/// A region with files, and somebody who has some.
struct MediaWorld {
    let world: TestInstallation
    let client: any TestClient

    init(settings: String = "{}", world clock: World = .real, plugins: [any Plugin.Type] = [PapersPlugin.self])
        async throws
    {
        world = try await TestInstallation(
            plugins: [AccountsPlugin.self, MediaPlugin.self] + plugins, settings: ["media": settings], world: clock)
        client = world.client()
    }

    init(_ world: TestInstallation, _ client: any TestClient) { (self.world, self.client) = (world, client) }

    /// Registers somebody and answers a token.
    func person(_ name: String = "ada", roles: [String] = []) async throws -> String {
        let email = "\(name)@example.org"
        let made = try await client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "\#(name)", "email": "\#(email)", "password": "correct horse"}"#)
        let id = try #require(made.json("id") as? String, "\(made.text)")
        for role in roles {
            try world.connection().run("insert into accounts.role_grant values (\(id)::uuid, \(role), now())")
        }
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "\#(email)", "password": "correct horse"}"#)
        return try #require(session.json("token") as? String)
    }

    /// A request of the tus protocol.
    func tus(
        _ method: String, at path: String = "/api/media/uploads", _ token: String?,
        _ headers: [(name: String, value: String)] = [], _ body: [UInt8] = [], version: String? = "1.0.0"
    ) async throws -> TestResponse {
        var all = headers
        if let token { all.append(("Authorization", "Bearer \(token)")) }
        if let version { all.append(("Tus-Resumable", version)) }
        if method == "PATCH", !all.contains(where: { $0.name == "Content-Type" }) {
            all.append(("Content-Type", "application/offset+octet-stream"))
        }
        return try await client.send(TestRequest(method, path, headers: all, body: body))
    }

    /// Begins an upload and answers its path.
    func begin(_ token: String, _ length: Int, name: String = "a.txt", kind: String? = nil) async throws -> String {
        let answer = try await tus(
            "POST", token, [("Upload-Length", "\(length)"), ("Upload-Metadata", metadata(name, kind))])
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(answer.header("Location"))
    }

    func metadata(_ name: String, _ kind: String? = nil) -> String {
        func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        return "filename \(base64(name))" + (kind.map { ",kind \(base64($0))" } ?? "")
    }

    /// Adds a part.
    func patch(
        _ path: String, _ token: String?, at offset: Int, _ bytes: [UInt8],
        _ headers: [(name: String, value: String)] = []
    ) async throws -> TestResponse {
        try await tus("PATCH", at: path, token, [("Upload-Offset", "\(offset)")] + headers, bytes)
    }

    /// Uploads something in one part and answers its id.
    func upload(_ token: String, _ bytes: [UInt8], name: String = "a.txt", kind: String? = nil) async throws -> String {
        let path = try await begin(token, bytes.count, name: name, kind: kind)
        let done = try await patch(path, token, at: 0, bytes)
        try #require(done.status == 204, "\(done.text)")
        return String(path.split(separator: "/").last ?? "")
    }

    /// The paths of what lies in the region's directory, relative to it.
    func stored() throws -> [String] {
        let root = world.generation.files + "/" + world.generation.regions[0].id
        let all = FileManager.default.enumerator(atPath: root)?.allObjects.compactMap { $0 as? String } ?? []
        var isDirectory = ObjCBool(false)
        return all.filter { path in
            FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
    }

    func path(_ name: String) -> String { world.generation.files + "/" + world.generation.regions[0].id + "/" + name }

    /// Runs what jobs are queued, and waits until none is left.
    func runJobs(_ isOver: () throws -> Bool) async throws {
        let work = try JobProcess(world.installation, JobSettings()).start()
        defer {
            work.drain()
            work.wait()
        }
        try await waitUntil("the jobs have run", within: 60) { try isOver() }
    }
}

let pdf = Array("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n".utf8)

extension Connection {
    func number(_ statement: Statement) throws -> Int {
        var row = try query(statement).row(0)
        return try row.next()
    }
}
