internal import CJansson

/// A parsed JSON text, owned: it is freed when it goes out of scope.
///
/// Parsing is strict: RFC 8259 and nothing beyond it, no key twice in an object, whole numbers as exact `Int64`, no
/// U+0000 in any text, valid UTF-8, and both ``JSONLimits`` held before a byte is parsed.
public struct Document: ~Copyable {
    let root: UnsafeMutablePointer<json_t>

    /// Reads a JSON text in UTF-8.
    ///
    /// The bytes are not needed afterwards.
    public init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        root = try Self.parse(bytes, limits)
    }

    /// Reads a JSON text in UTF-8.
    public init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        root = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            try Self.parse(UnsafeRawBufferPointer(bytes), limits)
        }
    }

    /// Reads a JSON text.
    public init(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(Array(text.utf8), limits: limits)
    }

    init(owning root: UnsafeMutablePointer<json_t>) { self.root = root }

    deinit { lyceum_json_decref(root) }

    /// Lends the outermost value; neither it nor any node reached from it may leave the closure.
    public borrowing func withRoot<R, E: Error>(_ body: (JSONNode) throws(E) -> R) throws(E) -> R {
        try body(JSONNode(root))
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits
    ) throws(JSONError) -> UnsafeMutablePointer<json_t> {
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            throw JSONError(.empty, "is empty; JSON is expected")
        }
        guard bytes.count <= limits.bytes else {
            throw JSONError(.size, "has \(bytes.count) bytes; at most \(limits.bytes) are accepted")
        }
        try Depth.check(bytes, limit: limits.depth)
        _ = seed
        var error = json_error_t()
        let flags = Int(JSON_REJECT_DUPLICATES) | Int(JSON_DECODE_ANY)
        let text = start.assumingMemoryBound(to: CChar.self)
        guard let root = json_loadb(text, bytes.count, flags, &error) else { throw JSONError(error) }
        return root
    }

    /// Hash tables are seeded once, at random, so that nobody can choose keys that collide.
    private static let seed: Void = json_object_seed(0)
}

extension JSONError {
    /// jansson's words are kept where they help ("near ..."), and replaced where they need its manual.
    init(_ error: json_error_t) {
        var error = error
        let code = json_error_code(&error)
        let text = withUnsafeBytes(of: &error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let near = text.split(separator: " near ", maxSplits: 1).dropFirst().first.map { " near \($0)" } ?? ""
        let (line, column) = (max(1, Int(error.line)), max(1, Int(error.column)))
        func fault(_ code: Code, _ sentence: String) -> JSONError {
            JSONError(code, sentence, line: line, column: column)
        }
        self =
            switch code {
            case json_error_duplicate_key:
                fault(.duplicate, "has a key twice in one object\(near)")
            case json_error_numeric_overflow where text.hasPrefix("real"):
                fault(.number, "has a number that is too large\(near); the limit is about 1.8e308")
            case json_error_numeric_overflow:
                fault(.number, "has a whole number outside \(Int64.min)...\(Int64.max)\(near)")
            case json_error_invalid_utf8:
                fault(.encoding, "is not valid UTF-8: \(text)")
            case json_error_null_character, json_error_null_byte_in_key:
                fault(.nul, "has the character U+0000 in a text; it cannot be stored")
            case json_error_premature_end_of_input:
                fault(.syntax, "is not JSON: it ends too early\(near)")
            case json_error_end_of_input_expected:
                fault(.syntax, "is not JSON: it goes on after its end\(near)")
            case json_error_stack_overflow:
                fault(.depth, "is nested too deep")
            case json_error_invalid_syntax where text.hasPrefix("invalid Unicode"):
                fault(.encoding, "has half of a surrogate pair: \(text)")
            default:
                fault(.syntax, "is not JSON: \(text)")
            }
    }
}
