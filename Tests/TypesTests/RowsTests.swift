import JSON
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

/// Statements against a real server, with the session that rows rest on.
private func result(_ statement: Statement) throws -> Result {
    try Connection(TestCluster.shared().conninfo()).query(statement)
}

private func rows<V: View>(_ type: V.Type, _ statement: Statement) throws -> Rows<V> {
    let result = try result(statement)
    return Rows(result, try RowPlan(try Book().object(type), result))
}

private func json(_ answer: some JSONAnswer) throws -> String {
    let out = JSONWriter()
    try answer.write(to: out)
    return out.text
}

/// The sentence with which a statement or one of its values is refused.
private func refused<V: View>(_ type: V.Type, _ statement: Statement) throws -> String {
    do {
        return try json(try rows(type, statement))
    } catch let error as DescriptionError { return error.description } catch let error as RowError {
        return error.description
    }
}

private let catalogue: Statement = """
    select * from (values
        ('01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11'::uuid, E'Swift "in" a\\nweek', null, 'beginner', 1999::bigint, 'EUR', 20, true,
            timestamptz '2026-11-21 10:11:44.25+01'),
        ('01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c12'::uuid, 'C', 'Short', 'advanced', -1, 'JPY', null, false,
            timestamptz '0001-01-01 00:00:00+00'))
        as course (id, title, summary, level, price_minor, currency, seats, featured, published_at)
    """

