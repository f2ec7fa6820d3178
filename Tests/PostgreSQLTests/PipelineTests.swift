import PostgreSQL
import Testing

@Suite("A pipeline")
struct PipelineTests {
    @Test("answers in order, in one trip, the same statement more than once")
    func order() throws {
        let connection = try TestDatabase().connect()
        func twice(_ number: Int) -> Statement { "select \(number)::int * 2" }
        let results = try connection.pipeline([twice(1), "select 'x'", twice(2), twice(3)])
        #expect(
            try results.map { result in
                var row = result.row(0); return try row.next(as: String.self)
            } == ["2", "x", "4", "6"])
        #expect(try connection.value("select count(*) from pg_prepared_statements where statement like '%* 2'") == 1)
        #expect(try connection.pipeline([]).isEmpty)
    }

    @Test("outside a transaction happens wholly or not at all, and the first error is the one thrown")
    func atomic() throws {
        let connection = try TestDatabase("create table thing (id int primary key)").connect()
        func add(_ id: Int) -> Statement { "insert into thing values (\(id))" }
        let error = databaseError { _ = try connection.pipeline([add(1), add(2), add(1), "select 1/0"]) }
        #expect(error.kind == .unique)
        #expect(error.constraint == "thing_pkey")
        #expect(try connection.value("select count(*) from thing") == 0)
        _ = try connection.pipeline([add(1), add(2)])
        #expect(try connection.value("select count(*) from thing") == 2)
    }

    @Test("whose statement cannot be prepared leaves the others usable")
    func unpreparable() throws {
        let connection = try TestDatabase().connect()
        func good() -> Statement { "select \(1)::int" }
        func bad() -> Statement { "select nonsense \(1) from" }
        for _ in 0..<3 {
            let error = databaseError { _ = try connection.pipeline([good(), bad(), good()]) }
            #expect(error.sqlState == "42601")
            #expect(error.statement == "select nonsense $1 from")
        }
        #expect(try connection.pipeline([good(), good()]).count == 2)
    }

    @Test("with far more data than the socket holds, in both directions, does not stall", .timeLimit(.minutes(1)))
    func large() throws {
        let connection = try TestDatabase().connect()
        let text = String(repeating: "y", count: 200_000)
        func echo(_ text: String) -> Statement { "select \(text)::text, repeat('z', 200000)" }
        let results = try connection.pipeline(Array(repeating: echo(text), count: 100))
        #expect(results.count == 100)
        #expect(results.allSatisfy { $0.bytes(row: 0, column: 0)?.count == 200_000 })
    }

    @Test("refuses COPY, which needs another protocol")
    func copy() throws {
        let database = try TestDatabase("create table thing (id int)")
        let connection = try database.connect()
        let error = databaseError { _ = try connection.query("copy thing from stdin") }
        #expect(error.kind == .misuse || error.kind == .connectionLost)
        #expect(connection.isBroken)
        #expect(databaseError { try connection.script("select 1") }.kind == .connectionLost)
    }
}
