internal import JSON

/// Compares a JSON tree with a schema and collects everything that is wrong.
///
/// It allocates only where something is.
struct Validator {
    var faults = Faults()
    /// For what the platform wrote itself at another time, such as events: unknown keys are passed over, and an unknown
    /// word is accepted where `unknown` is one.
    let lenient: Bool
    /// A hostile body is not answered with a list longer than this.
    static let most = 100
    private var secret = false
    /// Whether the text being checked may be blank, because its field may be absent.
    private var mayBeBlank = true

    init(lenient: Bool = false) { self.lenient = lenient }

    /// Notes a fault; pages say it with the words of the kernel's catalogue.
    private mutating func fault(
        _ code: String, _ sentence: String, _ key: String, count: Int? = nil,
        _ arguments: KeyValuePairs<String, String> = [:]
    ) {
        guard faults.list.count < Self.most else { return }
        faults.list.append(
            Fault(
                pointer: "", code: code, sentence: sentence,
                words: Text("lyceum.fault." + key, count: count, arguments)))
    }

    mutating func check(_ value: JSONNode, _ object: ObjectSchema, except tag: String? = nil) {
        guard value.kind == .object else { return fault("type", "must be an object, not \(value.kind.name)", "object") }
        let first = faults.list.count
        var seen = tag == nil ? 0 : 1
        for field in object.fields {
            let start = faults.list.count
            if let member = value.member(field.key) {
                seen += 1
                check(member, field)
            } else if field.required {
                fault("required", "is required", "required")
            }
            if faults.list.count > start { faults.locate(since: start, Fault.escape(field.name)) }
        }
        if !lenient, seen < value.count { unknown(value, object, tag, since: first) }
    }

    private mutating func check(_ member: JSONNode, _ field: FieldSchema) {
        if member.isNull {
            if !field.nullable {
                fault("null", field.required ? "must not be null" : "must not be null; leave it out instead", "empty")
            }
            return
        }
        let before = (secret, mayBeBlank)
        secret = secret || field.secret
        mayBeBlank = !field.required || field.nullable
        check(member, field.schema)
        (secret, mayBeBlank) = before
    }

    private mutating func unknown(_ value: JSONNode, _ object: ObjectSchema, _ tag: String?, since first: Int) {
        let names = object.fields.map(\.name)
        for (key, _) in value.members where key != tag && !names.contains(key) {
            guard faults.list.count < Self.most else { return }
            let missing = names.filter { value.member(named: $0) == nil }
            let near = nearest(key, missing)
            // A misspelt key explains the missing one, in one fault.
            var isRequired = false
            if let near, let index = faults.list[first...].firstIndex(where: { $0.isMissing(near) }) {
                faults.list.remove(at: index)
                isRequired = true
            }
            let hint =
                near.map { "; did you mean \"\($0)\"\(isRequired ? ", which is required" : "")?" } ?? hint(names)
            fault("unknown", "is not a field of \(object.name)\(hint)", "unknown")
            faults.locate(since: faults.list.count - 1, Fault.escape(key))
        }
    }

    private func hint(_ names: [String]) -> String {
        names.isEmpty ? ", which has none" : "; known are \(names.joined(separator: ", "))"
    }

    mutating func check(_ value: JSONNode, _ schema: Schema) {
        switch schema {
        case .boolean:
            if value.kind != .boolean { fault("type", "must be true or false, not \(value.kind.name)", "boolean") }
        case .integer(let range):
            // What is beyond 64 bits was read as another number.
            let isHuge = value.kind == .number && abs(value.number) >= 0x1p63
            guard value.kind == .integer || isHuge else {
                return fault("type", "must be a whole number, not \(value.kind.name)", "integer")
            }
            let number = value.integer
            if isHuge || range?.contains(number) == false {
                let range = range ?? Int64.min...Int64.max
                let all = isHuge ? "must be from \(range.lowerBound) to \(range.upperBound)" : "must be \(words(range))"
                fault(
                    "range", all + (isHuge ? "" : it("is \(number)")), "from",
                    ["from": "\(range.lowerBound)", "to": "\(range.upperBound)"])
            }
        case .number(let range):
            guard value.kind == .integer || value.kind == .number else {
                return fault("type", "must be a number, not \(value.kind.name)", "number")
            }
            let number = value.number
            if let range, !range.contains(number) {
                fault(
                    "range", "must be from \(range.lowerBound) to \(range.upperBound)\(it("is \(number)"))", "from",
                    ["from": "\(range.lowerBound)", "to": "\(range.upperBound)"])
            }
        case .string(let format, let length):
            guard value.kind == .text else { return fault("type", "must be text, not \(value.kind.name)", "text") }
            check(value.utf8, format, length)
        case .choice(let names): check(value, names)
        case .list(let element, let range):
            guard value.kind == .list else { return fault("type", "must be a list, not \(value.kind.name)", "list") }
            check(value, range, element)
        case .any: break
        case .object(let object):
            check(value, object)
        case .union(let union):
            check(value, union)
        }
    }

