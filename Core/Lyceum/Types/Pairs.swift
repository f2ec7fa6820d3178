internal import JSON

/// Names and values as query strings and forms send them (the URL standard's `application/x-www-form-urlencoded`).
enum Pairs {
    /// More than this is no form of ours.
    static let most = 1000

    static func parse(_ text: UnsafeBufferPointer<UInt8>) throws -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        var at = 0
        while at < text.count {
            let rest = text[at...]
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? text.count
            if end > at {
                guard pairs.count < most else {
                    throw unreadable("", "has more than \(most) fields", Text("lyceum.fault.fields", count: most))
                }
                let equals = text[at..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
                let name = try decode(text[at..<equals], of: "")
                pairs.append((name, try decode(text[min(equals + 1, end)..<end], of: name)))
            }
            at = end + 1
        }
        return pairs
    }

    private static func unreadable(_ name: String, _ sentence: String, _ words: Text) -> Faults {
        let pointer = name.isEmpty ? "" : "/" + Fault.escape(name)
        return Faults([Fault(pointer: pointer, code: "syntax", sentence: sentence, words: words)])
    }

    private static func decode(_ text: Slice<UnsafeBufferPointer<UInt8>>, of name: String) throws -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var at = text.startIndex
        while at < text.endIndex {
            switch text[at] {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard at + 2 < text.endIndex, let high = hex(text[at + 1]), let low = hex(text[at + 2]) else {
                    throw unreadable(
                        name, "has a % that is not followed by two hexadecimal digits", Text("lyceum.fault.percent"))
                }
                bytes.append(high << 4 | low)
                at += 2
            case let byte: bytes.append(byte)
            }
            at += 1
        }
        guard !bytes.contains(0) else {
            throw unreadable(
                name, "has the character U+0000 in a text; it cannot be stored", Text("lyceum.fault.control"))
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw unreadable(name, "is not valid UTF-8", Text("lyceum.fault.utf8"))
        }
        return decoded
    }

    static func hex(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Gives every value the type that its field has; what cannot be read stays text, and the validator says so.
    static func document(
        _ pairs: [(name: String, value: String)], _ schema: ObjectSchema, form: Bool
    ) throws -> Document {
        var builder = DocumentBuilder()
        var faults = Faults()
        for (name, value) in pairs {
            var field = schema.field(named: name)
            // Nearly always: a plain name, once, with a value.
            if let field, !value.isEmpty, !field.isList, builder.add(name, scalar(value, field.schema, form: form)) {
                continue
            }
            var path = [name]
            if field == nil, name.utf8.contains(UInt8(ascii: ".")) {
                let steps = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                if let inner = find(steps[...], schema) { (path, field) = (steps, inner.field) }
            }
            if value.isEmpty, let field {
                if field.isChange, field.nullable {
                    builder.set(path, .null)
                    continue
                }
                if field.isAbsentWhenEmpty { continue }
            }
            if case .list(let element, _)? = field?.schema {
                builder.append(path, scalar(value, element, form: form))
                continue
            }
            if builder.contains(path), !(form && field?.isBoolean == true) {
                faults.list.append(
                    Fault(
                        pointer: "/" + path.map(Fault.escape).joined(separator: "/"), code: "repeated",
                        sentence: "is given twice", words: Text("lyceum.fault.repeated")))
                continue
            }
            if !builder.set(path, scalar(value, field?.schema, form: form)) {
                faults.list.append(
                    Fault(
                        pointer: "/" + Fault.escape(path[0]), code: "type", sentence: "is given in two ways",
                        words: Text("lyceum.fault.repeated")))
            }
        }
        guard faults.isEmpty else { throw faults }
        if form {
            for field in schema.fields where field.required && field.isBoolean && !builder.contains([field.name]) {
                builder.set([field.name], .boolean(false))
            }
        }
        return builder.finish()
    }

    /// The field that `price.amount` names; a nil field is the tag of a union.
    private static func find(_ path: ArraySlice<String>, _ object: ObjectSchema) -> (field: FieldSchema?, Void)? {
        guard let name = path.first, let field = object.field(named: name) else { return nil }
        let rest = path.dropFirst()
        if rest.isEmpty { return (field, ()) }
        switch field.schema {
        case .object(let inner): return find(rest, inner)
        case .union(let union):
            if rest.count == 1, rest.first == union.tag { return (nil, ()) }
            return union.variants.lazy.compactMap { find(rest, $0.object) }.first
        default: return nil
        }
    }

    private static func scalar(_ text: String, _ schema: Schema?, form: Bool) -> DocumentBuilder.Scalar {
        switch schema {
        case .integer:
            if let value = Int64(text), !text.hasPrefix("+") { return .integer(value) }
            // A whole number beyond 64 bits is out of range, and no text.
            let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
            if !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) {
                return .number(digits.count == text.utf8.count ? 1e300 : -1e300)
            }
        case .number:
            // Swift reads more than JSON writes: hexadecimal digits, "inf", "nan".
            let plain = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
            if plain, let value = Double(text), value.isFinite { return .number(value) }
        case .boolean:
            if text == "true" || form && text == "on" { return .boolean(true) }
            if text == "false" || form && text == "off" { return .boolean(false) }
        default: break
        }
        return .text(text)
    }
}

extension FieldSchema {
    fileprivate var isList: Bool { if case .list = schema { true } else { false } }

    fileprivate var isBoolean: Bool { if case .boolean = schema { true } else { false } }

    /// An empty field of a form was left empty; only text that may not be null can be meant to be empty.
    fileprivate var isAbsentWhenEmpty: Bool {
        switch schema {
        case .string(nil, _), .string(.multiline, _): nullable
        default: true
        }
    }
}
