import PostgreSQL
import Testing

@Suite("A statement")
struct StatementTests {
    private func find(_ id: Int, _ name: String) -> Statement { "select \(id)::int, \(name)::text" }

    @Test("shows places instead of values")
    func text() {
        #expect(find(7, "secret").text == "select $1::int, $2::text")
        #expect(("select 1" as Statement).text == "select 1")
        #expect(("\(1)\(2) x \(3)" as Statement).text == "$1$2 x $3")
    }

    @Test("takes raw text, names and other statements in")
    func parts() throws {
        let part: Statement = "b = \(2) and c = \("x")"
        let whole: Statement =
            "select * from \(identifier: "odd \"name\"") where a = \(1) and \(part) order by a \(unescaped: "desc")"
        #expect(whole.text == #"select * from "odd ""name""" where a = $1 and b = $2 and c = $3 order by a desc"#)
        let connection = try TestDatabase("create table \"odd \"\"name\"\"\" (a int, b int, c text)").connect()
        #expect(try connection.query(whole).rowCount == 0)
        #expect(Statement(unescaped: "select 1").text == "select 1")
    }

    @Test("is prepared once per connection, whatever is bound")
    func once() throws {
        let connection = try TestDatabase().connect()
        for number in 0..<5 { _ = try connection.query(find(number, "\(number)")) }
        let prepared: Statement =
            "select count(*), sum(generic_plans + custom_plans)::bigint from pg_prepared_statements where statement like 'select $1%'"
        var row = try connection.query(prepared).row(0)
        #expect(try row.next() == 1)
        #expect(try row.next() == 5)
    }

    @Test("is another one where the text is another, even if all but the end is the same")
    func distinct() throws {
        let connection = try TestDatabase().connect()
        #expect(try connection.value("select \(1)::int + 1") == 2)
        #expect(try connection.value("select \(1)::int + 2") == 3)
        #expect(try connection.value("select \(1)::int \(unescaped: "+ 3")") == 4)
        #expect(try connection.value("select \(1)::int \(unescaped: "+ 4")") == 5)
        #expect(try connection.value("select count(*) from pg_prepared_statements") == 5)
    }

    @Test("with text of its own is prepared too, but not without bound")
    func bounded() throws {
        let connection = try TestDatabase().connect()
        for number in 0..<200 {
            #expect(try connection.value("select \(unescaped: "\(number)") + \(1)::int") == number + 1)
        }
        for number in 0..<200 {
            #expect(try connection.value("select \(unescaped: "\(number)") + \(1)::int") == number + 1)
        }
        #expect(
            try connection.value("select count(*) from pg_prepared_statements where statement like '%+ $1::int'") == 128
        )
    }

    @Test("that is wrong says where, and is not remembered as prepared")
    func wrong() throws {
        let connection = try TestDatabase().connect()
        func missing() -> Statement { "select * from later where id = \(1)" }
        let error = databaseError { _ = try connection.query(missing()) }
        #expect(error.sqlState == "42P01")
        #expect(error.statement == "select * from later where id = $1")
        try connection.script("create table later (id int)")
        #expect(try connection.query(missing()).rowCount == 0)
    }

    @Test("is prepared anew once when the schema changes under it")
    func schemaChange() throws {
        let connection = try TestDatabase("create table thing (id int); insert into thing values (1)").connect()
        func all() -> Statement { "select * from thing" }
        #expect(try connection.query(all()).columnCount == 1)
        try connection.script("alter table thing add name text default 'x'")
        #expect(try connection.query(all()).columnCount == 2)
        // As the first of a transaction it is still safe to begin again; later it is not, and the transaction is to be retried.
        try connection.script("alter table thing add more text")
        try connection.begin()
        #expect(try connection.query(all()).columnCount == 3)
        try connection.commit()
        try connection.script("alter table thing drop more")
        try connection.begin()
        try connection.run("insert into thing values (2)")
        let error = databaseError { _ = try connection.query(all()) }
        #expect(error.kind == .stale)
        #expect(error.isTransient)
        connection.rollback()
        #expect(try connection.query(all()).columnCount == 2)
        try connection.script("alter table thing add again text")
        var tries = 0
        let count = try connection.transaction { connection in
            tries += 1
            try connection.run("insert into thing values (3)")
            return try connection.query(all()).rowCount
        }
        #expect(tries == 2)
        #expect(count == 2)
    }

    @Test("survives a session whose prepared statements were thrown away")
    func discarded() throws {
        let connection = try TestDatabase().connect()
        func one() -> Statement { "select \(1)::int" }
        _ = try connection.query(one())
        try connection.script("deallocate all")
        #expect(try connection.value(one()) == 1)
    }
}
