/// SHA-1 (FIPS 180-4), which the checksum extension of tus demands of a server; nothing here trusts it.
struct SHA1 {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
        0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
    )
    private var pending: [UInt8] = []
    private var count: UInt64 = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += UInt64(bytes.count)
        var rest = bytes
        if !pending.isEmpty {
            let missing = min(64 - pending.count, rest.count)
            pending.append(contentsOf: rest.prefix(missing))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(missing))
            guard pending.count == 64 else { return }
            pending.withUnsafeBytes { block($0, 0) }
            pending.removeAll(keepingCapacity: true)
        }
        var at = 0
        while at + 64 <= rest.count {
            block(rest, at)
            at += 64
        }
        pending.append(contentsOf: rest[at...])
    }

    /// The digest of all that was added, 20 bytes.
    func digest() -> [UInt8] {
        var last = self
        let bits = count &* 8
        var padding: [UInt8] = [0x80]
        while (pending.count + padding.count) % 64 != 56 { padding.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        padding.withUnsafeBytes { last.add($0) }
        return [last.state.0, last.state.1, last.state.2, last.state.3, last.state.4].flatMap { word in
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    private mutating func block(_ bytes: UnsafeRawBufferPointer, _ at: Int) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
            for index in 0..<16 {
                words[index] = bytes.loadUnaligned(fromByteOffset: at + 4 * index, as: UInt32.self).bigEndian
            }
            for index in 16..<80 {
                let word = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                words[index] = word << 1 | word >> 31
            }
            var (a, b, c, d, e) = state
            for index in 0..<80 {
                let mixed: UInt32
                switch index {
                case ..<20: mixed = (b & c | ~b & d) &+ 0x5A82_7999
                case ..<40: mixed = (b ^ c ^ d) &+ 0x6ED9_EBA1
                case ..<60: mixed = (b & c | b & d | c & d) &+ 0x8F1B_BCDC
                default: mixed = (b ^ c ^ d) &+ 0xCA62_C1D6
                }
                let next = (a << 5 | a >> 27) &+ mixed &+ e &+ words[index]
                (a, b, c, d, e) = (next, a, b << 30 | b >> 2, c, d)
            }
            state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
        }
    }
}
