import Foundation
import Lyceum
import LyceumTesting
import Testing

/// What the plugin of one test emits and hears.
private enum Now {
    @TaskLocal static var declared: [any Declaration] = []
    @TaskLocal static var contributed: [any Contribution] = []
}

private struct Stock: Plugin {
    static let manifest = Manifest(id: "stock", version: "1.0.0")
    static var declarations: [any Declaration] { Now.declared }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { Now.contributed }
}

private protocol Sold: Event {}
extension Sold {
    static var name: String { "stock.item.sold" }
    var key: String { "all" }
}

private enum Reason: String, Codable, CaseIterable, Sendable { case gift, sale }
private enum MoreReasons: String, Codable, CaseIterable, Sendable { case gift, sale, theft }
private struct Buyer: Codable, Sendable {
    var id: RawID
    var name: String?
}
private struct OtherBuyer: Codable, Sendable { var id: RawID }

/// The event as it was first, and what somebody may make of it.
private enum Shape {
    struct First: Sold {
        var item: RawID
        var price: Money
        var reason: Reason
        var note: String?
        var buyer: Buyer
    }
    struct Grown: Sold {
        var item: RawID
        var price: Money
        var reason: Reason
        var note: String?
        var buyer: Buyer
        var shelf: String?
    }
    struct Removed: Sold {
        var item: RawID
        var price: Money
        var note: String?
        var buyer: Buyer
    }
    struct Renamed: Sold {
        var itm: RawID
        var price: Money
        var reason: Reason
        var note: String?
        var buyer: Buyer
    }
    struct Retyped: Sold {
        var item: RawID
        var price: Int
        var reason: Reason
        var note: String?
        var buyer: Buyer
    }
    struct Demanding: Sold {
        var item: RawID
        var price: Money
        var reason: Reason
        var note: String?
        var buyer: Buyer
        var shelf: String
    }
    struct Stricter: Sold {
        var item: RawID
        var price: Money
        var reason: Reason
        var note: String
        var buyer: Buyer
    }
    struct Looser: Sold {
        var item: RawID?
        var price: Money
        var reason: Reason
        var note: String?
        var buyer: Buyer
    }
    struct Wider: Sold {
        var item: RawID
        var price: Money
        var reason: MoreReasons
        var note: String?
        var buyer: Buyer
    }
    struct Within: Sold {
        var item: RawID
        var price: Money
        var reason: Reason
        var note: String?
        var buyer: OtherBuyer
    }
    struct Second: Event {
        static let name = "stock.item.sold"
        static let major = 2
        var thing: RawID
        var key: String { "all" }
    }
}

private struct Wanted: Decodable, Sendable { var buyer: Buyer }
private struct Unreadable: Decodable, Sendable { var buyer: String }

