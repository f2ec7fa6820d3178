internal import Synchronization

/// Counts the threads of this process that each region's requests hold, so that none holds more than its share.
///
/// Counters without a lock, each in a cache line of its own.
final class RegionShares: Sendable {
    /// The most threads for each region.
    let most: Int
    // Atomics only, and as long as the process lives.
    private nonisolated(unsafe) let held: UnsafeMutablePointer<Atomic<Int>>
    private static let stride = 64 / MemoryLayout<Int>.size

    init(regions: Int, most: Int) {
        self.most = most
        held = .allocate(capacity: max(1, regions) * RegionShares.stride)
        // A zero is a valid Atomic<Int>, which has the layout of its value.
        UnsafeMutableRawPointer(held).initializeMemory(
            as: UInt8.self, repeating: 0, count: max(1, regions) * RegionShares.stride * MemoryLayout<Int>.size)
    }

    deinit { held.deallocate() }

    /// Takes a thread for a region; false when it has its share already.
    @inline(__always)
    func take(_ region: Int) -> Bool {
        let held = held + region * RegionShares.stride
        guard held.pointee.add(1, ordering: .relaxed).oldValue < most else {
            held.pointee.subtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    /// Gives it back.
    @inline(__always)
    func give(_ region: Int) { (held + region * RegionShares.stride).pointee.subtract(1, ordering: .relaxed) }
}
