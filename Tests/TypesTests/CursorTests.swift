import Lyceum
import PostgreSQL
import Testing

@Suite("Cursors cannot be bent")
struct CursorTests {
    @Test("only what was given out is read")
    func tampering() throws {
        let text = Cursor.example.description
        #expect(Cursor(text) == Cursor.example)
        for wrong in [
            "", "AA", "A", "!", text + "A", text + "=", String(text.dropLast()), text.lowercased(),
            "AQ" + text.dropFirst(2),
        ] {
            #expect(wrong == text || Cursor(wrong) == nil, "\(wrong)")
        }
        var flipped = 0
        for index in text.indices {
            var changed = text
            changed.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            if Cursor(changed) == nil { flipped += 1 }
        }
        #expect(flipped == text.count)
    }

    @Test("a cursor of another list is a fault of its field")
    func foreign() throws {
        do {
            _ = try Cursor.example.values(Instant.self, Course.ID.self, field: "since")
            Issue.record("two values were read of none")
        } catch let faults as Faults {
            #expect(
                faults.list.map(\.description) == ["/since is the cursor of another list; leave it out to begin again"])
        }
    }

    @Test("without a cursor all values are nil")
    func absent() throws {
        let cursor: Cursor? = nil
        let (at, id) = try cursor.values(Instant.self, Course.ID.self)
        #expect(at == nil && id == nil)
    }
}
