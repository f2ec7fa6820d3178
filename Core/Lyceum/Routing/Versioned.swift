/// A view of a row that counts its changes: it is answered with a strong `ETag`, so that nobody writes over what they have not
/// seen, and nobody is sent again what they have (RFC 9110, sections 8.8.3 and 13).
///
///     struct CourseView: Versioned {
///         var id: Course.ID
///         var title: String
///         var version: Int64
///     }
///
/// The row has a column `version`, `bigint not null default 1`, and every `UPDATE` that somebody decided on adds one to it:
/// `set title = …, version = version + 1`. What is worked out of other rows, such as a number of learners, leaves it alone.
///
/// The tag is `"7.1f0c…"`: the version, and a digest of the answer. `If-None-Match` compares all of it. ``IfMatch`` looks at the
/// version only, because what was worked out of other rows cannot be lost; so a client may also write `If-Match: "7"`.
public protocol Versioned: View {
    /// How often the row was changed, from 1.
    var version: Int64 { get }
}

extension Versioned {
    /// Writes one object as the body, and its `ETag`.
    public func write(to response: Response) throws {
        try response.encode(self)
        response.tag(version: version)
    }
}

/// What `If-Match` and `If-None-Match` hold: any tag, or some (RFC 9110, section 8.8.3).
package enum EntityTags: Sendable {
    case any
    case list([(isWeak: Bool, opaque: String)])

    /// Reads a field's value; nil for what is neither `*` nor a list of tags in quotes.
    package init?(_ text: String) {
        var rest = Substring(text)
        rest.trimWhiteSpace()
        if rest == "*" {
            self = .any
            return
        }
        var tags: [(isWeak: Bool, opaque: String)] = []
        while !rest.isEmpty {
            // Empty elements of a list are passed over (RFC 9110, section 5.6.1.2).
            if rest.first == "," {
                rest.removeFirst()
                rest.trimWhiteSpace()
                continue
            }
            let isWeak = rest.hasPrefix("W/")
            if isWeak { rest.removeFirst(2) }
            guard rest.first == "\"" else { return nil }
            rest.removeFirst()
            guard let end = rest.firstIndex(of: "\"") else { return nil }
            let opaque = rest[..<end]
            guard opaque.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
            tags.append((isWeak, String(opaque)))
            rest = rest[rest.index(after: end)...]
            rest.trimWhiteSpace()
            guard rest.isEmpty || rest.first == "," else { return nil }
        }
        guard !tags.isEmpty else { return nil }
        self = .list(tags)
    }

    /// Whether a tag is among them; a weak one is as good as a strong one (RFC 9110, section 8.8.3.2).
    package func containWeakly(_ opaque: String) -> Bool {
        switch self {
        case .any: true
        case .list(let tags): tags.contains { $0.opaque == opaque }
        }
    }
}

extension Substring {
    fileprivate mutating func trimWhiteSpace() {
        while let first, first == " " || first == "\t" { removeFirst() }
        while let last, last == " " || last == "\t" { removeLast() }
    }
}
