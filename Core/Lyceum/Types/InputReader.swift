public import JSON

/// Reads an ``Input`` from what a client or a configuration file sent.
///
/// All of it is checked, first field by field, then by the input's own rules; everything wrong at a stage is thrown
/// together, as ``Faults``. A text that cannot be read at all is one fault with the code `syntax`.
public enum InputReader {
    /// Reads a JSON body.
    public static func json<T: Input>(
        _ type: T.Type, _ body: [UInt8], _ schema: ObjectSchema, limits: JSONLimits = JSONLimits()
    ) throws -> T {
        let document: Document
        do { document = try Document(body, limits: limits) } catch { throw unreadable(error) }
        return try read(type, document, schema)
    }

    /// Reads a query string by the same description as a body: `level=beginner&tags=a&tags=b&price.amount=1999`.
    ///
    /// Percent-encoding must be right, and decode to UTF-8 without U+0000. A repeated name is a list; a field of an
    /// object is named with a dot. An empty value is an absent field, unless the field is text that may not be null.
    /// Names that are no field are faults, or are passed over where `passingUnknown` says so.
    public static func query<T: Input>(
        _ type: T.Type, _ text: UnsafeBufferPointer<UInt8>, _ schema: ObjectSchema, passingUnknown: Bool = false
    ) throws -> T {
        if text.isEmpty, let blank = schema.blank?.value(type) { return blank }
        var pairs = try Pairs.parse(text)
        if passingUnknown { _ = removeUnknown(&pairs, schema) }
        return try query(type, pairs, schema, list: nil)
    }

    /// Takes out the names that are no field, and answers them in their order, each once.
    static func removeUnknown(_ pairs: inout [(name: String, value: String)], _ schema: ObjectSchema) -> [String] {
        var unknown: [String] = []
        pairs.removeAll { pair in
            guard schema.field(named: String(pair.name.prefix { $0 != "." })) == nil else { return false }
            if !unknown.contains(pair.name) { unknown.append(pair.name) }
            return true
        }
        return unknown
    }

    /// Reads the pairs of a query string; a cursor in it must be one of the list, where that is known.
    static func query<T: Input>(
        _ type: T.Type, _ pairs: [(name: String, value: String)], _ schema: ObjectSchema, list: UInt32?
    ) throws -> T {
        try read(type, try Pairs.document(pairs, schema, form: false), schema, list: list)
    }

    /// Splits and decodes a form's body, `application/x-www-form-urlencoded`, in the order in which it was sent.
    public static func pairs(_ body: [UInt8]) throws -> [(name: String, value: String)] {
        try body.withUnsafeBufferPointer { try Pairs.parse($0) }
    }

    /// Reads a form by the same description as a body.
    ///
    /// As a query string is read, with two differences for check boxes, of which HTML sends only the ticked ones: `on`
    /// and `off` are true and false, and a required field that is true or false is false when it is absent. Where the
    /// default is true, put a hidden field with the value `off` before the check box; of such a field the last value
    /// counts. ``formTokenName`` is passed over.
    public static func form<T: Input>(
        _ type: T.Type, _ pairs: [(name: String, value: String)], _ schema: ObjectSchema
    ) throws -> T {
        try read(type, try Pairs.document(pairs.filter { $0.name != formTokenName }, schema, form: true), schema)
    }

    /// Makes an input of texts that came another way than over HTTP, such as a command's arguments: the same rules hold.
    ///
    /// The type is described for each call, so it is for what happens rarely.
    public static func values<T: Input>(_ type: T.Type, _ pairs: [(name: String, value: String)]) throws -> T {
        try form(type, pairs, try Book().object(type))
    }

    /// The name of the hidden field with which a page's form proves where it came from.
    public static let formTokenName = "form_token"

    static func read<T: Input>(
        _ type: T.Type, _ document: borrowing Document, _ schema: ObjectSchema, list: UInt32? = nil
    ) throws -> T {
        try document.withRoot { root in
            var validator = Validator()
            validator.check(root, schema)
            guard validator.faults.isEmpty else { throw validator.faults }
            let decoder = TreeDecoder(root, schema)
            decoder.trims = true
            decoder.list = list
            return try decoder.whole(type)
        }
    }

    static func unreadable(_ error: JSONError) -> Faults {
        Faults([Fault(pointer: "", code: "syntax", sentence: error.description)])
    }
}
