import Lyceum
import Testing

@Suite("Inputs are decoded by their description")
struct InputTests {
    @Test("a right body becomes a value, absent fields take their defaults")
    func values() throws {
        let draft = try read(
            CourseDraft.self,
            """
            {"title": "Swift", "price": {"amount": 1999, "currency": "EUR"}, "startsOn": "2026-02-01",
             "endsOn": "2026-02-28", "meeting": {"kind": "onSite", "venue": 4, "room": "A1"}, "tags": ["a", "b"]}
            """)
        #expect(draft.title == "Swift")
        #expect(draft.summary == nil)
        #expect(draft.level == .beginner)
        #expect(draft.price == Money(1999, .eur))
        #expect(draft.seats == nil)
        #expect(draft.tags == ["a", "b"])
        #expect(draft.startsOn.description == "2026-02-01")
        guard case .onSite(let place) = draft.meeting else {
            Issue.record("not on site")
            return
        }
        #expect(place.venue == 4 && place.room == "A1")
    }

    @Test("absent, null and a value are three things")
    func changes() throws {
        let nothing = try read(CourseEdit.self, "{}")
        #expect(nothing.title == .keep && nothing.summary == .keep && nothing.price == .keep)
        let cleared = try read(CourseEdit.self, #"{"summary": null}"#)
        #expect(cleared.summary == .set(nil))
        let set = try read(
            CourseEdit.self, #"{"title": "t", "summary": "s", "price": {"amount": 1, "currency": "JPY"}}"#)
        #expect(set.title == .set("t") && set.summary == .set("s") && set.price == .set(Money(1, .jpy)))
        #expect(try faults(CourseEdit.self, #"{"title": null}"#) == ["/title must not be null; leave it out instead"])
        #expect(set.title.applied(to: "old") == "t")
        #expect(nothing.title.applied(to: "old") == "old")
    }

    @Test("defaults of every kind")
    func defaults() throws {
        struct Defaults: Input {
            var days: Int? = 30
            var ratio = 0.5
            var tags = ["a"]
            @Field("With a default.", .length(1...3)) var code: String? = "abc"
            @Field("Levels.") var levels: [Level] = [.advanced]
            @Field("Small.") var small: Int16 = 7
            @Field("Matrix.") var matrix: [[Int]] = []
            @Field("Price.") var price: Money? = Money(1, .usd)
        }
        let blank = try read(Defaults.self, "{}")
        #expect(blank.days == 30 && blank.ratio == 0.5 && blank.tags == ["a"] && blank.code == "abc")
        #expect(blank.levels == [.advanced] && blank.small == 7 && blank.matrix == [] && blank.price == Money(1, .usd))
        let null = try read(Defaults.self, #"{"days": null, "code": null, "price": null, "matrix": [[1, 2], []]}"#)
        #expect(null.days == nil && null.code == nil && null.price == nil && null.matrix == [[1, 2], []])
        #expect(
            try faults(Defaults.self, #"{"small": 40000, "matrix": [[1, "2"]]}"#) == [
                "/small must be from -32768 to 32767; it is 40000", "/matrix/0/1 must be a whole number, not text",
            ])
    }

    @Test("numbers: whole ones are exact to the last bit, others are not taken for whole")
    func numbers() throws {
        struct Numbers: Input {
            @Field("Whole.") var whole: Int64
            @Field("Any.", .range(0...1)) var ratio: Double?
            @Field("At least.", .range(1...Int.max)) var least: Int?
        }
        #expect(try read(Numbers.self, #"{"whole": 9223372036854775807}"#).whole == .max)
        #expect(try read(Numbers.self, #"{"whole": -9223372036854775808, "ratio": 1}"#).whole == .min)
        #expect(
            try faults(Numbers.self, #"{"whole": 1.0}"#) == [
                "/whole must be a whole number, not a number with a fraction"
            ])
        #expect(
            try faults(Numbers.self, #"{"whole": 1, "ratio": 1.5, "least": 0}"#) == [
                "/ratio must be from 0.0 to 1.0; it is 1.5", "/least must be at least 1; it is 0",
            ])
        #expect(
            try faults(Numbers.self, #"{"whole": 9223372036854775808}"#).first?.contains("9223372036854775807") == true)
    }

    @Test("a newtype and a secret are read as what they hold")
    func wrappers() throws {
        struct Name: RawRepresentable, Codable, Sendable { var rawValue: String }
        struct Wrapped: Input {
            @Field("Name.") var name: Name
            @Field("Key.") var key: Secret<String>
            @Field("Perhaps.", .length(1...3)) var other: Secret<String>?
        }
        let value = try read(Wrapped.self, #"{"name": "n", "key": "k"}"#)
        #expect(value.name.rawValue == "n")
        #expect(value.key.revealed == "k")
        #expect(value.other?.revealed == nil)
        #expect(!"\(value)".contains("\"k\""))
        #expect("\(value.key)" == "(secret)")
        #expect(String(reflecting: value.key) == "(secret)")
        var dumped = ""
        dump(value, to: &dumped)
        #expect(!dumped.contains("\"k\""))
    }

    @Test("a value made by hand can be read, printed and completed; unset fields are named and end nothing")
    func byHand() throws {
        var draft = CourseDraft()
        #expect(draft.title == "" && draft.summary == nil && draft.level == .beginner)
        #expect(draft.price == draft.price)
        #expect("\(draft)".contains("unset"))
        draft.title = "t"
        #expect(draft.title == "t")
        do {
            _ = try CourseDraft.make { $0.title = "t" }
            Issue.record("a draft without a price was made")
        } catch let faults as Faults {
            #expect(
                faults.list.map(\.description)
                    == ["price", "startsOn", "endsOn", "meeting"].map { "/\($0) is required" })
        }
        let day = try #require(Day("2026-02-01"))
        let made = try CourseDraft.make {
            $0.title = "t"
            $0.price = Money(1, .eur)
            ($0.startsOn, $0.endsOn) = (day, day)
            $0.meeting = .online(Meeting.Online(url: "https://example.org"))
        }
        #expect(made.endsOn == day)
        #expect(throws: Faults.self) {
            _ = try CourseDraft.make {
                $0.title = "t"
                $0.price = Money(1, .eur)
                ($0.startsOn, $0.endsOn) = (day, day.adding(days: -1))
                $0.meeting = .online(Meeting.Online(url: "https://example.org"))
            }
        }
    }

