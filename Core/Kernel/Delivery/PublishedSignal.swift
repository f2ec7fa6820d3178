internal import Glibc

/// Tells the delivery process of this host, through a pipe that the supervisor keeps, that a region has new events.
///
/// A word is two bytes made of the region's name, so that processes of different generations understand each other; two
/// regions of one word wake each other, which costs a look. When the pipe is full somebody is about to look anyway.
struct PublishedSignal: Sendable {
    /// Where both ends are expected: a web process writes, the delivery process reads.
    static let descriptor: Int32 = 6

    private let word: UInt16

    init(region: String) {
        var hash: UInt32 = 0x811C_9DC5
        for byte in region.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        word = UInt16(truncatingIfNeeded: hash ^ (hash >> 16))
    }

    /// Whether this process was given the pipe.
    static var isThere: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    func send() {
        var word = word
        _ = write(PublishedSignal.descriptor, &word, MemoryLayout<UInt16>.size)
    }

    func isNamed(in words: [UInt16]) -> Bool { words.contains(word) }

    /// The words that have come, waiting for the first no longer than this; empty when none came.
    static func receive(milliseconds: Int32) -> [UInt16] {
        var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&one, 1, milliseconds) > 0 else { return [] }
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 2_048) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count * MemoryLayout<UInt16>.size)
            return count > 0 ? Array(buffer[..<(count / MemoryLayout<UInt16>.size)]) : []
        }
    }
}