    private mutating func check(
        _ whole: UnsafeBufferPointer<UInt8>, _ format: Schema.Format?, _ length: ClosedRange<Int>?
    ) {
        var text = whole
        if !lenient, !secret {
            if PlainText.trims(format) { text = PlainText.trimmed(whole) }
            if let (sentence, key) = PlainText.fault(text, multiline: format == .multiline) {
                return fault("characters", "\(sentence)", String("\(key)".dropFirst("lyceum.fault.".count)))
            }
            let mayBeBlank = length.map { $0.lowerBound == 0 } ?? mayBeBlank
            if !mayBeBlank, PlainText.isBlank(text) { return fault("blank", "must not be empty", "empty") }
        }
        if let length { check(text, length) }
        if let format, !format.matches(text) {
            // No schema can tell clients what is a cursor.
            fault(format == .cursor ? "cursor" : "format", format.sentence, "format." + format.rawValue)
        }
    }

    private mutating func check(_ text: UnsafeBufferPointer<UInt8>, _ length: ClosedRange<Int>) {
        var count = 0
        for byte in text where byte & 0xC0 != 0x80 { count += 1 }
        if count < length.lowerBound {
            let least = "at least \(length.lowerBound) character\(length.lowerBound == 1 ? "" : "s")"
            if count == 0 {
                fault("length", "must not be empty", "empty")
            } else {
                fault("length", "must have \(least)\(it("has \(count)"))", "least", count: length.lowerBound)
            }
        } else if count > length.upperBound {
            let most = "at most \(length.upperBound) character\(length.upperBound == 1 ? "" : "s")"
            fault("length", "must have \(most)\(it("has \(count)"))", "most", count: length.upperBound)
        }
    }

    private mutating func check(_ value: JSONNode, _ names: [String]) {
        let list = names.joined(separator: ", ")
        guard value.kind == .text else {
            return fault("type", "must be one of \(list), not \(value.kind.name)", "choice", ["names": list])
        }
        let text = value.text
        if names.contains(text) || lenient && names.contains("unknown") { return }
        let near = secret ? nil : nearest(text, names)
        fault(
            "choice", "must be one of \(list)" + (near.map { "; did you mean \"\($0)\"?" } ?? ""), "choice",
            ["names": list])
    }

    private mutating func check(_ value: JSONNode, _ range: ClosedRange<Int>?, _ element: Schema) {
        let count = value.count
        if let range, !range.contains(count) {
            let words =
                range.lowerBound == 0 ? "at most \(range.upperBound)" : "\(range.lowerBound) to \(range.upperBound)"
            fault(
                "count", "must have \(words) items; it has \(count)", "count",
                ["from": "\(range.lowerBound)", "to": "\(range.upperBound)"])
        }
        for (index, item) in value.items.enumerated() {
            let start = faults.list.count
            check(item, element)
            if faults.list.count > start {
                faults.locate(since: start, "\(index)")
                if faults.list.count >= Self.most { return }
            }
        }
    }

    private mutating func check(_ value: JSONNode, _ union: UnionSchema) {
        guard value.kind == .object else { return fault("type", "must be an object, not \(value.kind.name)", "object") }
        let names = union.variants.map(\.name)
        let tag = value.member(named: union.tag)
        guard let variant = union.variants.first(where: { tag?.kind == .text && $0.name == tag?.text }) else {
            let start = faults.list.count
            if tag == nil {
                fault("required", "is required; it must be one of \(names.joined(separator: ", "))", "required")
            } else {
                let near = tag.flatMap { nearest($0.text, names) }.map { "; did you mean \"\($0)\"?" } ?? ""
                fault(
                    "choice", "must be one of \(names.joined(separator: ", "))\(near)", "choice",
                    ["names": names.joined(separator: ", ")])
            }
            return faults.locate(since: start, Fault.escape(union.tag))
        }
        check(value, variant.object, except: union.tag)
    }

    private func words(_ range: ClosedRange<Int64>) -> String {
        if range.upperBound == .max { return "at least \(range.lowerBound)" }
        if range.lowerBound == .min { return "at most \(range.upperBound)" }
        return "from \(range.lowerBound) to \(range.upperBound)"
    }

    /// Of a secret nothing is repeated.
    private func it(_ words: String) -> String { secret ? "" : "; it \(words)" }
}

extension Fault {
    fileprivate func isMissing(_ name: String) -> Bool { code == "required" && pointer == "/" + Fault.escape(name) }
}