    @Test("what a type itself refuses is a fault of its field")
    func refusedByType() throws {
        struct Even: Described, Sendable {
            let value: Int
            static func schema(_ book: Book) -> Schema { .integer(nil) }
            static var example: Even { Even(value: 2) }
            init(value: Int) { self.value = value }
            init(from decoder: any Decoder) throws {
                value = try decoder.singleValueContainer().decode(Int.self)
                guard value % 2 == 0 else { throw Fault(pointer: "", code: "odd", sentence: "must be even") }
            }
        }
        struct Short: RawRepresentable, Codable, Sendable {
            let rawValue: String
            init?(rawValue: String) {
                guard rawValue.utf8.count <= 4 else { return nil }
                self.rawValue = rawValue
            }
        }
        struct Both: Input {
            @Field("Even.") var list: [Even] = []
            @Field("Short.") var short: Short?
        }
        #expect(try faults(Both.self, #"{"list": [2, 3], "short": "abcd"}"#) == ["/list/1 must be even"])
        #expect(try faults(Both.self, #"{"list": [2, 4], "short": "abcde"}"#) == ["/short is not accepted"])
    }

    @Test("one description serves many threads at once")
    func threads() async throws {
        let schema = try Book().object(CourseDraft.self)
        let body = Array(
            """
            {"title": "Swift", "price": {"amount": 1999, "currency": "EUR"}, "startsOn": "2026-02-01",
             "endsOn": "2026-02-28", "meeting": {"kind": "online", "url": "u"}}
            """.utf8)
        let titles = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try (0..<200).count { _ in
                        // Others are describing meanwhile.
                        _ = try Book().object(CourseFilter.self)
                        return try InputReader.json(CourseDraft.self, body, schema).title == "Swift"
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(titles == 800)
    }

    @Test("settings are defaults, overlaid by the configuration")
    func settings() throws {
        let settings = try read(CourseSettings.self, #"{"videoKey": "hunter2", "archiveAfterDays": 30}"#)
        #expect(settings.reviewBeforePublishing && settings.archiveAfterDays == 30 && settings.lowestPrice == 0)
        #expect(
            SettingsReader.table(try Book().object(CourseSettings.self)) == [
                "reviewBeforePublishing (default true)", "archiveAfterDays (default none)",
                "reviewers (default none): Mail to whom a review is due.",
                "videoKey (secret): Key of the video service.",
                "lowestPrice (default 0): Lowest price, in minor units.",
            ])
    }
}

@Suite("Types that cannot be described are refused at start, with a sentence")
struct RefusalTests {
    struct Item: Decodable, Sendable, Hashable { var name: String }

