/// A region holds as many threads of this process as it may.
struct RegionBusy: Error, CustomStringConvertible {
    let threads: Int

    var description: String {
        "the region holds the \(threads) threads of this process that it may (limits.regionThreads)"
    }
}
