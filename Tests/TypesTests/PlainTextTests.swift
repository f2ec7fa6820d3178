import Lyceum
import Testing

@Suite("What people enter as text")
struct PlainTextTests {
    struct Person: Input {
        @Field("Name.", .length(1...10)) var name: String
        @Field("Any.") var any: String
        @Field("May be empty.", .length(0...10)) var motto: String
        @Field("About.", .multiline.length(0...40)) var about: String?
        @Field("Words.", .each(.length(1...5))) var words: [String] = []
        @Field("Mail.", .email) var mail: String?
        @Field("Password.", .length(1...20)) var password: Secret<String>?
    }

    private func person(_ fields: [(String, String)]) throws -> Person {
        var pairs = [(name: "name", value: "Ada"), (name: "any", value: "x"), (name: "motto", value: "")]
        for (name, value) in fields {
            pairs.removeAll { $0.name == name }
            pairs.append((name: name, value: value))
        }
        return try InputReader.values(Person.self, pairs)
    }

    private func faults(_ fields: (String, String)...) throws -> [String] {
        do {
            _ = try person(fields)
            return []
        } catch let faults as Faults { return faults.list.map(\.description) }
    }

    @Test("control characters are refused, C0 and C1")
    func controls() throws {
        for value in (0x01...0x1F).filter({ ![9, 10, 13].contains($0) }) + Array(0x7F...0x9F) {
            let character = try #require(Unicode.Scalar(UInt32(value)))
            #expect(try faults(("name", "A\(character)a")) == ["/name must not have control characters"], "\(value)")
            #expect(try faults(("about", "A\(character)a")) == ["/about must not have control characters"], "\(value)")
        }
    }

    @Test("a text has one line, unless its rule says otherwise")
    func lines() throws {
        for end in ["\n", "\r\n", "\t", "\u{2028}", "\u{2029}"] {
            #expect(try faults(("name", "A\(end)a")) == ["/name must be a single line, without tabs"])
            #expect(try person([("about", "A\(end)a\(end)")]).about == "A\(end)a\(end)")
        }
        #expect(try faults(("words", "a\nb")) == ["/words/0 must be a single line, without tabs"])
    }

    @Test("nothing turns the direction of reading; the marks that languages need are accepted")
    func direction() throws {
        for value in Array(0x202A...0x202E) + Array(0x2066...0x2069) {
            let character = try #require(Unicode.Scalar(UInt32(value)))
            for field in ["name", "about"] {
                #expect(
                    try faults((field, "a\(character)b")) == [
                        "/\(field) must not have characters that turn the direction of reading"
                    ])
            }
        }
        for name in ["می\u{200C}خواهم", "א\u{200F}b", "👩\u{200D}🔬", "a\u{200E}b"] {
            #expect(try person([("name", name)]).name == name)
        }
    }

    @Test("what only hides is refused inside a line")
    func hiding() throws {
        for character in ["\u{200B}", "\u{2060}", "\u{FEFF}"] {
            #expect(try faults(("name", "A\(character)da")) == ["/name must not have invisible characters"])
            #expect(try person([("name", "\(character)Ada \(character)")]).name == "Ada")
        }
    }

    @Test("white space around a line is dropped before its length is compared")
    func trimming() throws {
        #expect(try person([("name", "  Ada\u{3000}\u{A0} ")]).name == "Ada")
        #expect(try person([("name", "  Ada King \n")]).name == "Ada King")
        #expect(try person([("name", String(repeating: " ", count: 50) + "Ada")]).name == "Ada")
        #expect(try person([("mail", " ada@example.org\t")]).mail == "ada@example.org")
        #expect(try person([("words", " abc ")]).words == ["abc"])
        #expect(try person([("about", " Ada ")]).about == " Ada ")
    }

    @Test("what nobody can see is no text, where one is required")
    func blank() throws {
        for blank in ["", " ", "\u{A0}\u{2003}", "\u{200B}", "\u{200D}", "\u{2800}", "\u{3164}", "\u{AD}", "\u{200E}"] {
            #expect(try faults(("name", blank)) == ["/name must not be empty"], "\(blank.unicodeScalars)")
            #expect(try faults(("any", blank)) == ["/any must not be empty"], "\(blank.unicodeScalars)")
        }
        #expect(try person([("motto", "  ")]).motto == "")
    }

    @Test("a secret is what was entered, to the last space")
    func secrets() throws {
        #expect(try person([("password", " a\u{200B}\tb ")]).password?.revealed == " a\u{200B}\tb ")
    }

    @Test("what the platform stored is read as it is")
    func events() throws {
        struct Fact: Codable { var name: String }
        let schema = try Book().object(Fact.self)
        #expect(try EventCoding.value(Fact.self, #"{"name": " a\nb\u202E "}"#, schema).name == " a\nb\u{202E} ")
    }
}
