/// Looks for nesting that is too deep, before a parser recurses into it.
///
/// It need not know whether the text is JSON: on any prefix that a parser would accept, what it counts is exact.
enum Depth {
    static func check(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(JSONError) {
        var depth = 0
        var at = 0
        let end = bytes.count
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                if depth > limit { throw fault(bytes, at, limit) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
            case UInt8(ascii: "\""):
                at += 1
                while at < end, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
            default:
                break
            }
            at += 1
        }
    }

    private static func fault(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ limit: Int) -> JSONError {
        var line = 1
        var column = 1
        for byte in bytes[..<at] {
            if byte == UInt8(ascii: "\n") {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONError(.depth, "is nested deeper than \(limit) levels", line: line, column: column)
    }
}