@Suite("Rows become JSON without becoming values")
struct RowsTests {
    @Test("a list: columns are matched by name, and written as the view would write them")
    func list() throws {
        let rows = try rows(CourseView.self, catalogue)
        #expect(
            try json(rows)
                == #"[{"id":"01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11","title":"Swift \"in\" a\nweek","summary":null,"level":"beginner","#
                + #""price":{"amount":1999,"currency":"EUR"},"seats":20,"featured":true,"publishedAt":"2026-11-21T09:11:44.25Z"},"#
                + #"{"id":"01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c12","title":"C","summary":"Short","level":"advanced","#
                + #""price":{"amount":-1,"currency":"JPY"},"seats":null,"featured":false,"publishedAt":"0001-01-01T00:00:00Z"}]"#
        )
        let out = JSONWriter()
        try out.encode(list: rows.values())
        #expect(out.text == (try json(rows)))
        #expect(try json(SingleRow(rows)) == written(try rows.values()[0]))
        #expect(try SingleRow(rows).value() == rows.values()[0])
    }

    @Test("columns may come in any order, and those with an underscore belong to nobody")
    func order() throws {
        struct Small: View {
            var startsAt: Instant
            var day: Day
        }
        #expect(
            try refused(
                Small.self,
                "select 7 as _position, date '2026-01-31' as day, timestamptz '2026-01-31 09:00+00' as starts_at")
                == #"[{"startsAt":"2026-01-31T09:00:00Z","day":"2026-01-31"}]"#)
    }

    @Test("no rows are an empty list")
    func none() throws {
        let none = try rows(CourseView.self, "select * from (\(catalogue)) as course where false")
        #expect(try json(none) == "[]")
        #expect(try none.values() == [])
        #expect(try json(none.listing(limit: 5, key: ["id"])) == #"{"items":[],"next":null}"#)
    }

    @Test("objects within objects, null as a whole or in part")
    func objects() throws {
        struct Author: View, Equatable {
            var id: Course.ID
            var name: String
            var age: Int?
        }
        struct Post: View, Equatable {
            var author: Author?
            var editor: Author
            var price: Money?
            var fee: Money
            var last: Bool
        }
        let statement: Statement = """
            select id as author_id, name as author_name, null::int as author_age,
                '01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11'::uuid as editor_id, 'E' as editor_name, 3 as editor_age,
                price as price_minor, 'EUR' as currency, 5 as fee_minor, 'USD' as fee_currency, true as last
            from (values (null::uuid, null, null::bigint), ('01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c12', 'A', 9)) as v (id, name, price)
            """
        let rows = try rows(Post.self, statement)
        let editor = #""editor":{"id":"01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11","name":"E","age":3}"#
        #expect(
            try json(rows)
                == "[{\"author\":null,\(editor),\"price\":null,\"fee\":{\"amount\":5,\"currency\":\"USD\"},\"last\":true},"
                + "{\"author\":{\"id\":\"01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c12\",\"name\":\"A\",\"age\":null},\(editor),"
                + "\"price\":{\"amount\":9,\"currency\":\"EUR\"},\"fee\":{\"amount\":5,\"currency\":\"USD\"},\"last\":true}]"
        )
        let values = try rows.values()
        #expect(values[0].author == nil && values[0].price == nil && values[0].editor.age == 3)
        #expect(values[1].author?.name == "A" && values[1].price == Money(9, .eur))
        let out = JSONWriter()
        try out.encode(list: values)
        #expect(out.text == (try json(rows)))
    }

    @Test("json and arrays")
    func lists() throws {
        struct Lists: View, Equatable {
            struct Part: View, Equatable {
                var name: String
                var size: Int?
            }
            var tags: [String]
            var numbers: [Int]
            var days: [Day]
            var times: [Instant]
            var ids: [Course.ID]
            var flags: [Bool]
            var ratios: [Double]
            var parts: [Part]
            var part: Part?
            var none: [String]?
        }
        let statement: Statement = """
            select array['a,b', 'c"d', 'NULL', ''] as tags, array[1, 2]::bigint[] as numbers, array[date '2026-01-31'] as days,
                array[timestamptz '2026-01-31 09:00:00.5+00'] as times, array['01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11'::uuid] as ids,
                array[true, false] as flags, array[0.5, 2] as ratios, '[{"name": "x", "size": null}, {"name": "y"}]'::jsonb as parts,
                '{"name": "z", "size": 3}'::json as part, null::text[] as none
            """
        let rows = try rows(Lists.self, statement)
        #expect(
            try json(rows)
                == #"[{"tags":["a,b","c\"d","NULL",""],"numbers":[1,2],"days":["2026-01-31"],"times":["2026-01-31T09:00:00.5Z"],"#
                + #""ids":["01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11"],"flags":[true,false],"ratios":[0.5,2],"#
                + #""parts":[{"name": "x", "size": null}, {"name": "y"}],"part":{"name": "z", "size": 3},"none":null}]"#
        )
        let value = try #require(try rows.values().first)
        #expect(
            value.tags == ["a,b", "c\"d", "NULL", ""] && value.numbers == [1, 2] && value.ids == [Course.ID.example])
        #expect(value.parts == [.init(name: "x"), .init(name: "y")] && value.part?.size == 3 && value.none == nil)
        #expect(
            value.flags == [true, false] && value.ratios == [0.5, 2]
                && value.times[0].description == "2026-01-31T09:00:00.5Z")
    }

    @Test("what JSON or the view cannot hold is refused with the column's name")
    func unfit() throws {
        struct At: View { var at: Instant? }
        struct On: View { var day: Day? }
        struct Ratio: View { var ratio: Double? }
        struct Name: View { var name: String }
        for (value, name) in [("infinity", "infinity"), ("-infinity", "-infinity")] {
            #expect(
                try refused(At.self, "select \(value)::timestamptz as at")
                    == "the column at holds \(name), which At cannot show (row 1)")
            #expect(
                try refused(On.self, "select \(value)::date as day")
                    == "the column day holds \(name), which On cannot show (row 1)")
        }
        #expect(
            try refused(At.self, "select timestamptz '0044-03-15 12:00+00 BC' as at").hasPrefix(
                "the column at holds 0044-03-15 12:00:00+00 BC"))
        #expect(
            try refused(At.self, "select timestamptz '10000-01-01 00:00+00' as at").hasPrefix(
                "the column at holds 10000-01-01"))
        #expect(
            try refused(On.self, "select date '0044-03-15 BC' as day").hasPrefix("the column day holds 0044-03-15 BC"))
        #expect(try refused(On.self, "select date '10000-01-01' as day").hasPrefix("the column day holds 10000-01-01"))
        for value in ["NaN", "Infinity", "-Infinity"] {
            #expect(
                try refused(Ratio.self, "select \(value)::numeric as ratio")
                    == "the column ratio holds \(value), which Ratio cannot show (row 1)")
            #expect(
                try refused(Ratio.self, "select \(value)::float8 as ratio")
                    == "the column ratio holds \(value), which Ratio cannot show (row 1)")
        }
        #expect(
            try refused(Name.self, "select * from (values ('a'), (null)) as v (name)")
                == "the column name is null, but Name has no optional there (row 2)")
        #expect(try refused(Ratio.self, "select 1e-20::float8 as ratio") == #"[{"ratio":1e-20}]"#)
        #expect(try refused(Ratio.self, "select null::numeric as ratio") == #"[{"ratio":null}]"#)
        #expect(throws: RowError.self) { try rows(Name.self, "select null as name").values() }
        #expect(throws: RowError.self) { try rows(At.self, "select timestamptz 'infinity' as at").values() }
        #expect(throws: RowError.self) {
            try rows(Lists.self, "select array[null::date] as days").write(to: JSONWriter())
        }
        #expect(throws: RowError.self) {
            try rows(Lists.self, "select array[date 'infinity'] as days").write(to: JSONWriter())
        }
        #expect(throws: RowError.self) {
            try rows(Lists.self, "select array[array[date '2026-01-01']] as days").write(to: JSONWriter())
        }
    }

    struct Lists: View { var days: [Day] }

    @Test("columns that do not match are refused with their names")
    func mismatches() throws {
        struct Name: View { var startsAt: Instant }
        struct Whole: View { var total: Int }
        struct Text: View { var text: String }
        struct Flag: View { var flag: Bool }
        struct Tags: View { var tags: [String] }
        #expect(
            try refused(Name.self, "select now() as start_at")
                == "Name.startsAt needs a column starts_at; did you mean the column start_at?")
        #expect(
            try refused(Name.self, "select now() as starts_at, 1 as more").hasPrefix(
                "the column more belongs to no field of Name"))
        #expect(
            try refused(Name.self, "select now()::timestamp as starts_at")
                == "Name.startsAt needs a timestamptz, but the column starts_at is of type timestamp without time zone")
        #expect(
            try refused(Whole.self, "select sum(1::bigint) as total")
                == "Whole.total needs a whole number (cast numeric to bigint), but the column total is of type numeric")
        #expect(
            try refused(Text.self, "select true as text")
                == "Text.text needs text, but the column text is of type boolean")
        #expect(
            try refused(Text.self, "select '{}'::jsonb as text")
                == "Text.text needs text, but the column text is of type jsonb")
        #expect(
            try refused(Flag.self, "select 1 as flag")
                == "Flag.flag needs a boolean, but the column flag is of type integer")
        #expect(try refused(Tags.self, "select array[1] as tags").hasPrefix("Tags.tags needs an array or json"))
        #expect(
            try refused(Text.self, "select 'a' as text, 'b' as text")
                == "two columns are called text; give one of them another name with \"as\"")
        #expect(
            try refused(CourseView.self, "select 1 as id").hasPrefix(
                "CourseView.id needs a uuid, but the column id is of type integer"))
    }
}

