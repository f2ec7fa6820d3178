/// What a form shows: for each field of an input what was entered and what is wrong with it.
///
/// In a template: `{{form.email.value}}`, `{{#form.email.error}}…{{.}}…{{/form.email.error}}`.
public struct FormFields: Encodable, Sendable {
    private struct Entry: Encodable, Sendable {
        var value: String
        var error: TemplateValue?
    }
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
    private var entries: [(name: String, entry: Entry)]
    /// A fault that belongs to no field, in words.
    private var general: TemplateValue?

    package init(_ schema: ObjectSchema, _ entered: [(name: String, value: String)], _ faults: Faults) {
        entries = schema.fields.map { field in
            let value = field.secret ? "" : entered.first { $0.name == field.name }?.value ?? ""
            return (field.name, Entry(value: value, error: nil))
        }
        for fault in faults.list { add(fault) }
    }

    /// What was entered for a field; empty where nothing was, for a secret, and for what is no field.
    public subscript(name: String) -> String { entries.first { $0.name == name }?.entry.value ?? "" }

    private mutating func add(_ fault: Fault) {
        let field = fault.pointer.dropFirst().prefix { $0 != "/" }
        if let index = entries.firstIndex(where: { $0.name == field }) {
            let words = fault.words.map { TemplateValue.translated($0) } ?? .text(fault.sentence)
            entries[index].entry.error = entries[index].entry.error ?? words
        } else {
            let key = fault.code == "unknown" ? "lyceum.fault.unknown_field" : "lyceum.fault.other_field"
            let isKernels = fault.words?.key.hasPrefix("lyceum.") == true
            general =
                general
                ?? (isKernels
                    ? .translated(Text(key, ["field": String(field)])) : .text("\(field) \(fault.sentence)"))
        }
    }

    /// The same form with something wrong that only the handler could find, such as a wrong password; `field` may be nil.
    ///
    /// The words are found in the catalogue, in the reader's language: `form.fields.failing("slug", Text("courses.slug_taken"))`.
    public func failing(_ field: String?, _ words: Text) -> FormFields {
        var fields = self
        if let field {
            fields.add(Fault(pointer: "/" + field, code: "refused", sentence: words.key, words: words))
        } else {
            fields.general = .translated(words)
        }
        return fields
    }

    /// The same in words that are the reader's already.
    public func failing(_ field: String?, _ sentence: String) -> FormFields {
        var fields = self
        if let field {
            fields.add(Fault(pointer: "/" + field, code: "refused", sentence: sentence))
        } else {
            fields.general = .text(sentence)
        }
        return fields
    }

    /// The same form with what a field shows before anybody entered anything.
    public func showing(_ field: String, _ value: String) -> FormFields {
        var fields = self
        if let index = fields.entries.firstIndex(where: { $0.name == field }) {
            fields.entries[index].entry.value = value
        }
        return fields
    }

    /// An object with an entry per field, and `general`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, entry) in entries { try container.encode(entry, forKey: Name(stringValue: name)) }
        try container.encodeIfPresent(general, forKey: Name(stringValue: "general"))
    }
}

extension Context {
    /// A form as it is shown before anybody entered anything.
    public func blankForm<I: Input>(_ type: I.Type) throws -> FormFields {
        FormFields(try database.plans.schema(type), [], Faults())
    }
}
