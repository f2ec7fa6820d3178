import JSON
import Testing

@Suite("Nodes are read where they lie")
struct NodeTests {
    @Test("members are found by key and by name, and iterated in the order of the text")
    func members() throws {
        let key = JSONKey("ä/b")
        let document = try Document(#"{"z": 1, "ä/b": "two", "a": [3]}"#)
        document.withRoot { root in
            #expect(root.kind == .object)
            #expect(root.count == 3)
            #expect(root.member(key)?.text == "two")
            #expect(root.member(named: "z")?.integer == 1)
            #expect(root.member(named: "nothing")?.kind == nil)
            #expect(root.members.map(\.name) == ["z", "ä/b", "a"])
            #expect(root.member(named: "a")?.item(0)?.integer == 3)
            #expect(root.member(named: "a")?.item(1)?.kind == nil)
            #expect(root.member(named: "a")?.item(-1)?.kind == nil)
        }
    }

    @Test("what a node is not, it answers emptily")
    func emptiness() throws {
        let document = try Document("[true, \"\", null]")
        document.withRoot { root in
            #expect(root.text.isEmpty && root.utf8.isEmpty)
            #expect(root.integer == 0)
            #expect(root.members.map(\.name).isEmpty)
            #expect(root.items.map(\.kind) == [.boolean, .text, .null])
            #expect(root.item(0)?.boolean == true)
            #expect(root.item(0)?.items.map(\.kind).isEmpty == true)
            #expect(root.item(2)?.isNull == true)
        }
    }

    @Test("a scalar alone is a document")
    func scalars() throws {
        for (text, kind) in [("1", JSONNode.Kind.integer), ("\"a\"", .text), ("null", .null), ("false", .boolean)] {
            let document = try Document(text)
            #expect(document.withRoot { $0.kind } == kind)
        }
    }
}

@Suite("Documents are made from pairs")
struct BuilderTests {
    private func text(_ builder: consuming DocumentBuilder) -> String {
        let document = builder.finish()
        let out = JSONWriter()
        document.withRoot { out.node($0) }
        return out.text
    }

    // The builder is not copyable, so the macro cannot look into the call.
    private func expect(_ actual: Bool, _ wanted: Bool, _ location: SourceLocation = #_sourceLocation) {
        #expect(actual == wanted, sourceLocation: location)
    }

    @Test("paths make the objects on their way")
    func paths() {
        var builder = DocumentBuilder()
        builder.set(["price", "amount"], .integer(1999))
        builder.set(["price", "currency"], .text("EUR"))
        builder.append(["tags"], .text(""))
        builder.append(["tags"], .boolean(true))
        builder.set(["ratio"], .number(0.5))
        builder.set(["none"], .null)
        let count = builder.count
        #expect(count == 4)
        expect(builder.contains(["price", "amount"]), true)
        expect(builder.contains(["price", "vat"]), false)
        #expect(
            text(builder) == #"{"price":{"amount":1999,"currency":"EUR"},"tags":["",true],"ratio":0.5,"none":null}"#)
    }

    @Test("what cannot be is refused, and changes nothing")
    func refusals() {
        var builder = DocumentBuilder()
        expect(builder.set(["a"], .integer(1)), true)
        expect(builder.set(["a", "b"], .integer(2)), false)
        expect(builder.append(["a"], .integer(2)), false)
        expect(builder.set([], .null), false)
        expect(builder.set(["n"], .number(.nan)), false)
        expect(builder.set(["t"], .text("a\u{0}b")), false)
        expect(builder.set(["k\u{0}"], .null), false)
        #expect(text(builder) == #"{"a":1}"#)
    }
}
