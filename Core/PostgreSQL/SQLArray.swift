/// PostgreSQL's text form of a one-dimensional array: `{1,NULL,"two words"}`.
public enum SQLArray {
    /// Appends `values` as an array; nil is NULL.
    public static func append<Value: SQLValue>(_ values: some Sequence<Value?>, to bytes: inout [UInt8]) {
        var element: [UInt8] = []
        var first = true
        bytes.append(UInt8(ascii: "{"))
        for value in values {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            guard let value else {
                bytes.append(contentsOf: [0x4E, 0x55, 0x4C, 0x4C])  // NULL, unquoted; quoted it would be text
                continue
            }
            element.removeAll(keepingCapacity: true)
            value.append(sql: &element)
            // Always quoted: commas, braces, blanks and the word NULL in a value then need no thought.
            bytes.append(UInt8(ascii: "\""))
            for byte in element {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Reads a one-dimensional array whose first index is 1; nil when it is another or holds no such values.
    public static func read<Value: SQLValue>(_ bytes: UnsafeBufferPointer<UInt8>) -> [Value?]? {
        guard bytes.count >= 2, bytes[0] == UInt8(ascii: "{"), bytes[bytes.count - 1] == UInt8(ascii: "}") else {
            return nil
        }
        var values: [Value?] = []
        if bytes.count == 2 { return values }
        var element: [UInt8] = []
        var index = 1
        while true {
            element.removeAll(keepingCapacity: true)
            let quoted = bytes[index] == UInt8(ascii: "\"")
            if quoted {
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    if bytes[index] == UInt8(ascii: "\\") { index += 1 }
                    guard index < bytes.count else { return nil }
                    element.append(bytes[index])
                    index += 1
                }
                index += 1
            } else {
                while index < bytes.count - 1, bytes[index] != UInt8(ascii: ",") {
                    if bytes[index] == UInt8(ascii: "{") { return nil }
                    element.append(bytes[index])
                    index += 1
                }
            }
            if !quoted, element == [0x4E, 0x55, 0x4C, 0x4C] {
                values.append(nil)
            } else {
                guard let value = element.withUnsafeBufferPointer({ Value(sql: $0) }) else { return nil }
                values.append(value)
            }
            guard index < bytes.count else { return nil }
            if index == bytes.count - 1 { return values }
            guard bytes[index] == UInt8(ascii: ",") else { return nil }
            index += 1
        }
    }
}
