/// Writing text so that HTML reads it as text.
enum TemplateEscape {
    /// The five bytes that mean something in text and in quoted attributes (`"`, `&`, `'`, `<`, `>`), one bit each.
    private static let special: UInt64 = 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E

    /// Appends text with those bytes replaced.
    ///
    /// It looks at bytes, never at Characters: a quote followed by a combining mark is another Character, and yet a
    /// browser ends an attribute at it.
    static func append(_ text: String, to out: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0, to: &out) }
    }

    /// Appends UTF-8 with those bytes replaced.
    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        var from = 0
        for index in bytes.indices where bytes[index] < 64 && special >> UInt64(bytes[index]) & 1 == 1 {
            let entity: StaticString =
                switch bytes[index] {
                case 0x22: "&quot;"
                case 0x26: "&amp;"
                case 0x27: "&#39;"
                case 0x3C: "&lt;"
                default: "&gt;"
                }
            out.append(contentsOf: bytes[from..<index])
            out.append(contentsOf: UnsafeBufferPointer(start: entity.utf8Start, count: entity.utf8CodeUnitCount))
            from = index + 1
        }
        out.append(contentsOf: bytes[from...])
    }

    /// Appends a whole number in decimal digits.
    static func append(_ number: Int64, to out: inout [UInt8]) {
        if (0...9).contains(number) {
            out.append(UInt8(truncatingIfNeeded: number) + 0x30)
        } else {
            append(String(number), to: &out)
        }
    }

    /// Appends a number as a person writes it: 5, not 5.0.
    static func append(_ number: Double, to out: inout [UInt8]) {
        let digits = String(number)
        append(digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits, to: &out)
    }
}
