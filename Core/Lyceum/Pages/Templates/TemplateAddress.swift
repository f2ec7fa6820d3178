/// Addresses that a page may lead to, whoever wrote them.
enum TemplateAddress {
    /// What stands in place of an address that is refused: it leads to nothing (IANA's registry of about: addresses).
    static let invalid = "about:invalid"

    private static let schemes: Set<String> = ["http", "https", "mailto", "tel"]

    /// Whether an address is relative, or of a scheme that runs nothing: `javascript:` and whatever else there is do not pass.
    ///
    /// What comes before the first colon is the scheme, unless a slash, a question mark or a number sign is before it (RFC 3986,
    /// section 4.2). Browsers drop tabs and line feeds from a scheme; here it is another scheme then, and refused.
    static func isHarmless(_ address: String) -> Bool {
        guard let end = address.utf8.firstIndex(where: { ":/?#".utf8.contains($0) }),
            address.utf8[end] == UInt8(ascii: ":")
        else { return true }
        return schemes.contains(address[..<end].lowercased())
    }
}
