import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

/// A plugin with a row that counts its changes.
private struct NotesPlugin: Plugin {
    static let manifest = Manifest(id: "notes", version: "1.0.0")
    static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "note",
                """
                create table notes.note (id uuid primary key, text text, version bigint not null default 1);
                insert into notes.note values ('018f0000-0000-7000-8000-000000000001', 'first')
                """)
        ])
    }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "notes/{note}", .public, Self.show)
        Route(.put, "notes/{note}", .public, Self.change)
        Route(.post, "notes/{note}/unlocked", .public, Self.unlocked)
    }

    @Sendable static func show(_ context: borrowing Context, _ note: Note.ID) async throws -> SingleRow<Note> {
        try await context.database.row(Note.self, "select id, text, version from notes.note where id = \(note)")
    }

    @Sendable static func change(
        _ context: borrowing Context, _ note: Note.ID, _ match: IfMatch, _ change: Body<NoteChange>
    ) async throws -> Note {
        try await context.database.transaction { transaction in
            let old = try await transaction.value(
                Note.self, matching: match, "select id, text, version from notes.note where id = \(note) for update")
            return try await transaction.value(
                Note.self,
                """
                update notes.note set text = \(change.value.text.applied(to: old.text)), version = version + 1
                where id = \(note) returning id, text, version
                """)
        }
    }

    @Sendable static func unlocked(
        _ context: borrowing Context, _ note: Note.ID, _ match: IfMatch
    ) async throws -> Note {
        try await context.database.transaction { transaction in
            try await transaction.value(
                Note.self, matching: match, "select id, text, version from notes.note where id = \(note)")
        }
    }
}

private struct Note: Versioned {
    struct ID: Identifier {
        let raw: RawID
        init(_ raw: RawID) { self.raw = raw }
    }
    var id: ID
    var text: String?
    var version: Int64
}

private struct NoteChange: Input {
    @Field("The words.", .length(1...100)) var text: Change<String?>
    @Field("How loud.") var volume: Change<Int>
}

@Suite("Rows that count their changes")
struct VersionTests {
    private let world: TestInstallation
    private let client: InProcessClient
    private let note = "/api/notes/018f0000-0000-7000-8000-000000000001"

    init() async throws {
        world = try await TestInstallation(plugins: [NotesPlugin.self])
        client = world.client()
    }

    private func put(_ json: String, _ match: String) async throws -> TestResponse {
        try await client.send(
            TestRequest(
                "PUT", note, headers: [("Content-Type", "application/json"), ("If-Match", match)],
                body: Array(json.utf8)))
    }

    @Test("an answer has a tag, and an update of another version is refused")
    func tags() async throws {
        let first = try #require(try await client.get(note).header("ETag"))
        #expect(first.hasPrefix("\"1."))
        let second = try await put(#"{"text": "second"}"#, first)
        #expect(second.status == 200 && second.header("ETag")?.hasPrefix("\"2.") == true)
        #expect(second.header("ETag") == (try await client.get(note).header("ETag")))
        #expect(try await put("{}", first).status == 412)
        #expect(try await put(#"{"text": null}"#, "\"2\"").json("text") is NSNull)
    }

    @Test("a row that is not locked cannot be compared")
    func unlocked() async throws {
        let answer = try await client.send(TestRequest("POST", note + "/unlocked", headers: [("If-Match", "*")]))
        #expect(answer.status == 500)
        #expect(world.log.lines.contains { $0.contains("for update") })
    }

    @Test("the document has the tag, the conditions and what a change may leave out")
    func document() async throws {
        let document = try await client.get("/api/openapi.json")
        func at(_ path: any Sendable...) -> Any? {
            var value: Any? = document.json()
            for step in path {
                if let key = step as? String { value = (value as? [String: Any])?[key] }
                if let index = step as? Int { value = (value as? [Any])?[index] }
            }
            return value
        }
        func references(_ method: String) -> [String] {
            let list = at("paths", "/api/notes/{note}", method, "parameters") as? [[String: Any]] ?? []
            return list.compactMap { ($0["$ref"] as? String)?.split(separator: "/").last.map(String.init) }
        }
        #expect(references("get") == ["IfNoneMatch"])
        #expect(references("put") == ["IdempotencyKey", "IfMatch"])
        #expect(at("components", "parameters", "IfMatch", "required") as? Bool == true)
        let shown = at("paths", "/api/notes/{note}", "get", "responses") as? [String: Any]
        #expect(shown?.keys.sorted() == ["200", "304", "default"])
        let changed = at("paths", "/api/notes/{note}", "put", "responses") as? [String: Any]
        #expect(changed?.keys.sorted() == ["200", "412", "428", "default"])
        for method in ["get", "put"] {
            #expect(
                at("paths", "/api/notes/{note}", method, "responses", "200", "headers", "ETag", "$ref") as? String
                    == "#/components/headers/ETag")
        }
        let change = at("components", "schemas", "notes.NoteChange") as? [String: Any]
        #expect(change?["required"] == nil, "all of it may be left out")
        #expect(
            at("components", "schemas", "notes.NoteChange", "properties", "text", "type") as? [String] == [
                "string", "null",
            ])
        #expect(at("components", "schemas", "notes.NoteChange", "properties", "volume", "type") as? String == "integer")
    }
}

@Suite("Methods that the kernel adds")
struct MethodTests {
    private func client() async throws -> InProcessClient {
        try await TestInstallation(plugins: [NotesPlugin.self]).client()
    }

    @Test("HEAD is there for every GET, with its header, the length of what it would send, and nothing else")
    func head() async throws {
        let client = try await client()
        let list = [
            "/api/notes/018f0000-0000-7000-8000-000000000001", "/api/openapi.json", "/", "/api/notes/x", "/nothing",
        ]
        for path in list {
            let got = try await client.get(path)
            let head = try await client.send(TestRequest("HEAD", path))
            #expect(head.status == got.status && head.body.isEmpty, "\(path)")
            // Only an answer about the request itself has its id.
            if got.status == 200 { #expect(head.header("Content-Length") == "\(got.body.count)", "\(path)") }
            let names = got.headers.map(\.name)
            #expect(head.headers.map(\.name).filter { $0 != "Content-Length" } == names, "\(path)")
            for name in ["ETag", "Content-Type", "Cache-Control"] { #expect(head.header(name) == got.header(name)) }
        }
    }

    @Test("OPTIONS and 405 name exactly the methods there are")
    func allow() async throws {
        let client = try await client()
        for (path, allow) in [
            ("/api/notes/018f0000-0000-7000-8000-000000000001", "GET, PUT, HEAD, OPTIONS"),
            ("/api/notes/018f0000-0000-7000-8000-000000000001/unlocked", "POST, OPTIONS"),
            ("/api/openapi.json", "GET, HEAD, OPTIONS"), ("/", "GET, HEAD, OPTIONS"),
        ] {
            let options = try await client.send(TestRequest("OPTIONS", path))
            #expect(options.status == 204 && options.body.isEmpty && options.header("Allow") == allow, "\(path)")
            #expect(options.header("Content-Type") == nil && options.header("Content-Length") == nil)
            let named = Set(allow.split(separator: ", ").map(String.init))
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "BREW", "get"] where !named.contains(method)
            {
                let answer = try await client.send(TestRequest(method, path))
                #expect(answer.status == 405 && answer.header("Allow") == allow, "\(method) \(path)")
            }
        }
        #expect(try await client.send(TestRequest("OPTIONS", "/api/nothing")).status == 404)
    }
}
