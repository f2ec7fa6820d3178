internal import CJansson

/// Makes a ``Document`` from pairs, as forms and query strings send them.
///
///     var builder = DocumentBuilder()
///     builder.set(["price", "amount"], .integer(1999))
///     builder.append(["tags"], .text("swift"))
///     let document = builder.finish()        // {"price": {"amount": 1999}, "tags": ["swift"]}
public struct DocumentBuilder: ~Copyable {
    /// A value without parts.
    public enum Scalar: Sendable {
        /// Text; U+0000 in it makes the builder refuse.
        case text(String)
        /// A whole number.
        case integer(Int64)
        /// A finite number.
        case number(Double)
        /// True or false.
        case boolean(Bool)
        /// Null.
        case null

        fileprivate func make() -> UnsafeMutablePointer<json_t>? {
            switch self {
            case .text(let text):
                var text = text
                return text.withUTF8 { bytes in
                    guard !bytes.contains(0) else { return nil }
                    return bytes.withMemoryRebound(to: CChar.self) { chars in
                        chars.baseAddress.map { json_stringn($0, chars.count) } ?? json_string("")
                    }
                }
            case .integer(let value): return json_integer(value)
            case .number(let value): return json_real(value)
            case .boolean(let value): return value ? json_true() : json_false()
            case .null: return json_null()
            }
        }
    }

    private var document: Document

    /// An empty object.
    public init() {
        // json_object() fails only when memory is exhausted; then the first member of a null object is refused, and
        // the document is null.
        document = Document(owning: json_object() ?? json_null())
    }

    /// How many members the outermost object has.
    public var count: Int { document.withRoot { $0.count } }

    /// Whether something stands at a path.
    public func contains(_ path: [String]) -> Bool {
        document.withRoot { root in
            var here: JSONNode? = root
            for name in path { here = here?.member(named: name) }
            return here != nil
        }
    }

    /// Sets a member, making the objects on the way to it, and replacing what stood there.
    ///
    /// Returns false, and changes nothing at the path's end, if a step of the way is no object, the path is empty, a
    /// number is not finite, or a text holds U+0000.
    @discardableResult
    public mutating func set(_ path: [String], _ value: Scalar) -> Bool {
        guard let (object, name) = parent(path), let value = value.make() else { return false }
        return json_object_set_new(object, name, value) == 0
    }

    /// Sets a member of the outermost object that does not exist yet; false if it does, and as for ``set(_:_:)``.
    public mutating func add(_ name: String, _ value: Scalar) -> Bool {
        guard !name.utf8.contains(0), json_object_get(document.root, name) == nil, let value = value.make() else {
            return false
        }
        return json_object_set_new(document.root, name, value) == 0
    }

    /// Appends to a list, making it and the objects on the way to it; false as for ``set(_:_:)``.
    @discardableResult
    public mutating func append(_ path: [String], _ value: Scalar) -> Bool {
        guard let (object, name) = parent(path) else { return false }
        if json_object_get(object, name) == nil { json_object_set_new(object, name, json_array()) }
        guard let value = value.make() else { return false }
        return json_array_append_new(json_object_get(object, name), value) == 0
    }

    /// Hands the document over.
    public consuming func finish() -> Document { document }

    private func parent(_ path: [String]) -> (UnsafeMutablePointer<json_t>, String)? {
        guard let name = path.last, !path.contains(where: { $0.utf8.contains(0) }) else { return nil }
        var object = document.root
        for step in path.dropLast() {
            if json_object_get(object, step) == nil { json_object_set_new(object, step, json_object()) }
            guard let next = json_object_get(object, step), lyceum_json_type(next) == Int32(JSON_OBJECT.rawValue) else {
                return nil
            }
            object = next
        }
        return (object, name)
    }
}
