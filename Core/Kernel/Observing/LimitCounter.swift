internal import Synchronization

/// A limit that a request, hook or listener reached, as it is counted; the names are those in `Config/`.
///
/// Their order is that of the numbers in memory which processes of other builds share: further ones go to the end, and there is
/// place for 16.
enum ReachedLimit: Int, CaseIterable {
    case regionThreads, waiting, waitMilliseconds, statementMilliseconds, requestMilliseconds, hookMilliseconds
    case listenerMilliseconds, graceMilliseconds, bodyBytes, partBytes, responseBytes
    /// That of an endpoint, which the region's file may change.
    case rate

    var name: String { "\(self)" }
}

/// How often each limit was reached in a region, in one process.
struct LimitCounter: Sendable {
    // Written by atomic additions only, from any thread; mapped until the process ends.
    private nonisolated(unsafe) let row: UnsafeMutablePointer<Atomic<UInt64>>

    init(_ row: UnsafeMutablePointer<Atomic<UInt64>>) { self.row = row }

    /// A limit was reached once more.
    func reached(_ limit: ReachedLimit) { _ = row[limit.rawValue].add(1, ordering: .relaxed) }
}
