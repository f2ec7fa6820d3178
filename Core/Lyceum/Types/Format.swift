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
        case .slug: "must consist of small letters, digits and hyphens"
        }
    }

    // RFC 5321, section 4.5.3.1: at most 64 bytes before the @ and 254 in all. Whether anybody reads it, only a message
    // to it can tell.
    private static func isEmail(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count <= 254, let at = text.firstIndex(of: UInt8(ascii: "@")), (1...64).contains(at) else {
            return false
        }
        let domain = text[(at + 1)...]
        guard let first = domain.first, let last = domain.last, first != UInt8(ascii: "."), last != UInt8(ascii: "."),
            text[0] != UInt8(ascii: "."), text[at - 1] != UInt8(ascii: ".")
        else { return false }
        let forbidden: StaticString = "@()<>[]\\,;:\""
        return !text.contains { $0 <= 0x20 || $0 == 0x7F }
            && !domain.contains { byte in
                (0..<forbidden.utf8CodeUnitCount).contains { forbidden.utf8Start[$0] == byte }
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
