import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

/// A plugin that counts how often it was asked.
private struct CountingPlugin: Plugin {
    static let manifest = Manifest(id: "counting", version: "1.0.0")
    static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(1, "asked", "create table counting.asked (word text, times integer generated always as identity)")
        ])
        Emits(WordAsked.self)
    }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Route(.post, "counting/words", .public, Self.ask)
        Route(.delete, "counting/words", .public, Self.clear)
        Route(.get, "counting/words", .public, Self.count)
    }

    /// Several units of work, as a handler may have.
    @Sendable static func ask(
        _ context: borrowing Context, _ word: Body<Word>
    ) async throws -> NotStored<Created<Times>> {
        let word = word.value.word
        // A unit of work that fails by itself, as it would without a key.
        do { try await context.database.run("select 1 / \(word.utf8.count - word.utf8.count)") } catch is DatabaseError
        {}
        let times = try await context.database.transaction { transaction in
            var row = try await transaction.query(
                "insert into counting.asked values (\(word)) returning times"
            ).row(0)
            try transaction.emit(WordAsked(word: word))
            return try row.next(as: Int.self)
        }
        if word == "slow" { try await context.database.run("select pg_sleep(0.3)") }
        if word == "wrong" { throw Problem(status: 409, code: "counting.wrong", title: "This word is wrong.") }
        return NotStored(Created(Times(times: times, secret: Secrets.token()), at: "/api/counting/words"))
    }

    @Sendable static func clear(_ context: borrowing Context) async throws -> NoContent {
        try await context.database.run("delete from counting.asked")
        return NoContent()
    }

    @Sendable static func count(_ context: borrowing Context) async throws -> Times {
        var row = try await context.database.query("select count(*) from counting.asked").row(0)
        return Times(times: try row.next(), secret: "")
    }
}

private struct WordAsked: Event {
    static let name = "counting.word.asked"
    var key: String { word }
    var word: String
}

private struct Times: View {
    let times: Int
    let secret: String
}

@Suite("A request with an Idempotency-Key")
struct OncePerKeyTests {
    private let world: TestInstallation
    private let client: InProcessClient

    init() async throws {
        world = try await TestInstallation(plugins: [CountingPlugin.self])
        client = world.client()
    }

    private func ask(_ word: String, key: String?) async throws -> TestResponse {
        let headers = [("Content-Type", "application/json")] + (key.map { [("Idempotency-Key", $0)] } ?? [])
        return try await client.send(
            TestRequest("POST", "/api/counting/words", headers: headers, body: Array(#"{"word": "\#(word)"}"#.utf8)))
    }

    private func number(_ statement: Statement) throws -> Int {
        var row = try world.connection().query(statement).row(0)
        return try row.next()
    }

    @Test("happens once, and whoever sends it again is given the same answer")
    func replay() async throws {
        let first = try await ask("one", key: "k-1")
        #expect(first.status == 201 && first.header("Idempotency-Replayed") == nil)
        for key in ["k-1", "\"k-1\""] {
            let again = try await ask("one", key: key)
            #expect(again.status == 201 && again.body == first.body && again.header("Idempotency-Replayed") == "true")
            for name in ["Location", "Cache-Control", "Content-Type"] {
                #expect(again.header(name) == first.header(name))
            }
        }
        #expect(try number("select count(*) from counting.asked") == 1)
        #expect(try number("select count(*) from lyceum.event") == 1)
        #expect(try await ask("one", key: "k-2").json("times") as? Int == 2, "another key is another request")
        #expect(try await ask("one", key: nil).json("times") as? Int == 3)
    }

    @Test("that is sent eight times at once happens once, and all are given the same answer")
    func twins() async throws {
        let bodies = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let answer = try await ask("slow", key: "twins")
                    return (answer.status, answer.body)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(bodies.allSatisfy { $0.0 == 201 } && Set(bodies.map(\.1)).count == 1)
        #expect(try number("select count(*) from counting.asked") == 1)
    }

    @Test("whose key stood for something else is refused, and changes nothing")
    func reused() async throws {
        #expect(try await ask("one", key: "k").status == 201)
        let other = try await ask("two", key: "k")
        #expect(other.status == 422 && other.json("code") as? String == "idempotency_key_reused")
        let cleared = try await client.send(
            TestRequest("DELETE", "/api/counting/words", headers: [("Idempotency-Key", "k")]))
        #expect(cleared.status == 422)
        #expect(try number("select count(*) from counting.asked") == 1)
    }

    @Test("that was refused leaves nothing behind, and may be tried again with the same key")
    func refused() async throws {
        #expect(try await ask("wrong", key: "k").json("code") as? String == "counting.wrong")
        #expect(try await ask("", key: "k").status == 422)
        #expect(try number("select count(*) from counting.asked") == 0, "its first unit of work is undone too")
        #expect(try number("select count(*) from lyceum.event") == 0)
        #expect(try number("select count(*) from lyceum.answer") == 0)
        #expect(try await ask("right", key: "k").status == 201)
    }

    @Test("may have an answer without a body")
    func empty() async throws {
        for _ in 0..<2 {
            let answer = try await client.send(
                TestRequest("DELETE", "/api/counting/words", headers: [("Idempotency-Key", "k")]))
            #expect(answer.status == 204 && answer.body.isEmpty && answer.header("Content-Type") == nil)
        }
    }

    @Test(
        "must have one that can be read; a question needs none",
        arguments: ["", "a b", "ü", String(repeating: "k", count: 256)])
    func malformed(_ key: String) async throws {
        let answer = try await ask("one", key: key)
        #expect(answer.status == 400 && answer.json("code") as? String == "idempotency_key_malformed")
        let question = try await client.send(
            TestRequest("GET", "/api/counting/words", headers: [("Idempotency-Key", key)]))
        #expect(question.status == 200 && question.json("times") as? Int == 0)
    }

    @Test("is kept so that only who has the key can read its answer")
    func sealed() async throws {
        let secret = try #require(try await ask("one", key: "k-secret").json("secret") as? String)
        var row = try world.connection().query(
            "select encode(key, 'escape') || encode(request, 'escape') || encode(sealed, 'escape') from lyceum.answer"
        ).row(0)
        let kept: String = try row.next()
        #expect(!kept.contains(secret) && !kept.contains("k-secret") && !kept.contains("times"))
    }
}
