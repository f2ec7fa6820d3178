import Lyceum
import Testing

@Suite("A wrong body is answered once, with everything that is wrong with it")
struct FaultTests {
    @Test("five faults of one body, in one answer")
    func fiveFaults() throws {
        let body = """
            {"titel": "Swift in a week", "level": "begginer", "price": {"amount": 1999, "curency": "EUR"}, "seats": 0,
             "tags": ["swift", 7], "startsOn": "2026-02-01", "endsOn": "2026-02-28",
             "meeting": {"kind": "onSite", "venue": 4}}
            """
        #expect(
            try faults(CourseDraft.self, body) == [
                #"/level must be one of beginner, intermediate, advanced; did you mean "beginner"?"#,
                #"/price/curency is not a field of Money; did you mean "currency", which is required?"#,
                "/seats must be from 1 to 10000; it is 0",
                "/tags/1 must be text, not a whole number",
                #"/titel is not a field of CourseDraft; did you mean "title", which is required?"#,
            ])
    }

    @Test("rules between fields are asked once each field is right by itself")
    func ruleBetweenFields() throws {
        let body = """
            {"title": "t", "price": {"amount": 1, "currency": "EUR"}, "startsOn": "2026-02-28", "endsOn": "2026-02-01",
             "meeting": {"kind": "online", "url": "https://example.org"}}
            """
        #expect(try faults(CourseDraft.self, body) == ["/endsOn must not be before startsOn"])
        #expect(
            try faults(CourseDraft.self, body.replacing("\"t\"", with: "\"\"")) == ["/title must not be empty"])
    }

    @Test("what is missing is named, and null is not the same as missing")
    func missing() throws {
        #expect(
            try faults(CourseDraft.self, #"{"title": null, "seats": null, "level": null}"#) == [
                "/title must not be null", "/level must not be null; leave it out instead", "/price is required",
                "/startsOn is required", "/endsOn is required", "/meeting is required",
            ])
    }

    @Test("a tag that names no variant lists them; the fields of a variant are checked where they stand")
    func unions() throws {
        struct Place: Input { @Field("Where.") var meeting: Meeting }
        #expect(
            try faults(Place.self, #"{"meeting": {"kind": "onsite"}}"#) == [
                #"/meeting/kind must be one of online, onSite; did you mean "onSite"?"#
            ])
        #expect(
            try faults(Place.self, #"{"meeting": {}}"#) == [
                "/meeting/kind is required; it must be one of online, onSite"
            ])
        #expect(
            try faults(Place.self, #"{"meeting": {"kind": "onSite", "room": 1, "url": ""}}"#) == [
                "/meeting/venue is required", "/meeting/room must be text, not a whole number",
                "/meeting/url is not a field of OnSite; known are venue, room",
            ])
        #expect(try faults(Place.self, #"{"meeting": 1}"#) == ["/meeting must be an object, not a whole number"])
    }

    @Test("inputs within inputs bring their own rules")
    func nested() throws {
        struct Section: Input {
            @Field("From minute.") var from: Int
            @Field("To minute.") var to: Int
            func check(_ faults: inout Faults) { if to < from { faults.add($to, "must not be before from") } }
        }
        struct Outline: Input {
            @Field("In order.", .count(1...3)) var sections: [Section]
            @Field("First.") var first: Section?
            @Field("Changed.") var changed: Change<Section?>
            var plain: Section?
        }
        let bad = #"{"from": 2, "to": 1}"#
        #expect(
            try faults(
                Outline.self,
                "{\"sections\": [{\"from\": 1, \"to\": 2}, \(bad)], \"first\": \(bad), \"changed\": \(bad), \"plain\": \(bad)}"
            )
                == ["/sections/1/to", "/first/to", "/changed/to", "/plain/to"].map { $0 + " must not be before from" })
        #expect(try faults(Outline.self, #"{"sections": []}"#) == ["/sections must have 1 to 3 items; it has 0"])
    }

    @Test("a type may hold a list of itself")
    func recursive() throws {
        struct Node: Input {
            @Field("Name.", .length(2...10)) var name: String
            @Field("Below.") var children: [Node] = []
        }
        #expect(
            try faults(
                Node.self,
                #"{"name": "root", "children": [{"name": "x"}, {"name": "deep", "children": [{"nam": "zz"}]}]}"#) == [
                    "/children/0/name must have at least 2 characters; it has 1",
                    #"/children/1/children/0/nam is not a field of Node; did you mean "name", which is required?"#,
                ])
        #expect(try read(Node.self, #"{"name": "ab", "children": [{"name": "cd"}]}"#).children[0].name == "cd")
    }

    @Test("pointers are escaped as RFC 6901 says")
    func pointers() throws {
        #expect(
            try faults(CourseEdit.self, #"{"a/b~c": 1}"#) == [
                "/a~1b~0c is not a field of CourseEdit; known are title, summary, price"
            ])
    }

    @Test("what is no object, no JSON, too deep or too large is one fault")
    func unreadable() throws {
        #expect(try faults(CourseEdit.self, "[]") == ["the body must be an object, not a list"])
        #expect(try faults(CourseEdit.self, "") == ["the body is empty; JSON is expected"])
        for body in [
            "{", String(repeating: "[", count: 65), #"{"title": 1, "title": 2}"#,
            "{\"title\": \"\(String(repeating: "x", count: 1 << 20))\"}",
        ] {
            do {
                _ = try read(CourseEdit.self, body)
                Issue.record("\(body.prefix(40)) was read")
            } catch let faults as Faults {
                #expect(faults.list.map(\.code) == ["syntax"])
            }
        }
    }

    @Test("a hostile body is not answered with an endless list")
    func bounded() throws {
        struct Numbers: Input { @Field("Numbers.") var numbers: [Int] }
        let body = "{\"numbers\": [" + Array(repeating: "\"x\"", count: 50_000).joined(separator: ",") + "]}"
        #expect(try faults(Numbers.self, body).count == 100)
        let keys = (0..<5000).map { "\"k\($0)\": 1" }.joined(separator: ",")
        #expect(try faults(CourseEdit.self, "{\(keys)}").count <= 100)
    }

    @Test("of a secret nothing is repeated")
    func secrets() throws {
        struct Keys: Input {
            @Field("A number.", .range(5...6)) var number: Secret<Int>
            @Field("A key.", .length(3...4)) var key: Secret<String>
        }
        #expect(
            try faults(Keys.self, #"{"number": 1234, "key": "hunter2"}"#) == [
                "/number must be from 5 to 6", "/key must have at most 4 characters",
            ])
    }

    @Test("formats say what is accepted")
    func formats() throws {
        struct Formats: Input {
            @Field("Mail.", .email) var mail: String?
            @Field("Page.", .url) var page: String?
            @Field("Name.", .slug) var slug: String?
            var id: Course.ID?
            var day: Day?
            var at: Instant?
            var currency: Currency?
            var after: Cursor?
        }
        let wrong =
            #"{"mail": "a@b@c", "page": "javascript:alert(1)", "slug": "A b", "id": "7", "day": "2026-02-30", "at": "yesterday", "currency": "EU", "after": "x"}"#
        #expect(
            try faults(Formats.self, wrong) == [
                "/mail must be an e-mail address such as ada@example.org",
                "/page must be an address such as https://example.org",
                "/slug must consist of small letters, digits and hyphens",
                "/id must be an id such as 01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11",
                "/day must be a date such as 2026-01-31",
                "/at must be a time such as 2026-01-31T09:00:00Z",
                "/currency must be a currency of ISO 4217 such as EUR",
                "/after must be the cursor of an earlier answer, unchanged; leave it out to begin again",
            ])
        for mail in [
            "ada@example.org", "a.b+c@x.y", "ä@ö.org", "ada@münchen.example", "名前@例え.テスト", "a'b@c.example",
            "a@xn--mnchen-3ya.example", "a@1.2.example", "_@a-b.org", " ada@example.org ",
        ] {
            #expect(try faults(Formats.self, "{\"mail\": \"\(mail)\"}") == [], "\(mail)")
        }
        for mail in [
            "", "@x.y", "x@", ".a@b.c", "a.@b.c", "a..b@c.d", "a@.b.c", "a@b.c.", "a b@c.d", "a@b c.d", "a@<b>.c",
            "a@b",
            "a@y..zz", "a@-b.c", "a@b-.c", "a@b.-c", "a@192.0.2.1", "a@[192.0.2.1]", "a@b_c.d", "a,b@c.d", "a@b@c.d",
            "a@\(String(repeating: "x", count: 64)).org", "\(String(repeating: "x", count: 65))@b.org",
            "a\u{200D}b@c.d",
            "a\u{A0}b@c.d", "a@b\u{AD}.cd",
        ] {
            #expect(try faults(Formats.self, "{\"mail\": \"\(mail)\"}").count == 1, "\(mail)")
        }
        for page in ["https://example.org", "HTTP://x/y?z#w"] {
            #expect(try faults(Formats.self, "{\"page\": \"\(page)\"}") == [])
        }
        for page in ["", "https://", "http:///x", "ftp://x", "https://a b", "//x"] {
            #expect(try faults(Formats.self, "{\"page\": \"\(page)\"}").count == 1, "\(page)")
        }
    }

    @Test("lengths count Unicode scalars, as PostgreSQL does")
    func lengths() throws {
        struct Short: Input { @Field("Text.", .length(0...2)) var text: String }
        #expect(try faults(Short.self, #"{"text": "é😀"}"#) == [])
        #expect(try faults(Short.self, #"{"text": "e\u0301😀"}"#) == ["/text must have at most 2 characters; it has 3"])
    }

    @Test("a slip of the pen finds its name, anything else does not")
    func slips() {
        #expect(nearest("titel", ["summary", "title"]) == "title")
        #expect(nearest("starts_on", ["startsOn"]) == "startsOn")
        #expect(nearest("StartsOn", ["startsOn"]) == "startsOn")
        #expect(nearest("colour", ["title", "price"]) == nil)
        #expect(nearest("x", []) == nil)
        #expect(nearest(String(repeating: "a", count: 1000), [String(repeating: "a", count: 1001)]) == nil)
    }
}
