import PostgreSQL
import Testing

@Suite("Values go into a statement and come back")
struct ValueTests {
    private func roundTrip<Value: SQLValue & Equatable>(
        _ connection: Connection, _ value: Value, _ cast: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var row = try connection.query("select \(value)::\(unescaped: cast)").row(0)
        #expect(try row.next() == value, sourceLocation: sourceLocation)
        var null = try connection.query("select \(nil as Value?)::\(unescaped: cast)").row(0)
        #expect(try null.next() == nil as Value?, sourceLocation: sourceLocation)
    }

    @Test("every type, at its limits, and NULL")
    func types() throws {
        let connection = try TestDatabase().connect()
        for number in [0, 1, -1, Int.max, Int.min, 999_999_999_999_999_999, -1_000_000_000_000_000_000] {
            try roundTrip(connection, number, "bigint")
            try roundTrip(connection, Int64(number), "bigint")
        }
        for number in [Int32.min, 0, .max] { try roundTrip(connection, number, "integer") }
        for number in [Int16.min, 0, .max] { try roundTrip(connection, number, "smallint") }
        for truth in [true, false] { try roundTrip(connection, truth, "boolean") }
        for number in [
            0.1, -0.0, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity,
            12_345_678.901_234_5,
        ] {
            try roundTrip(connection, number, "double precision")
        }
        #expect(try connection.value("select \(Double.nan)::double precision", as: Double.self).isNaN)
        for bytes in [[], [0], [0, 255, 92, 120, 39], Array(0...255)] as [[UInt8]] {
            try roundTrip(connection, bytes, "bytea")
        }
    }

    @Test("hostile text stays text")
    func text() throws {
        let connection = try TestDatabase().connect()
        for text in [
            "", " ", "'; drop table x; --", "$1 $2", "\\", "\\x41", "\"", "NULL", "{a,b}", "zwölf Boxkämpfer",
            "👩‍👩‍👧 \u{301}",
            "\u{FEFF}", "\u{202E}", "a\nb\r\tc\u{1}\u{7F}", String(repeating: "x", count: 3_000_000),
        ] {
            try roundTrip(connection, text, "text")
            #expect(try connection.value("select octet_length(\(text)::text)") == text.utf8.count)
        }
    }

    @Test("a zero byte is refused before anything is sent, and named by its place")
    func zero() throws {
        let connection = try TestDatabase().connect()
        let error = databaseError { _ = try connection.query("select \("fine")::text, \("secret\0")::text") }
        #expect(error.kind == .invalidValue)
        #expect(error.message == "bind $2 holds a zero byte, which text in PostgreSQL cannot")
        #expect(try connection.value("select 1") == 1)
    }

    @Test("arrays, empty ones and those with NULL, quotes and commas in them")
    func arrays() throws {
        let connection = try TestDatabase().connect()
        let texts = ["", "a,b", "{}", "\"quoted\"", "back\\slash", "NULL", " blank ", "ö"]
        var row = try connection.query(
            """
            select \(texts)::text[], \([1, -2, Int.max])::bigint[], \([] as [Int])::bigint[], \([1, nil] as [Int?])::bigint[],
                \(nil as [Int]?)::bigint[], \([[0, 1], []] as [[UInt8]])::bytea[], cardinality(\(texts)::text[]), \([true])::bool[]
            """
        ).row(0)
        #expect(try row.next() == texts)
        #expect(try row.next() == [1, -2, Int.max])
        #expect(try row.next() == [] as [Int])
        #expect(try row.next() == [1, nil] as [Int?])
        #expect(try row.next() == nil as [Int]?)
        #expect(try row.next() == [[0, 1], []] as [[UInt8]])
        #expect(try row.next() == texts.count)
        #expect(try row.next() == [true])
        #expect(try connection.value("select count(*) from generate_series(1, 9) n where n = any(\([2, 3, 40]))") == 2)
    }

    @Test("raw values of enumerations")
    func raw() throws {
        let connection = try TestDatabase().connect()
        var row = try connection.query("select \(Level.beginner)::text, 'expert'").row(0)
        #expect(try row.next() == Level.beginner)
        let error = databaseError { _ = try row.next(as: Level.self) }
        #expect(error.kind == .decoding)
        #expect(error.message.contains("holds no Level in row 0"))
        #expect(!error.message.contains("expert"))
    }

    private enum Level: String, SQLValue { case beginner, advanced }

    @Test("what is read as something it is not is an error that names the column, and never the value")
    func mismatch() throws {
        let connection = try TestDatabase().connect()
        let result = try connection.query("select 'secret' as word, null as nothing, 5000000000 as large")
        var row = result.row(0)
        #expect(
            databaseError { _ = try row.next(as: Int.self) }.message.contains("the column word of type 25 holds no Int")
        )
        let null = databaseError { _ = try row.next(as: String.self) }
        #expect(null.message == "the column nothing is NULL in row 0, but String is read there; read an optional")
        #expect(databaseError { _ = try row.next(as: Int32.self) }.message.contains("the column large"))
        let past = databaseError { _ = try row.next(as: String?.self) }
        #expect(past.message.contains("the row has 3 columns"))
        #expect(result.bytes(row: 1, column: 0) == nil)
        #expect(result.bytes(row: 0, column: 3) == nil)
        #expect(result.columnName(0) == "word")
        #expect(result.columnName(9) == "")
    }

    @Test("the session speaks UTC, ISO and hex whatever the server and the role prefer")
    func session() throws {
        let database = try TestDatabase(alone: "")
        try database.connect().script(
            """
            alter database \(database.name) set timezone = 'Asia/Tokyo';
            alter database \(database.name) set datestyle = 'German';
            alter database \(database.name) set bytea_output = 'escape';
            alter database \(database.name) set jit = on;
            """)
        let connection = try database.connect()
        #expect(
            try connection.value("select '2026-11-21 12:00:00.25+01'::timestamptz::text", as: String.self)
                == "2026-11-21 11:00:00.25+00")
        #expect(try connection.value("select '\\x00ff'::bytea", as: [UInt8].self) == [0, 255])
        #expect(try connection.value("select current_setting('client_encoding')", as: String.self) == "UTF8")
        // Short statements are not compiled.
        #expect(try connection.value("select current_setting('jit')", as: String.self) == "off")
    }

    @Test("options of the connection string stay beside ours")
    func options() throws {
        let database = try TestDatabase()
        let connection = try Connection(database.conninfo + " options='-c work_mem=7MB' application_name=mine")
        #expect(try connection.value("select current_setting('work_mem')", as: String.self) == "7MB")
        #expect(try connection.value("select current_setting('TimeZone')", as: String.self) == "UTC")
        #expect(try connection.value("select current_setting('application_name')", as: String.self) == "mine")
    }

    @Test("rows are counted, iterated and mapped")
    func rows() throws {
        let connection = try TestDatabase("create table thing (id int)").connect()
        #expect(try connection.run("insert into thing select generate_series(1, 5)") == 5)
        #expect(try connection.run("update thing set id = id + 10 where id > \(3)") == 2)
        #expect(try connection.run("create table other ()") == 0)
        let result = try connection.query("select id from thing order by id")
        #expect(result.affectedRows == 5)
        #expect(try result.map { row throws(DatabaseError) in try row.next(as: Int.self) } == [1, 2, 3, 14, 15])
        var sum = 0
        for var row in result { sum += try row.next(as: Int.self) }
        #expect(sum == 35)
        let none = try connection.query("select 1 where false").first
        #expect(none.map { $0.index } == nil)
    }
}
