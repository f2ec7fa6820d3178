import Lyceum
import Testing

@Suite("Query strings are read like bodies")
struct QueryTests {
    private func query<T: Input>(_ type: T.Type, _ text: String) throws -> T {
        var text = text
        let schema = try Book().object(type)
        return try text.withUTF8 { try InputReader.query(type, $0, schema) }
    }

    private func faults(_ text: String) throws -> [String] {
        do {
            _ = try query(CourseFilter.self, text)
            return []
        } catch let faults as Faults { return faults.list.map(\.description) }
    }

    @Test("every kind of value")
    func values() throws {
        let filter = try query(
            CourseFilter.self, "level=advanced&limit=50&search=a+b%26%C3%A9&tags=x&tags=y&ratio=1e-1&free=true")
        #expect(
            filter.level == .advanced && filter.limit == 50 && filter.search == "a b&é" && filter.tags == ["x", "y"])
        #expect(filter.ratio == 0.1 && filter.free)
    }

    @Test(
        "nothing is all defaults, and so are empty values and stray ampersands",
        arguments: ["", "&&", "level=&search=&limit=&after=&tags=&ratio=&free="])
    func defaults(_ text: String) throws {
        let filter = try query(CourseFilter.self, text)
        #expect(filter.level == nil && filter.limit == 20 && filter.search == nil && filter.tags == [] && !filter.free)
        #expect(filter.after == nil && filter.ratio == 0.5)
    }

    @Test("all faults at once")
    func allFaults() throws {
        #expect(
            try faults("level=expert&limit=many&free=yes&lmit=2&tags=toolongtobeatag&ratio=inf") == [
                "/level must be one of beginner, intermediate, advanced", "/limit must be a whole number, not text",
                "/tags/0 must have at most 10 characters; it has 15", "/ratio must be a number, not text",
                "/free must be true or false, not text",
                "/lmit is not a field of CourseFilter; known are level, search, after, limit, tags, ratio, free",
            ])
        #expect(try faults("lmit=2") == [#"/lmit is not a field of CourseFilter; did you mean "limit"?"#])
        #expect(try faults("limit=0") == ["/limit must be from 1 to 100; it is 0"])
        #expect(try faults("limit=+5") == ["/limit must be a whole number, not text"])
        #expect(try faults("ratio=0x1p3") == ["/ratio must be a number, not text"])
        for huge in ["99999999999999999999", "-99999999999999999999999", String(repeating: "9", count: 400)] {
            #expect(try faults("limit=\(huge)") == ["/limit must be from 1 to 100"])
        }
        struct Unlimited: Input { @Field("A number.") var number = 0 }
        let most = "/number must be from -9223372036854775808 to 9223372036854775807"
        do {
            _ = try query(Unlimited.self, "number=9223372036854775808")
            Issue.record("a number beyond 64 bits was read")
        } catch let faults as Faults {
            #expect(faults.list.map(\.description) == [most] && faults.list[0].code == "range")
        }
        #expect(try faults("free=on") == ["/free must be true or false, not text"])
    }

    @Test("a name given twice is a fault, unless it is a list")
    func twice() throws {
        #expect(try faults("limit=1&limit=2") == ["/limit is given twice"])
        #expect(try faults("tags=a&tags=b") == [])
    }

    @Test("percent-encoding is strict")
    func encoding() throws {
        for text in ["search=%", "search=%4", "search=%zz", "search=%+1"] {
            #expect(try faults(text) == ["/search has a % that is not followed by two hexadecimal digits"])
        }
        for text in ["search=%FF", "search=%C3", "search=%ED%A0%80", "search=%C0%AF"] {
            #expect(try faults(text) == ["/search is not valid UTF-8"])
        }
        #expect(try faults("search=a%00b") == ["/search has the character U+0000 in a text; it cannot be stored"])
        #expect(try faults("%FF=1") == ["the body is not valid UTF-8"])
        #expect(try query(CourseFilter.self, "sea%72ch=%2B%25").search == "+%")
    }

    @Test("objects and unions are spelt with dots")
    func dots() throws {
        struct Offer: Input {
            @Field("Price.") var price: Money
            @Field("Place.") var meeting: Meeting
        }
        let offer = try query(
            Offer.self, "price.amount=5&price.currency=EUR&meeting.kind=onSite&meeting.venue=7&meeting.room=")
        #expect(offer.price == Money(5, .eur))
        guard case .onSite(let place) = offer.meeting else {
            Issue.record("not on site")
            return
        }
        #expect(place.venue == 7 && place.room == nil)
        #expect(throws: Faults.self) { _ = try query(Offer.self, "price=5&price.amount=5") }
    }

    @Test("more names than any form has are refused")
    func many() throws {
        #expect(try faults(String(repeating: "a=1&", count: 1001)) == ["the body has more than 1000 fields"])
    }
}

@Suite("Forms are read by the same description")
struct FormTests {
    struct Registration: Input {
        @Field("Name.", .length(1...50)) var name: String
        @Field("Mail.", .email) var mail: String
        @Field("Age.", .range(1...150)) var age: Int?
        @Field("Must be ticked to go on.") var accepted: Bool
        @Field("News.") var news = true
        @Field("About.") var about: String?
        @Field("Level.") var level = Level.beginner
        @Field("Cleared when left empty.") var nick: Change<String?>
    }

    private func form(_ text: String) throws -> Registration {
        let pairs = try InputReader.pairs(Array(text.utf8))
        return try InputReader.form(Registration.self, pairs, try Book().object(Registration.self))
    }

    private func faults(_ text: String) throws -> [String] {
        do {
            _ = try form(text)
            return []
        } catch let faults as Faults { return faults.list.map(\.description) }
    }

    @Test("check boxes: on is true, absent is false where it is required")
    func checkBoxes() throws {
        #expect(try form("name=a&mail=a%40b.de&accepted=on").accepted)
        #expect(try !form("name=a&mail=a%40b.de").accepted)
        #expect(try form("name=a&mail=a%40b.de").news)
        #expect(try !form("name=a&mail=a%40b.de&news=off").news)
        #expect(try form("name=a&mail=a%40b.de&news=off&news=on").news)
    }

    @Test("empty fields are absent, where that is possible")
    func empties() throws {
        let value = try form("name=a&mail=a%40b.de&age=&about=&level=&nick=")
        #expect(value.age == nil && value.about == nil && value.level == .beginner && value.nick == .set(nil))
        #expect(try form("name=a&mail=a%40b.de").nick == .keep)
        #expect(
            try faults("name=&mail=&age=x") == [
                "/name must not be empty", "/mail is required", "/age must be a whole number, not text",
            ])
    }

    @Test("the token that proves where a form came from is no field")
    func token() throws {
        #expect(try form("\(InputReader.formTokenName)=abc&name=a&mail=a%40b.de").name == "a")
    }

    @Test("pairs come in the order in which they were sent, decoded")
    func pairs() throws {
        let pairs = try InputReader.pairs(Array("b=1&a=%C3%A9+x&b=&c".utf8))
        #expect(pairs.map { "\($0.name):\($0.value)" } == ["b:1", "a:é x", "b:", "c:"])
    }
}
