/// The part of the log that a key belongs to: events of one key share one, so lanes can be delivered side by side.
package enum EventLane {
    /// How many there are; a listener's own lanes are unions of these, so their number divides it.
    package static let count = 16

    /// The lane of a key: FNV-1a folded, the same on every machine and in every release, because it is stored.
    package static func of(_ key: String) -> Int16 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int16((hash ^ (hash >> 32)) & UInt64(count - 1))
    }
}
