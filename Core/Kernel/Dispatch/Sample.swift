internal import JSON
internal import Lyceum

/// An example of a value, in the order in which people read it.
indirect enum Sample: Sendable {
    /// JSON text as it is.
    case json(String)
    case list([Sample])
    case object([(name: String, value: Sample)])

    /// On one line, or on several with an indent.
    func text(indented: Bool = false) -> String {
        var out = ""
        write(to: &out, indented ? 0 : nil)
        return out
    }

    private func write(to out: inout String, _ depth: Int?) {
        func line(_ depth: Int?) { if let depth { out += "\n" + String(repeating: "  ", count: depth) } }
        let inner = depth.map { $0 + 1 }
        switch self {
        case .json(let text): out += text
        case .list(let items):
            out += "["
            for (index, item) in items.enumerated() {
                if index > 0 { out += "," }
                line(inner)
                item.write(to: &out, inner)
            }
            if !items.isEmpty { line(depth) }
            out += "]"
        case .object(let members):
            out += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { out += "," }
                line(inner)
                out += Sample.quoted(member.name) + (depth == nil ? ":" : ": ")
                member.value.write(to: &out, inner)
            }
            if !members.isEmpty { line(depth) }
            out += "}"
        }
    }

    static func quoted(_ text: String) -> String {
        let out = JSONWriter(capacity: 64)
        out.string(text)
        return out.text
    }
}

/// Makes examples of what schemas describe: those that a field gives itself, otherwise the plainest value that fits.
struct Samples: Sendable {
    /// The code of a region's own currency.
    let currency: String

    private static let id = "018f0000-0000-7000-8000-000000000001"

    /// What a client might send: what it must, and what has an example.
    func input(_ schema: Schema) -> Sample { value(schema, isAnswer: false, 0) }

    /// What it might be answered, with all there is.
    func answer(_ schema: Schema) -> Sample { value(schema, isAnswer: true, 0) }

    /// What a field might hold.
    func field(_ field: FieldSchema, isAnswer: Bool = false) -> Sample { member(field, isAnswer: isAnswer, 0) }

    private func member(_ field: FieldSchema, isAnswer: Bool, _ depth: Int) -> Sample {
        if let example = field.example ?? (isAnswer ? nil : field.preset) { return .json(example) }
        // The last page of a list; and a type may hold itself.
        if field.nullable, depth > 4 || field.schema.isCursor { return .json("null") }
        return value(field.schema, isAnswer: isAnswer, depth)
    }

    private func value(_ schema: Schema, isAnswer: Bool, _ depth: Int) -> Sample {
        switch schema {
        case .boolean: return .json("true")
        case .integer(let range): return .json("\(min(max(1, range?.lowerBound ?? 1), range?.upperBound ?? 1))")
        case .number(let range): return .json("\(min(max(1.5, range?.lowerBound ?? 1.5), range?.upperBound ?? 1.5))")
        case .string(let format, let length): return .json(Sample.quoted(text(format, length)))
        case .choice(let names): return .json(Sample.quoted(names.first ?? ""))
        case .list(let element, let count):
            let least = max(depth > 4 ? 0 : 1, count?.lowerBound ?? 0)
            let items = min(least, count?.upperBound ?? least)
            return .list((0..<items).map { _ in value(element, isAnswer: isAnswer, depth + 1) })
        case .object(let object): return .object(members(object, isAnswer: isAnswer, depth))
        case .union(let union):
            guard let first = union.variants.first else { return .json("{}") }
            let tag = (name: union.tag, value: Sample.json(Sample.quoted(first.name)))
            return .object([tag] + members(first.object, isAnswer: isAnswer, depth))
        case .any: return .json("{}")
        }
    }

    private func members(
        _ object: ObjectSchema, isAnswer: Bool, _ depth: Int
    ) -> [(name: String, value: Sample)] {
        guard depth < 8 else { return [] }
        var fields = object.fields
        if !isAnswer, !object.isAnswer {
            let told = fields.filter { $0.required || $0.example != nil }
            fields = told.isEmpty ? Array(fields.prefix(1)) : told
        }
        return fields.map { ($0.name, member($0, isAnswer: isAnswer, depth + 1)) }
    }

    private func text(_ format: Schema.Format?, _ length: ClosedRange<Int>?) -> String {
        switch format {
        case .date: return "2026-01-31"
        case .instant: return "2026-01-31T09:00:00Z"
        case .uuid: return Samples.id
        case .email: return "ada@example.org"
        case .url: return "https://example.org/"
        case .slug: return fit("a-name", "-name", length)
        case .cursor: return "AAAA"
        case .currency: return currency
        case .multiline, nil: return fit("Some words", " and words", length)
        }
    }

    private func fit(_ text: String, _ more: String, _ length: ClosedRange<Int>?) -> String {
        guard let length else { return text }
        var text = text
        while text.count < length.lowerBound { text += more }
        return String(text.prefix(max(length.upperBound, 0)))
    }
}

extension Schema {
    fileprivate var isCursor: Bool { if case .string(.cursor, _) = self { true } else { false } }
}
