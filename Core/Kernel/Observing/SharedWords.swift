internal import Glibc
internal import Synchronization

/// Numbers that processes share through a file, or that are this process's own; all begin as 0.
final class SharedWords: Sendable {
    // Written by atomic operations only, from any thread; mapped until the process ends.
    private nonisolated(unsafe) let base: UnsafeMutablePointer<Atomic<UInt64>>

    /// Maps so many numbers of a file, which is made where it is missing; without a file they are this process's own.
    init(_ count: Int, file: String?) throws {
        let size = max(1, count) * MemoryLayout<UInt64>.size
        var descriptor: Int32 = -1
        if let file {
            descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            // All of it at once: to a page without a block on a full disk an addition would be SIGBUS.
            let failure = descriptor < 0 ? errno : posix_fallocate(descriptor, 0, size)
            guard failure == 0 else {
                if descriptor >= 0 { close(descriptor) }
                throw MetricsError(
                    description: "the counters' file \(file) cannot be made: \(String(cString: strerror(failure)))")
            }
        }
        let memory = mmap(
            nil, size, PROT_READ | PROT_WRITE, descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, descriptor, 0)
        if descriptor >= 0 { close(descriptor) }
        guard let memory, memory != MAP_FAILED else {
            throw MetricsError(description: "no memory for the counters: \(String(cString: strerror(errno)))")
        }
        // A zero is a valid Atomic<UInt64>, which has the layout of its value.
        base = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    }

    /// The numbers from a place on.
    func from(_ place: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { base + place }

    subscript(_ place: Int) -> UInt64 { base[place].load(ordering: .relaxed) }
}

/// Why there are no counters.
struct MetricsError: Error, CustomStringConvertible {
    let description: String
}
