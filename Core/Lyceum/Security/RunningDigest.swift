internal import CSodium

/// SHA-256 (FIPS 180-4) of something that comes in pieces, perhaps over days and in several processes.
///
/// Between two pieces it is kept as ``state``, so that a large file need not be read again for its digest.
public struct RunningDigest {
    private var running = crypto_hash_sha256_state()

    /// The digest of nothing so far.
    public init() { crypto_hash_sha256_init(&running) }

    /// Goes on from a ``state``; nil for bytes that are none.
    public init?(state: [UInt8]) {
        guard state.count == MemoryLayout<crypto_hash_sha256_state>.size else { return nil }
        withUnsafeMutableBytes(of: &running) { $0.copyBytes(from: state) }
    }

    /// What a digest of what was added so far can go on from; libsodium's own form, for machines of one kind.
    public var state: [UInt8] { withUnsafeBytes(of: running) { Array($0) } }

    /// Adds the next piece.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        crypto_hash_sha256_update(
            &running, bytes.bindMemory(to: UInt8.self).baseAddress, UInt64(bytes.count))
    }

    /// The digest of all that was added, 32 bytes; more can be added afterwards.
    public func digest() -> [UInt8] {
        var copy = running
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256_final(&copy, &hash)
        return hash
    }
}
