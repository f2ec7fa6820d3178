import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Testing

/// A plugin with an address of every shape.
private struct ShapesPlugin: Plugin {
    static let manifest = Manifest(id: "shapes", version: "1.2.0")
    static var declarations: [any Declaration] { Permission.drawShapes }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.get, "shapes", .public, about: "Lists shapes.", Self.list)
        Route(.post, "shapes", .permission(.drawShapes), about: "Draws a shape.", Self.draw)
        Route(.get, "shapes/{shape}", .authenticated, Self.show)
        Route(.delete, "shapes/{other}", .authenticated, Self.erase)
        Route(.get, "shapes/shape", .public, Self.list)
        PageRoute(.get, "shapes", .public, Self.page)
    }

    @Sendable static func list(_ context: borrowing Context, _ filter: Query<Word>) async throws -> [Shape] { [] }
    @Sendable static func draw(_ context: borrowing Context, _ word: Body<Word>) async throws -> Created<Shape> {
        Created(Shape(name: word.value.word), at: "/api/shapes/1")
    }
    @Sendable static func show(_ context: borrowing Context, _ id: Slug) async throws -> Shape {
        Shape(name: id.value)
    }
    @Sendable static func erase(_ context: borrowing Context, _ id: Slug) async throws -> NoContent { NoContent() }
    @Sendable static func page(_ context: borrowing Context) async throws -> Page { throw Problem.notFound }
}

extension Permission {
    fileprivate static let drawShapes = Permission("shapes.draw", "Draw shapes.", roles: [])
}

private struct Shape: View {
    let name: String
}

@Suite("The document of a region's API")
struct APIDocumentTests {
    private func client() async throws -> InProcessClient {
        try await TestInstallation(plugins: [ShapesPlugin.self]).client()
    }

    @Test("has each operation: who may use it, what it takes, what it answers")
    func operations() async throws {
        let answer = try await client().get("/api/openapi.json")
        #expect(answer.status == 200 && answer.header("Content-Type") == "application/json")
        #expect(answer.json("openapi") as? String == "3.1.0")
        let paths = try #require(answer.json("paths") as? [String: [String: Any]])
        #expect(
            paths.keys.sorted() == ["/api/shapes", "/api/shapes/shape", "/api/shapes/{shape}"],
            "pages are no part of it")
        #expect(paths["/api/shapes"]?.keys.sorted() == ["get", "post"])
        let ids = paths.values.flatMap(\.values).compactMap { ($0 as? [String: Any])?["operationId"] as? String }
        #expect(ids.count == 5 && Set(ids).count == 5, "no two are called the same: \(ids)")
        // The same place, though the routes have their own names for it.
        #expect(paths["/api/shapes/{shape}"]?.keys.sorted() == ["delete", "get"])
        #expect(answer.json("paths", "/api/shapes/{shape}", "delete", "parameters", 0, "name") as? String == "shape")
        #expect(answer.json("paths", "/api/shapes", "get", "summary") as? String == "Lists shapes.")
        #expect(answer.json("paths", "/api/shapes", "get", "parameters", 0, "in") as? String == "query")
        #expect(answer.json("paths", "/api/shapes", "post", "x-permission") as? String == "shapes.draw")
        #expect(
            answer.json("paths", "/api/shapes", "post", "requestBody", "content", "application/json", "schema", "$ref")
                as? String == "#/components/schemas/shapes.Word")
        let made = try #require(answer.json("paths", "/api/shapes", "post", "responses") as? [String: Any])
        #expect(made.keys.sorted() == ["201", "default"])
        let erased = try #require(
            answer.json("paths", "/api/shapes/{shape}", "delete", "responses") as? [String: Any])
        #expect(erased.keys.sorted() == ["204", "default"])
        let schemas = try #require(answer.json("components", "schemas") as? [String: Any])
        #expect(schemas.keys.sorted() == ["Problem", "shapes.Shape", "shapes.Word"])
        #expect(answer.json("info", "version") as? String == "shapes 1.2.0")
    }

    @Test("who has it already is told that it is the same")
    func conditional() async throws {
        let client = try await client()
        let tag = try #require(try await client.get("/api/openapi.json").header("ETag"))
        let again = try await client.send(
            TestRequest("GET", "/api/openapi.json", headers: [("If-None-Match", "\"other\", " + tag)]))
        #expect(again.status == 304 && again.body.isEmpty && again.header("ETag") == tag)
        let other = try await client.send(
            TestRequest("GET", "/api/openapi.json", headers: [("If-None-Match", "\"other\"")]))
        #expect(other.status == 200)
    }

    @Test("is there for GET and HEAD")
    func methods() async throws {
        let client = try await client()
        #expect(try await client.send(TestRequest("HEAD", "/api/openapi.json")).status == 200)
        #expect(try await client.send(TestRequest("POST", "/api/openapi.json")).status == 405)
    }
}