@Suite("Lists come in pages")
struct ListingTests {
    struct Item: View, Equatable {
        var id: Course.ID
        var at: Instant
    }

    private func page(_ after: Cursor?, _ limit: Int) throws -> Listing<Item> {
        let (at, id) = try after.values(Instant.self, Course.ID.self)
        return try rows(
            Item.self,
            """
            select ('01980c2e-7d4a-7c3e-9a51-' || lpad(n::text, 12, '0'))::uuid as id,
                timestamptz '2026-01-01 00:00:00.000001+00' + (n / 3) * interval '1 second' as at, n as _position
            from generate_series(0, 9) as n
            where \(at)::timestamptz is null or (timestamptz '2026-01-01 00:00:00.000001+00' + (n / 3) * interval '1 second',
                ('01980c2e-7d4a-7c3e-9a51-' || lpad(n::text, 12, '0'))::uuid) < (\(at), \(id))
            order by 2 desc, 1 desc limit \(limit + 1)
            """
        ).listing(limit: limit, key: ["at", "id"])
    }

    @Test("following the cursors gives every row once, whatever the page's size", arguments: [1, 2, 3, 4, 9, 10, 11])
    func pages(_ limit: Int) throws {
        var seen: [Item] = []
        var after: Cursor?
        repeat {
            let page = try page(after, limit)
            #expect(page.count <= limit)
            seen += try page.values()
            // As a client does: through the text.
            after = try page.next.map { try #require(Cursor($0.description)) }
        } while after != nil
        #expect(seen.count == 10)
        #expect(Set(seen.map(\.id)).count == 10)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { ($0.at, $0.id) > ($1.at, $1.id) })
    }

    @Test("a page is written with the cursor of its last row")
    func written() throws {
        let page = try page(nil, 1)
        let next = try #require(page.next)
        #expect(
            try json(page)
                == #"{"items":[{"id":"01980c2e-7d4a-7c3e-9a51-000000000009","at":"2026-01-01T00:00:03.000001Z"}],"next":""#
                + "\(next)\"}")
        let (at, id) = try next.values(Instant.self, Course.ID.self)
        #expect(at.description == "2026-01-01T00:00:03.000001Z" && id.description.hasSuffix("9"))
    }

    @Test("the key may be a column that the view does not show")
    func hiddenKey() throws {
        let rows = try rows(
            Item.self,
            "select \(Course.ID.example)::uuid as id, now() as at, n as _position from generate_series(1, 3) as n")
        let page = try rows.listing(limit: 2, key: ["_position"])
        let position: Int? = try page.next.values(Int.self)
        #expect(position == 2)
        #expect(throws: Faults.self) { try page.next?.values(Instant.self) }
        #expect(throws: Faults.self) { try page.next?.values(Int.self, Int.self) }
        #expect(throws: DescriptionError.self) { try rows.listing(limit: 2, key: ["position"]) }
    }

    @Test("a key that is null is refused")
    func nullKey() throws {
        let rows = try rows(
            Item.self,
            "select \(Course.ID.example)::uuid as id, now() as at, null::int as _position from generate_series(1, 3) as n"
        )
        #expect(throws: RowError.self) { try rows.listing(limit: 2, key: ["_position"]) }
    }
}
