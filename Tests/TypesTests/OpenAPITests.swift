import Foundation
import JSON
import Lyceum
import Testing

@Suite("OpenAPI says what the reader checks")
struct OpenAPITests {
    private func components(_ describe: (Book) throws -> Void) throws -> [String: Any] {
        let book = Book(prefixes: ["TypesTests": "courses"])
        try describe(book)
        let out = JSONWriter()
        OpenAPI.components(book, to: out)
        return try #require(try JSONSerialization.jsonObject(with: Data(out.text.utf8)) as? [String: Any])
    }

    private func text(_ value: Any?) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: try #require(value), options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes]),
            as: UTF8.self)
    }

    private func property(_ schema: Any?, _ name: String) throws -> String {
        let schema = try #require(schema as? [String: Any])
        return try text((schema["properties"] as? [String: Any])?[name])
    }

    @Test("an input: names carry the plugin's id, fields their rules, examples and defaults")
    func input() throws {
        let all = try components { _ = try $0.object(CourseDraft.self) }
        #expect(
            all.keys.sorted() == [
                "Currency", "Money", "courses.CourseDraft", "courses.Meeting", "courses.Meeting-onSite",
                "courses.Meeting-online",
                "courses.Meeting.OnSite", "courses.Meeting.Online",
            ])
        let draft = all["courses.CourseDraft"]
        #expect(
            try property(draft, "title")
                == #"{"description":"What learners see.","examples":["Swift in a week"],"maxLength":200,"minLength":1,"type":"string"}"#
        )
        #expect(
            try property(draft, "summary")
                == #"{"description":"One line for the catalogue.","maxLength":300,"type":["string","null"]}"#)
        #expect(
            try property(draft, "level")
                == #"{"default":"beginner","description":"Who may follow it.","enum":["beginner","intermediate","advanced"],"type":"string"}"#
        )
        #expect(
            try property(draft, "seats")
                == #"{"description":"Free places; none means unlimited.","maximum":10000,"minimum":1,"type":["integer","null"]}"#
        )
        #expect(
            try property(draft, "price")
                == ##"{"$ref":"#/components/schemas/Money","description":"In the region's currency."}"##)
        #expect(
            try property(draft, "startsOn")
                == #"{"description":"First day, in the region's zone.","format":"date","type":"string"}"#)
        #expect(try text((draft as? [String: Any])?["required"]) == #"["title","price","startsOn","endsOn","meeting"]"#)
        #expect(try text((draft as? [String: Any])?["additionalProperties"]) == "false")
    }

    @Test("a union: a closed object for each variant, told apart by the tag")
    func union() throws {
        let all = try components { _ = try $0.object(CourseDraft.self) }
        let meeting = try #require(all["courses.Meeting"] as? [String: Any])
        let discriminator = try #require(meeting["discriminator"] as? [String: Any])
        #expect(discriminator["propertyName"] as? String == "kind")
        #expect(
            discriminator["mapping"] as? [String: String] == [
                "online": "#/components/schemas/courses.Meeting-online",
                "onSite": "#/components/schemas/courses.Meeting-onSite",
            ])
        #expect(
            try text(meeting["oneOf"])
                == ##"[{"$ref":"#/components/schemas/courses.Meeting-online"},{"$ref":"#/components/schemas/courses.Meeting-onSite"}]"##
        )
        #expect(try property(all["courses.Meeting-onSite"], "kind") == #"{"const":"onSite","type":"string"}"#)
        #expect(try text((all["courses.Meeting-onSite"] as? [String: Any])?["required"]) == #"["kind","venue"]"#)
    }

    @Test("an answer: every field is there, if only as null; a page has an envelope")
    func answers() throws {
        let all = try components { _ = try Listing<CourseView>.answer($0) }
        let view = all["courses.CourseView"] as? [String: Any]
        #expect(
            try text(view?["required"]) == #"["id","title","summary","level","price","seats","featured","publishedAt"]"#
        )
        #expect(try property(view, "id") == #"{"format":"uuid","type":"string"}"#)
        #expect(
            try property(view, "summary") == #"{"description":"One line for the catalogue.","type":["string","null"]}"#)
        #expect(
            try property(all["courses.CourseView.Listing"], "items")
                == ##"{"items":{"$ref":"#/components/schemas/courses.CourseView"},"type":"array"}"##)
        #expect(try property(all["courses.CourseView.Listing"], "next").contains(#""type":["string","null"]"#))
        #expect(
            try property(all["Money"], "amount")
                == #"{"maximum":9223372036854775807,"minimum":-9223372036854775808,"type":"integer"}"#)
    }

    @Test("a query: its fields are parameters; secrets are write-only; deprecated fields say so")
    func parameters() throws {
        struct Old: Input {
            @Field("Ignored.", .deprecated("use level")) var difficulty: Int?
            @Field("Key.") var key: Secret<String>
            var price: Money?
        }
        let out = JSONWriter()
        out.openList()
        OpenAPI.parameters(try Book().object(CourseFilter.self), to: out)
        out.closeList()
        let list = try #require(try JSONSerialization.jsonObject(with: Data(out.text.utf8)) as? [[String: Any]])
        #expect(list.count == 7)
        #expect(
            try text(list[3])
                == #"{"description":"How many.","in":"query","name":"limit","schema":{"default":20,"maximum":100,"minimum":1,"type":"integer"}}"#
        )
        let all = try components { _ = try $0.object(Old.self) }
        let old = try #require(all.first { $0.key.hasSuffix("Old") }?.value)
        #expect(
            try property(old, "difficulty").contains(
                #""deprecated":true,"description":"Ignored. Deprecated: use level.""#))
        #expect(try property(old, "key").contains(#""writeOnly":true"#))
        #expect(try property(old, "price") == ##"{"anyOf":[{"$ref":"#/components/schemas/Money"},{"type":"null"}]}"##)
    }
}
