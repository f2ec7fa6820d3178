internal import CFastCGI

/// Reads the body of one request piece by piece, for a handler that writes it on as it comes.
///
/// It is good until the lane's `answer` returns, and for the thread of that lane alone.
public struct BodyReader {
    private let raw: UnsafeMutablePointer<lyceum_exchange>

    init(_ raw: UnsafeMutablePointer<lyceum_exchange>) { self.raw = raw }

    /// Takes the next piece of the body; 0 at its end.
    ///
    /// Fewer bytes than fit come only at the end, or where the body breaks off: what came before that is still given, and
    /// the next call throws.
    ///
    /// - Throws: ``BodyError/incomplete(received:)``.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(BodyError) -> Int {
        let count = lyceum_exchange_read(raw, buffer.baseAddress, buffer.count)
        if count == 0, lyceum_exchange_broken(raw) { throw .incomplete(received: raw.pointee.received) }
        return count
    }
}
