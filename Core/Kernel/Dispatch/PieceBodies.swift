internal import FastCGI
internal import Lyceum
internal import Synchronization

/// A body as the web server sends it.
final class SentBody: BodySource {
    private let reader: BodyReader
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How long the request may take, in microseconds.
    private let time: UInt64
    var announced: Int { 0 }

    init(_ reader: BodyReader, _ words: UnsafeMutablePointer<Atomic<UInt64>>, _ time: UInt64) {
        (self.reader, self.words, self.time) = (reader, words, time)
    }

    /// How long the sender takes is not the handler's business: the time of the request begins anew with each piece.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        words[ThreadWatch.Word.due].store(0, ordering: .relaxed)
        defer { words[ThreadWatch.Word.due].store(Metrics.clock() &+ time, ordering: .relaxed) }
        return try reader.read(into: buffer)
    }
}

/// A body that is here already.
final class GivenBody: BodySource {
    private let bytes: [UInt8]
    private var at = 0
    var announced: Int { bytes.count }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - at)
        bytes[at..<at + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
        at += count
        return count
    }
}

/// A body that a route takes in pieces is longer than `limits.partBytes`.
struct PartTooLarge: PublicError {
    let limit: Int

    var problem: Problem { .tooLarge(limit: limit) }
}

/// A body that must be as long as was announced, and no longer than the limit.
final class LimitedBody: BodySource {
    private let inner: any BodySource
    private let limit: Int
    private var received = 0
    let announced: Int

    init(_ inner: any BodySource, announced: Int, limit: Int) {
        (self.inner, self.announced, self.limit) = (inner, announced, limit)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count: Int
        do { count = try inner.read(into: buffer) } catch is BodyError { throw BrokenBody(received: received) }
        received += count
        guard received <= limit else { throw PartTooLarge(limit: limit) }
        if count == 0, received != announced { throw BrokenBody(received: received) }
        return count
    }
}
