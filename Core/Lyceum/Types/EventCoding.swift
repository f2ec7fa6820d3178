internal import JSON

/// Writes and reads what the platform keeps for itself: events.
///
/// An event is read by code of another version than wrote it, so reading is lenient: unknown keys are passed over, and an
/// unknown word becomes `unknown` where the enum has such a case. Everything else must be right.
public enum EventCoding {
    /// An event as JSON text; nil is written as null.
    public static func text(_ event: some Encodable) throws -> String { try JSONWriter.text(event) }

    /// Reads an event.
    ///
    /// - Throws: ``Faults`` naming each field that is not as the type wants it.
    public static func value<T: Decodable>(_ type: T.Type, _ text: String, _ schema: ObjectSchema) throws -> T {
        try value(type, text, schema, isLenient: true)
    }

    /// The same of what somebody has just written, whose misspelt keys are faults.
    static func value<T: Decodable>(
        _ type: T.Type, _ text: String, _ schema: ObjectSchema, isLenient: Bool
    ) throws -> T {
        let document: Document
        // It was written here, so size is no matter of trust.
        do { document = try Document(text, limits: JSONLimits(bytes: .max)) } catch {
            throw InputReader.unreadable(error)
        }
        return try document.withRoot { root in
            var validator = Validator(lenient: isLenient)
            validator.check(root, schema)
            guard validator.faults.isEmpty else { throw validator.faults }
            return try TreeDecoder(root, schema).whole(type)
        }
    }
}