@Suite("A change of an event that breaks somebody fails its plugin's tests")
struct GoldenEventsTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "lyceum-golden-\(UUID().uuidString)")

    /// What the one line in a plugin's tests says.
    private func sentences(
        _ declared: any Declaration..., hearing: [any Contribution] = [], others: [String] = [], recording: Bool = false
    ) throws -> [String] {
        try Now.$declared.withValue(declared) {
            try Now.$contributed.withValue(hearing) {
                do {
                    try checkGoldenEvents(Stock.self, in: folder.path, hearing: others, recording: recording)
                    return []
                } catch let mismatch as GoldenMismatch { return mismatch.sentences }
            }
        }
    }

    private func record() throws { #expect(try sentences(Emits(Shape.First.self), recording: true) == []) }

    private var file: String {
        get throws { try String(contentsOf: folder.appending(path: "stock.item.sold.1.json"), encoding: .utf8) }
    }

    private func removeFolder() { try? FileManager.default.removeItem(at: folder) }

    @Test("a missing file fails and says how it is written; written, it passes")
    func missing() throws {
        defer { removeFolder() }
        let said = try sentences(Emits(Shape.First.self))
        #expect(said.count == 1)
        #expect(
            said.first?.contains("stock.item.sold.1.json is missing; run this test once with LYCEUM_RECORD_GOLDEN=1")
                == true)
        try record()
        #expect(try sentences(Emits(Shape.First.self)) == [])
        #expect(try file.contains(#""buyer.name?: text","#))
    }

    @Test("an optional field may be added; recorded, it is held fast, and the events of before are kept")
    func grown() throws {
        defer { removeFolder() }
        try record()
        let before = try file
        #expect(try sentences(Emits(Shape.Grown.self)) == [])
        #expect(try file == before)
        #expect(try sentences(Emits(Shape.Grown.self), recording: true) == [])
        let payloads = try file.split(separator: "\n").filter { $0.contains("{\"item\"") }
        #expect(payloads.count == 2)
        #expect(payloads.filter { $0.contains("shelf") }.count == 1)
        #expect(try sentences(Emits(Shape.First.self)).first?.contains("shelf was removed") == true)
    }

    @Test("everything else fails, names the field and asks for a new major version, and recording does not help")
    func mutants() throws {
        defer { removeFolder() }
        try record()
        let before = try file
        func expect(_ shape: Emits, _ sentence: String) throws {
            for recording in [false, true] {
                let said = try sentences(shape, recording: recording)
                #expect(
                    said == [
                        """
                        stock.item.sold v1: \(sentence). That needs a new major version: leave this event as it is, and \
                        declare another with static let major = 2 beside it
                        """
                    ])
            }
            #expect(try file == before)
        }
        try expect(Emits(Shape.Removed.self), "reason was removed")
        try expect(Emits(Shape.Renamed.self), "item was renamed to itm")
        try expect(
            Emits(Shape.Demanding.self),
            "shelf was added as required, but events in the log lack it; make it optional")
        try expect(Emits(Shape.Stricter.self), "note became required, but events in the log lack it")
        try expect(Emits(Shape.Looser.self), "item became optional, but listeners expect it")
        try expect(
            Emits(Shape.Wider.self), "reason may also be theft, which old listeners refuse; it had no case unknown")
        try expect(Emits(Shape.Within.self), "buyer.name was removed")
        let retyped = try sentences(Emits(Shape.Retyped.self))
        #expect(retyped.contains { $0.hasPrefix("stock.item.sold v1: price.amount was removed. ") })
        #expect(retyped.allSatisfy { $0.contains("static let major = 2") })
    }

    @Test("a new major version stands beside the old one, or in its place")
    func majors() throws {
        defer { removeFolder() }
        try record()
        #expect(try sentences(Emits(Shape.First.self), Emits(Shape.Second.self), recording: true) == [])
        #expect(try sentences(Emits(Shape.First.self), Emits(Shape.Second.self)) == [])
        #expect(try sentences(Emits(Shape.Second.self)) == [])
        #expect(
            try sentences() == [
                """
                stock.item.sold v1 is not declared any more, and who listens to it would wait in vain; declare it, or delete \
                stock.item.sold.1.json once no listener can be left
                """,
                """
                stock.item.sold v2 is not declared any more, and who listens to it would wait in vain; declare it, or delete \
                stock.item.sold.2.json once no listener can be left
                """,
            ])
    }

    @Test("every event in a file must be readable by the listeners, those of other plugins' files too")
    func listeners() throws {
        defer { removeFolder() }
        try record()
        let good = Listener("good", on: Fact("stock.item.sold", major: 1, as: Wanted.self)) { _, _ in }
        let bad = Listener("bad", on: Fact("stock.item.sold", major: 1, as: Unreadable.self)) { _, _ in }
        #expect(try sentences(Emits(Shape.First.self), hearing: [good]) == [])
        let said = try sentences(Emits(Shape.First.self), hearing: [good, bad])
        #expect(said.count == 1)
        #expect(
            said.first?.hasPrefix("the listener stock.bad cannot read stock.item.sold v1 as it lies in the log: ")
                == true)
        // The same file as another plugin's: this one emits nothing and has no folder.
        let other = GoldenEventsTests()
        #expect(try other.sentences(hearing: [good], others: [folder.path]) == [])
        #expect(try other.sentences(hearing: [bad], others: [folder.path]).count == 1)
        #expect(
            try other.sentences(others: [other.folder.path]) == ["there are no golden files in \(other.folder.path)"])
    }

    @Test("a file that is broken, or stands under another's name, is named")
    func broken() throws {
        defer { removeFolder() }
        try record()
        try Data(#"{"event": "stock.item.sold"}"#.utf8).write(to: folder.appending(path: "stock.item.sold.1.json"))
        #expect(
            try sentences(Emits(Shape.First.self)) == [
                "stock.item.sold.1.json cannot be read: it lacks \"event\" or \"major\""
            ])
    }
}
