extension Schema.Format {
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .date: Day(utf8: text) != nil
        case .instant: Instant(utf8: text) != nil
        case .uuid: RawID(utf8: text) != nil
        case .currency: Currency(utf8: text) != nil
        case .cursor: Cursor(utf8: text) != nil
        case .email: Self.isEmail(text)
        case .url: Self.isURL(text)
        case .multiline: true
        case .slug: !text.isEmpty && text.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        }
    }

    /// What is accepted, for people.
    var sentence: String {
        switch self {
        case .date: "must be a date such as 2026-01-31"
        case .instant: "must be a time such as 2026-01-31T09:00:00Z"
        case .uuid: "must be an id such as 01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11"
        case .currency: "must be a currency of ISO 4217 such as EUR"
        case .cursor: "must be the cursor of an earlier answer, unchanged; leave it out to begin again"
        case .email: "must be an e-mail address such as ada@example.org"
        case .url: "must be an address such as https://example.org"
        case .multiline: "must be text"
        case .slug: "must consist of small letters, digits and hyphens"
        }
    }

    /// A dot-atom before the @ and a domain of at least two labels after it (RFC 5322, section 3.4.1), in any script
    /// (RFC 6531), of at most 64 and 254 bytes in all (RFC 5321, section 4.5.3.1).
    ///
    /// Whether anybody reads it, only a message to it can tell.
    private static func isEmail(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count <= 254, let at = text.lastIndex(of: UInt8(ascii: "@")), (1...64).contains(at),
            isAtoms(text[..<at], ofName: true)
        else { return false }
        let domain = text[(at + 1)...]
        guard isAtoms(domain, ofName: false) else { return false }
        let labels = domain.split(separator: UInt8(ascii: "."))
        guard labels.count > 1, let last = labels.last, !last.allSatisfy({ (48...57).contains($0) }) else {
            return false
        }
        return labels.allSatisfy { label in
            label.count <= 63 && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
        }
    }

    /// Whether there are atoms with single dots between them; a domain's have letters, digits and hyphens only.
    private static func isAtoms(_ part: Slice<UnsafeBufferPointer<UInt8>>, ofName: Bool) -> Bool {
        let special: StaticString = "!#$%&'*+/=?^_`{|}~"
        guard !part.isEmpty else { return false }
        var before = UInt8(ascii: ".")
        for byte in part {
            switch byte {
            case UInt8(ascii: "."): if before == byte { return false }
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"): break
            case 0x80...: break
            default:
                guard ofName, (0..<special.utf8CodeUnitCount).contains(where: { special.utf8Start[$0] == byte }) else {
                    return false
                }
            }
            before = byte
        }
        guard before != UInt8(ascii: ".") else { return false }
        guard part.contains(where: { $0 >= 0x80 }) else { return true }
        return String(decoding: part, as: UTF8.self).unicodeScalars.allSatisfy {
            !$0.properties.isWhitespace && !$0.properties.isDefaultIgnorableCodePoint
                && $0.properties.generalCategory != .control
        }
    }

    private static func isURL(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let lower = String(decoding: text.prefix(8), as: UTF8.self).lowercased()
        let scheme = lower.hasPrefix("https://") ? 8 : lower.hasPrefix("http://") ? 7 : 0
        guard scheme > 0, let host = text.dropFirst(scheme).first else { return false }
        return host != UInt8(ascii: "/") && host != UInt8(ascii: ":") && host != UInt8(ascii: "?")
            && host != UInt8(ascii: "#")
            && !text.contains { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "\"") }
    }
}