    @Test("dictionaries and sets")
    func collections() {
        struct Prices: Input { var by: [String: Int] = [:] }
        struct Tags: Input { @Field("Tags.") var tags: Set<String> }
        struct Deep: Input { @Field("Deep.") var deep: [[String: Int]] }
        #expect(refusal(Prices.self) == "Prices.by is a dictionary, and keys must have names; use a list of objects")
        #expect(refusal(Tags.self)?.contains("is a set, and JSON has none; use a list") == true)
        #expect(refusal(Deep.self)?.contains("is a dictionary") == true)
    }

    @Test("renamed keys")
    func renamed() {
        struct Renamed: Input {
            var title = ""
            enum CodingKeys: String, CodingKey { case title = "name" }
        }
        #expect(
            refusal(Renamed.self)?.hasPrefix("Renamed.title is decoded as name; keep the compiler's init(from:)")
                == true)
    }

    @Test("a property that is not decoded")
    func left() {
        struct Left: Input {
            var title = ""
            var other = ""
            enum CodingKeys: CodingKey { case title }
        }
        #expect(
            refusal(Left.self)
                == "Left has 2 stored properties, but decodes 1 fields; keep the compiler's init(from:) and coding keys, or make it Described"
        )
    }

    @Test("an init(from:) written by hand")
    func byHand() {
        struct Lenient: Input {
            var title = ""
            enum CodingKeys: CodingKey { case title }
            init() {}
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                title = try container.decodeIfPresent(String.self, forKey: .title) ?? ""
            }
        }
        struct Listed: Decodable, Sendable {
            var names: [String] = []
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                while !list.isAtEnd { names.append(try list.decode(String.self)) }
            }
        }
        struct Silent: Decodable, Sendable {
            var name = "x"
            init(from decoder: any Decoder) throws {}
        }
        struct HasListed: Input { @Field("l") var listed: Listed }
        #expect(refusal(Lenient.self)?.hasPrefix("Lenient decodes itself by hand") == true)
        #expect(refusal(HasListed.self)?.hasPrefix("Listed decodes itself by hand") == true)
        #expect(refusal(Silent.self)?.hasPrefix("Silent decodes itself by hand") == true)
    }

    @Test("an init(from:) that refuses samples, and enums with values")
    func picky() {
        struct Picky: Decodable, Sendable {
            init(from decoder: any Decoder) throws {
                if try decoder.singleValueContainer().decode(String.self) != "ok" { throw Faults() }
            }
        }
        enum Loose: Decodable, Sendable { case online(url: String), onSite(venue: Int) }
        struct HasPicky: Input { @Field("p") var picky: Picky }
        struct HasLoose: Input { @Field("l") var loose: Loose }
        #expect(refusal(HasPicky.self)?.hasPrefix("Picky cannot be described") == true)
        #expect(refusal(HasLoose.self)?.contains("OneOf") == true)
    }

    @Test("numbers that JSON readers do not expect")
    func numbers() {
        struct Unsigned: Input { var count: UInt64 = 0 }
        struct Single: Input { var ratio: Float = 0 }
        #expect(refusal(Unsigned.self) == "Unsigned.count is an unsigned 64-bit number; use Int64")
        #expect(refusal(Single.self)?.contains("use Double") == true)
    }

    @Test("documentation of a field that is not there")
    func documentation() {
        struct Wrong: View, Documented {
            var title: String
            static let about = ["titel": "x"]
        }
        #expect(refusal(Wrong.self) == "Wrong.about names titel, which is no field of it; did you mean title?")
    }

    @Test("two types of one name, and a union whose tag is also a field")
    func names() throws {
        enum One { struct Same: Input { var a = 1 } }
        struct Tagged: Decodable, Sendable { var kind: String }
        enum Either: OneOf {
            case one(Tagged)
            static let variants = Variants<Self>("kind") { Variant("one", Either.one) }
        }
        struct HasEither: Input { @Field("e") var either: Either }
        #expect(refusal(HasEither.self) == "Tagged has a field kind, which is the tag of Either")
        #expect(refusal(One.Same.self) == nil)
    }

    @Test("a refused type leaves nothing behind in the book")
    func rollback() throws {
        struct Good: Decodable, Sendable { var name: String }
        struct Bad: Input {
            @Field("g") var good: Good
            var by: [String: Int] = [:]
        }
        let book = Book()
        for _ in 0..<2 { #expect(throws: DescriptionError.self) { _ = try book.object(Bad.self) } }
        #expect(book.objects.isEmpty)
        #expect(try book.object(Good.self).fields.map(\.name) == ["name"])
    }
}
