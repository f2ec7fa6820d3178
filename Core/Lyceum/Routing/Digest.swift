/// A quick digest of bytes that tells contents apart, of which nobody gains anything by making two alike.
package enum Digest {
    /// 64 bits, eight bytes at a time by the multiplication that wyhash is made of.
    package static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawBufferPointer(bytes)
        var digest = UInt64(raw.count)
        var at = 0
        while at &+ 8 <= raw.count {
            digest = mix(digest ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at &+= 8
        }
        var rest: UInt64 = 0
        while at < raw.count {
            rest = rest << 8 | UInt64(raw[at])
            at &+= 1
        }
        return mix(digest ^ rest)
    }

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = (word &+ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }
}
