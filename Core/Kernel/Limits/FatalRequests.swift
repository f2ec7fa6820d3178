internal import FastCGI
internal import Glibc
internal import Synchronization

/// The requests that ended their process lately, known to all web processes of a generation.
///
/// nginx asks another process for a GET that was lost with its process. If it was the GET that ended it, the next process would
/// end as well, and with it what others had asked there for the second time already.
final class FatalRequests: Sendable {
    private typealias Ring = ThreadFaults.Ring
    private static let size = Ring.words * MemoryLayout<UInt64>.size

    // The first word is an atomic; ids are written by a process that ends, before its connections do. Mapped until this one does.
    nonisolated(unsafe) let words: UnsafeMutablePointer<UInt64>
    private let isShared: Bool

    /// Those of no process at all.
    init() {
        words = .allocate(capacity: Ring.words)
        words.initialize(repeating: 0, count: Ring.words)
        isShared = false
    }

    /// Those in a file, which is made when it does not exist.
    init(file: String) throws {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        // All of it at once: to a page without a block on a full disk a write would be SIGBUS.
        let failure = descriptor < 0 ? errno : posix_fallocate(descriptor, 0, FatalRequests.size)
        let memory =
            failure == 0
            ? mmap(nil, FatalRequests.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) : MAP_FAILED
        guard let memory, memory != MAP_FAILED else {
            let reason = String(cString: strerror(failure == 0 ? errno : failure))
            throw MetricsError(description: "the file \(file) cannot be made: \(reason)")
        }
        words = memory.bindMemory(to: UInt64.self, capacity: Ring.words)
        isShared = true
    }

    deinit { if !isShared { words.deallocate() } }

    /// Until when one of them may come again.
    ///
    /// A word is a valid Atomic<UInt64>, which has the layout of its value.
    var until: UnsafeMutablePointer<Atomic<UInt64>> {
        UnsafeMutableRawPointer(words + Ring.until).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Whether the request of this id ended a process.
    func contains(_ id: UnsafePointer<CChar>) -> Bool {
        (0..<Ring.kept).contains { index in
            let known = UnsafeRawPointer(words + Ring.ids + index * 8).assumingMemoryBound(to: CChar.self)
            return known[0] != 0 && strncmp(known, id, 63) == 0
        }
    }
}
