/// Bytes are a `bytea`, in its hex form.
extension [UInt8]: SQLValue {
    /// From `\x` and pairs of hex digits.
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 2, bytes.count % 2 == 0, bytes[0] == UInt8(ascii: "\\"), bytes[1] == UInt8(ascii: "x")
        else {
            return nil
        }
        self.init()
        reserveCapacity(bytes.count / 2 - 1)
        for index in stride(from: 2, to: bytes.count, by: 2) {
            guard let high = hexDigit(bytes[index]), let low = hexDigit(bytes[index + 1]) else { return nil }
            append(high << 4 | low)
        }
    }

    /// `\x` and pairs of hex digits.
    public func append(sql bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + 2 * count + 2)
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "x"))
        for byte in self {
            bytes.append(hexText(byte >> 4))
            bytes.append(hexText(byte & 15))
        }
    }
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    case 0x41...0x46: byte - 0x41 + 10
    default: nil
    }
}

private func hexText(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x61 + digit - 10 }
