import Foundation

/// Images made by hand, so that tests need no program for it.
enum Portable {
    /// A grey picture with a note of where it was taken: a baseline JPEG whose every block is the same.
    static func jpeg(width: Int, height: Int) -> [UInt8] {
        func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
            [0xFF, marker, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 255)] + content
        }
        var bytes: [UInt8] = [0xFF, 0xD8]
        // EXIF with an ImageDescription (TIFF tag 0x010E).
        let text = Array("secret place\0".utf8)
        let exif =
            Array("Exif\0\0".utf8) + [
                0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 0x01, 0x0E, 0, 2, 0, 0, 0, UInt8(text.count), 0, 0, 0, 26, 0, 0,
                0, 0,
            ]
            + text
        bytes += segment(0xE1, exif)
        bytes += segment(0xDB, [0] + [UInt8](repeating: 16, count: 64))
        bytes += segment(
            0xC0, [8, UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), 1, 1, 0x11, 0])
        // One code of each table: of a single bit, and for no difference and the end of the block.
        bytes += segment(0xC4, [0x00, 1] + [UInt8](repeating: 0, count: 15) + [0])
        bytes += segment(0xC4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0])
        bytes += segment(0xDA, [1, 1, 0x00, 0, 63, 0])
        // Each block is two zero bits: no difference, end.
        let blocks = (width + 7) / 8 * ((height + 7) / 8)
        bytes += [UInt8](repeating: 0, count: blocks * 2 / 8)
        if blocks * 2 % 8 != 0 { bytes.append(0x3F) }
        return bytes + [0xFF, 0xD9]
    }

    /// The head of a PNG that claims to be so large, and nothing in it.
    static func png(width: Int, height: Int) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
            let body = Array(name.utf8) + content
            return word(content.count) + body + word(Int(checksum(body)))
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", word(width) + word(height) + [8, 2, 0, 0, 0])
            + chunk("IDAT", [0x78, 0x9C, 3, 0, 0, 0, 0, 1])
            + chunk("IEND", [])
    }

    /// CRC-32 as PNG has it (ISO 3309).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~value
    }
}
