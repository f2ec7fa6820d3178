extension JSONWriter {
    /// Writes text in quotes, escaped.
    ///
    /// Escaped are `"`, `\` and U+0000...U+001F, as RFC 8259 demands, and nothing else: U+007F, U+2028 and `</` stand as
    /// they are. So an answer is safe as JSON, and is not meant to be pasted into HTML.
    public func string(_ value: String) {
        var value = value
        value.withUTF8 { string($0) }
    }

    /// Writes text in quotes, escaped; the bytes must be UTF-8.
    @inlinable public func string(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return raw("\"\"") }
        string(start, bytes.count)
    }

    /// Writes text in quotes, escaped, looking at eight bytes at a time; the bytes must be UTF-8.
    public func string(_ from: UnsafePointer<UInt8>, _ length: Int) {
        byte(UInt8(ascii: "\""))
        // A byte takes at most six; long texts are taken in parts, so that the buffer need not hold six times as much.
        var at = 0
        while length - at > 4096 {
            reserve(4096 * 6 + 1)
            used = escape(from + at, 4096, to: base + used) - base
            at += 4096
        }
        reserve((length - at) * 6 + 1)
        let end = escape(from + at, length - at, to: base + used)
        end.pointee = UInt8(ascii: "\"")
        used = end - base + 1
    }

    /// Text that needs no escaping at all, such as a uuid, in quotes.
    @inlinable @inline(__always) public func quoted(_ from: UnsafePointer<UInt8>, _ length: Int) {
        append(upTo: length + 2) { to in
            to[0] = UInt8(ascii: "\"")
            (to + 1).update(from: from, count: length)
            to[length + 1] = UInt8(ascii: "\"")
            return length + 2
        }
    }

    @inline(__always)
    private func escape(
        _ from: UnsafePointer<UInt8>, _ length: Int, to start: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var out = start
        var at = 0
        while true {
            while at &+ 8 <= length {
                let word = UnsafeRawPointer(from + at).loadUnaligned(as: UInt64.self)
                if Self.special(word) { break }
                UnsafeMutableRawPointer(out).storeBytes(of: word, as: UInt64.self)
                out += 8
                at &+= 8
            }
            let rest = length &- at
            if rest < 8 {
                // Two overlapping halves instead of up to seven single bytes.
                if rest >= 4 {
                    let low = UnsafeRawPointer(from + at).loadUnaligned(as: UInt32.self)
                    let high = UnsafeRawPointer(from + length - 4).loadUnaligned(as: UInt32.self)
                    if !Self.special(UInt64(low) | UInt64(high) << 32) {
                        UnsafeMutableRawPointer(out).storeBytes(of: low, as: UInt32.self)
                        UnsafeMutableRawPointer(out + rest - 4).storeBytes(of: high, as: UInt32.self)
                        return out + rest
                    }
                }
                while at < length {
                    single(from[at], &out)
                    at &+= 1
                }
                return out
            }
            // Somewhere in these eight is one to escape.
            for _ in 0..<8 {
                single(from[at], &out)
                at &+= 1
            }
        }
    }

    /// Whether any of eight bytes is a control character, a quote or a backslash.
    @inline(__always)
    private static func special(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let control = (word &- ones &* 0x20) & ~word
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5c)
        return (control | ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash)) & highs != 0
    }

    @inline(__always)
    private func single(_ byte: UInt8, _ out: inout UnsafeMutablePointer<UInt8>) {
        if byte >= 0x20, byte != 0x22, byte != 0x5c {
            out.pointee = byte
            out += 1
            return
        }
        out[0] = UInt8(ascii: "\\")
        switch byte {
        case 0x22, 0x5c: out[1] = byte
        case 0x0a: out[1] = UInt8(ascii: "n")
        case 0x0d: out[1] = UInt8(ascii: "r")
        case 0x09: out[1] = UInt8(ascii: "t")
        default:
            out[1] = UInt8(ascii: "u")
            out[2] = UInt8(ascii: "0")
            out[3] = UInt8(ascii: "0")
            out[4] = UInt8(ascii: "0") &+ byte >> 4
            out[5] = byte & 15 < 10 ? UInt8(ascii: "0") &+ byte & 15 : UInt8(ascii: "a") &- 10 &+ byte & 15
            out += 6
            return
        }
        out += 2
    }
}
