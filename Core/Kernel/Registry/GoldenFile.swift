internal import JSON

/// What an event looks like, as a file that is kept beside its plugin: `courses.enrollment.created.1.json`.
///
///     {
///       "event": "courses.enrollment.created",
///       "major": 1,
///       "fields": [
///         "at: date-time",
///         "course: uuid"
///       ],
///       "payloads": [
///         {"at":"2026-01-31T09:00:00Z","course":"01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11"}
///       ]
///     }
public struct GoldenFile: Sendable, Equatable {
    /// The event's name.
    public let event: String
    /// The major version of its shape.
    public let major: Int
    /// A line for each leaf of the payload, as `Golden` writes it.
    public var fields: [String]
    /// Events as they were stored, one for each shape that this major version has had, the oldest first.
    public var payloads: [String]

    init(event: String, major: Int, fields: [String], payloads: [String]) {
        (self.event, self.major, self.fields, self.payloads) = (event, major, fields, payloads)
    }

    /// Reads a file's text.
    ///
    /// - Throws: ``RegistryError`` saying what is missing.
    public init(text: String) throws {
        let document: Document
        do { document = try Document(text) } catch { throw RegistryError("it \(error)") }
        self = try document.withRoot { root in
            func texts(_ name: String) throws -> [JSONNode] {
                guard let list = root.member(named: name), list.kind == .list, list.count > 0 else {
                    throw RegistryError("it has no list \"\(name)\"")
                }
                return Array(list.items)
            }
            guard let event = root.member(named: "event"), event.kind == .text,
                let major = root.member(named: "major"), major.kind == .integer
            else { throw RegistryError("it lacks \"event\" or \"major\"") }
            return GoldenFile(
                event: event.text, major: Int(major.integer), fields: try texts("fields").map(\.text),
                payloads: try texts("payloads").map { payload in
                    let out = JSONWriter()
                    out.node(payload)
                    return out.text
                })
        }
    }

    /// The file's name.
    public var name: String { "\(event).\(major).json" }

    /// The file's text: a line for each field and payload, so that a change of one is a change of one line.
    public var text: String {
        func lines(_ all: [String]) -> String { all.map { "\n    " + $0 }.joined(separator: ",") + "\n  ]" }
        let quoted = fields.map { field in
            let out = JSONWriter()
            out.string(field)
            return out.text
        }
        return """
            {
              "event": "\(event)",
              "major": \(major),
              "fields": [\(lines(quoted)),
              "payloads": [\(lines(payloads))
            }

            """
    }
}
