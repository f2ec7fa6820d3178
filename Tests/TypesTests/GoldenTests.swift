import Lyceum
import Testing

@Suite("Golden descriptions tell whether an event stays compatible")
struct GoldenTests {
    struct Published: Codable, Sendable {
        var course: Course.ID
        var price: Money
        var at: Instant
        var note: String?
        var levels: [Level]
    }

    private let old = [
        "at: date-time", "course: uuid", "note?: text", "reason: one of ill | moved | unknown", "state: one of a | b",
    ]

    private func verdicts(_ change: (inout [String]) -> Void) -> [String] {
        var new = old
        change(&new)
        return Golden.compare(old, new).map { "\($0.verdict): \($0.sentence)" }
    }

    @Test("a line for each leaf")
    func lines() throws {
        #expect(
            Golden.lines(try Book().object(Published.self)) == [
                "at: date-time", "course: uuid", "levels[]: one of advanced | beginner | intermediate", "note?: text",
                "price.amount: integer", "price.currency: currency",
            ])
    }

    @Test("unions and types that hold themselves have an end")
    func recursion() throws {
        struct Node: Decodable, Sendable {
            var name: String
            var children: [Node]
            var meeting: Meeting?
        }
        let lines = Golden.lines(try Book().object(Node.self))
        #expect(lines.contains("name: text") && lines.contains("meeting?<kind=onSite>.room?: text"))
        #expect(lines.contains { $0.hasPrefix("children[]: ") && $0.hasSuffix(" again") })
    }

    @Test("the same is the same, and an optional field may be added")
    func compatible() {
        #expect(verdicts { _ in } == [])
        #expect(verdicts { $0.append("room?: text") } == ["compatible: room was added"])
        #expect(
            verdicts { $0[3] = "reason: one of bored | ill | moved | unknown" } == [
                "compatible: reason may also be bored"
            ])
    }

    @Test("everything else breaks a reader, and the sentence says whose")
    func breaking() {
        #expect(verdicts { $0.removeFirst() } == ["breaking: at was removed"])
        #expect(verdicts { $0[0] = "atT: date-time" } == ["breaking: at was renamed to atT"])
        #expect(verdicts { $0[1] = "course: integer" } == ["breaking: course was uuid and is integer"])
        #expect(verdicts { $0[2] = "note: text" } == ["breaking: note became required, but events in the log lack it"])
        #expect(verdicts { $0[1] = "course?: uuid" } == ["breaking: course became optional, but listeners expect it"])
        #expect(
            verdicts { $0.append("room: text") } == [
                "breaking: room was added as required, but events in the log lack it; make it optional"
            ])
        #expect(
            verdicts { $0[4] = "state: one of a | b | c" } == [
                "breaking: state may also be c, which old listeners refuse; it had no case unknown"
            ])
        #expect(verdicts { $0[4] = "state: one of a" } == ["breaking: state was one of a | b and is one of a"])
    }

    @Test("a broken golden file is no crash")
    func broken() {
        #expect(Golden.compare(["", "x", "a: text", "a: text"], ["a: text"]).isEmpty)
    }
}
