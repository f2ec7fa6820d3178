/// What every text that a person enters obeys, besides the rules of its field.
///
/// - A text of one line is kept without the white space around it. Inside, it has no control characters (C0, C1), no line
///   or paragraph separators, and none of the invisible characters that only hide something (U+200B, U+2060, U+FEFF).
/// - A text of several lines (``Rule/multiline``) is kept as it is, and may also have tabs and line ends.
/// - Neither may turn the direction in which what follows is read (U+202A to U+202E, U+2066 to U+2069), because that
///   disguises what stands there. Marks (U+200E, U+200F) and joiners (U+200C, U+200D), which languages need, are accepted.
/// - What nobody can see is blank: white space, and characters that print nothing.
///
/// Secrets are exempt: they are compared and never shown. So is what the platform itself has stored, such as events.
enum PlainText {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// Whether texts of a format are kept without the white space around them.
    @inline(__always)
    static func trims(_ format: Schema.Format?) -> Bool {
        switch format {
        case nil, .email, .url, .slug: true
        case .multiline, .date, .instant, .uuid, .currency, .cursor: false
        }
    }

    /// The text without white space, and without invisible characters, at its ends.
    static func trimmed(_ text: Bytes) -> Bytes {
        var (start, end) = (0, text.count)
        while start < end, let length = margin(at: start, text, end) { start += length }
        while start < end {
            // Back to the first byte of the last character.
            var first = end - 1
            while first > start, text[first] & 0xC0 == 0x80 { first -= 1 }
            guard let length = margin(at: first, text, end), first + length == end else { break }
            end = first
        }
        return Bytes(rebasing: text[start..<end])
    }

    /// How many bytes the character has that begins there, if it may be cut off.
    private static func margin(at index: Int, _ text: Bytes, _ end: Int) -> Int? {
        let byte = text[index]
        if byte < 0x80 { return byte == 0x20 || (9...13).contains(byte) ? 1 : nil }
        guard let (scalar, length) = scalar(at: index, text, end) else { return nil }
        return scalar.properties.isWhitespace || isHiding(scalar) ? length : nil
    }

    /// What is wrong with a text; nil where nothing is.
    static func fault(_ text: Bytes, multiline: Bool) -> (sentence: StaticString, key: StaticString)? {
        // Nearly always: printable ASCII.
        guard text.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else { return nil }
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 9, 10, 13:
                if !multiline { return ("must be a single line, without tabs", "lyceum.fault.line") }
            case 0x2028, 0x2029:
                if !multiline { return ("must be a single line, without tabs", "lyceum.fault.line") }
            case 0..<0x20, 0x7F...0x9F:
                return ("must not have control characters", "lyceum.fault.control")
            case 0x202A...0x202E, 0x2066...0x2069:
                return ("must not have characters that turn the direction of reading", "lyceum.fault.direction")
            default:
                if !multiline, isHiding(scalar) {
                    return ("must not have invisible characters", "lyceum.fault.invisible")
                }
            }
        }
        return nil
    }

    /// Whether nothing of a text can be seen.
    static func isBlank(_ text: Bytes) -> Bool {
        guard !text.contains(where: { (0x21...0x7E).contains($0) }) else { return false }
        return String(decoding: text, as: UTF8.self).unicodeScalars.allSatisfy { scalar in
            let properties = scalar.properties
            return properties.isWhitespace || properties.isDefaultIgnorableCodePoint
                || properties.generalCategory == .control || scalar.value == 0x2800  // a braille cell without dots
        }
    }

    /// The zero width space, the word joiner, and the byte order mark.
    private static func isHiding(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x200B || scalar.value == 0x2060 || scalar.value == 0xFEFF
    }

    private static func scalar(at index: Int, _ text: Bytes, _ end: Int) -> (Unicode.Scalar, length: Int)? {
        let first = text[index]
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard index + length <= end,
            let scalar = String(decoding: text[index..<(index + length)], as: UTF8.self).unicodeScalars.first
        else { return nil }
        return (scalar, length)
    }
}
