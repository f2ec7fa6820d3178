import JSON
import Lyceum
import PostgreSQL

enum Course {
    struct ID: Identifier {
        let raw: RawID
        init(_ raw: RawID) { self.raw = raw }
    }
}

enum Level: String, Codable, CaseIterable, Sendable { case beginner, intermediate, advanced }

struct CourseDraft: Input {
    @Field("What learners see.", .length(1...200).example("Swift in a week")) var title: String
    @Field("One line for the catalogue.", .length(0...300)) var summary: String?
    @Field("Who may follow it.") var level = Level.beginner
    @Field("In the region's currency.") var price: Money
    @Field("Free places; none means unlimited.", .range(1...10_000)) var seats: Int?
    @Field("For searching.", .count(0...20)) var tags: [String] = []
    @Field("First day, in the region's zone.") var startsOn: Day
    @Field("Last day, included.") var endsOn: Day
    @Field("Where it takes place.") var meeting: Meeting

    func check(_ faults: inout Faults) {
        if endsOn < startsOn { faults.add($endsOn, "must not be before startsOn") }
    }
}

enum Meeting: OneOf {
    case online(Online)
    case onSite(OnSite)

    static let variants = Variants<Self>("kind") {
        Variant("online", Meeting.online)
        Variant("onSite", Meeting.onSite)
    }

    struct Online: Decodable, Sendable { var url: String }
    struct OnSite: Decodable, Sendable {
        var venue: Int64
        var room: String?
    }
}

struct CourseEdit: Input {
    @Field("What learners see.", .length(1...200)) var title: Change<String>
    @Field("One line; null removes it.", .length(0...300)) var summary: Change<String?>
    var price: Change<Money> = .keep
}

struct CourseFilter: Input {
    @Field("Only this level.") var level: Level?
    @Field("Words to look for.", .length(1...100)) var search: String?
    @Field("Where the last page ended.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 20
    @Field("For searching.", .each(.length(1...10))) var tags: [String] = []
    var ratio = 0.5
    var free = false
}

struct CourseSettings: Input {
    var reviewBeforePublishing = true
    var archiveAfterDays: Int?
    @Field("Mail to whom a review is due.", .email) var reviewers: String?
    @Field("Key of the video service.", .length(3...10)) var videoKey: Secret<String>
    @Field("Lowest price, in minor units.", .range(0...1_000_000)) var lowestPrice = 0
}

struct CourseView: View, Documented, Equatable {
    var id: Course.ID
    var title: String
    var summary: String?
    var level: Level
    var price: Money
    var seats: Int?
    var featured: Bool
    var publishedAt: Instant

    static let about = ["summary": "One line for the catalogue."]
}

/// Reads, and gives the faults as lines; nothing is wrong where there are none.
func faults<T: Input>(_ type: T.Type, _ body: String) throws -> [String] {
    do {
        _ = try InputReader.json(type, Array(body.utf8), try Book().object(type))
        return []
    } catch let faults as Faults {
        return faults.list.map(\.description)
    }
}

func read<T: Input>(_ type: T.Type, _ body: String) throws -> T {
    try InputReader.json(type, Array(body.utf8), try Book().object(type))
}

func written(_ value: some Encodable) throws -> String { try JSONWriter.text(value) }

/// The sentence with which a type is refused.
func refusal<T: Decodable>(_ type: T.Type) -> String? {
    do {
        _ = try Book().object(type)
        return nil
    } catch { return "\(error)" }
}
