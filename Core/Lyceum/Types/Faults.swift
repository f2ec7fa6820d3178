public import JSON

/// One thing that is wrong with an input.
public struct Fault: Error, Hashable, Sendable, Encodable, CustomStringConvertible {
    /// Where, as RFC 6901 writes it, from the root of the body: `/price/currency`; empty for all of it.
    public var pointer: String
    /// What kind of fault it is, for programs: `required`, `type`, `range`, `length`, `format`, `choice`, `count`,
    /// `null`, `unknown`, `syntax`, `invalid`, or a word of the input's own.
    public var code: String
    /// What is wrong and what is accepted, without a subject: "must be text, not a whole number".
    public var sentence: String
    /// The same for a page, in its reader's language; nil where there is only the sentence.
    public var words: Text?

    private enum CodingKeys: CodingKey { case pointer, code, sentence }

    /// Describes a fault; `words` name what a page says of it, which must be in the catalogue in every language.
    public init(pointer: String, code: String, sentence: String, words: Text? = nil) {
        (self.pointer, self.code, self.sentence, self.words) = (pointer, code, sentence, words)
    }

    /// Compares where, what kind and the sentence: words only say the same again.
    public static func == (a: Fault, b: Fault) -> Bool {
        a.pointer == b.pointer && a.code == b.code && a.sentence == b.sentence
    }

    /// Where, what kind and the sentence.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(pointer)
        hasher.combine(code)
        hasher.combine(sentence)
    }

    /// `/seats must be from 1 to 10000; it is 0`.
    public var description: String { pointer.isEmpty ? "the body \(sentence)" : "\(pointer) \(sentence)" }

    /// Writes `{"pointer": ..., "code": ..., "sentence": ...}`.
    public func write(to out: JSONWriter) {
        out.openObject()
        out.key("pointer")
        out.string(pointer)
        out.key("code")
        out.string(code)
        out.key("sentence")
        out.string(sentence)
        out.closeObject()
    }
}

/// Everything that is wrong with an input, at once.
public struct Faults: Error, Sendable, CustomStringConvertible {
    /// In the order of the input's fields; unknown keys after the known ones of their object.
    public var list: [Fault]

    /// Faults that were found; by default none.
    public init(_ list: [Fault] = []) { self.list = list }

    /// Whether nothing is wrong.
    public var isEmpty: Bool { list.isEmpty }

    /// Adds a fault of a field: `faults.add($endsOn, "must not be before startsOn")`.
    ///
    /// `words` are what a page says in place of the sentence, in its reader's language.
    public mutating func add(_ field: FieldName, _ sentence: String, code: String = "invalid", words: Text? = nil) {
        list.append(Fault(pointer: "/" + Fault.escape(field.name), code: code, sentence: sentence, words: words))
    }

    /// Adds a fault of the whole: `faults.add("must name a place or an address")`.
    public mutating func add(_ sentence: String, code: String = "invalid") {
        list.append(Fault(pointer: "", code: code, sentence: sentence))
    }

    /// Faults are found at the leaf and told the way there while returning.
    mutating func locate(since start: Int, _ step: String) {
        guard start < list.count else { return }
        for index in start..<list.count { list[index].pointer = "/" + step + list[index].pointer }
    }

    /// A line for each fault.
    public var description: String { list.map(\.description).joined(separator: "\n") }
}

extension Fault {
    /// A step of a pointer (RFC 6901, section 3).
    static func escape(_ step: String) -> String {
        guard step.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return step }
        return step.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
    }
}

/// The name of a field, as ``Field``'s projection gives it: `$endsOn`.
public struct FieldName: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The field's name, as in JSON; empty in a value that was never described.
    public let name: String

    init(name: String) { self.name = name }

    /// A name where there is no ``Field``, such as a plain property.
    public init(stringLiteral name: String) { self.name = name }
}
