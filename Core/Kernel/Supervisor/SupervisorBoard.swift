internal import FastCGI
internal import Glibc
internal import Synchronization

/// What the supervisor counts for as long as it lives, in memory that its web processes may read: they find it on descriptor 8.
final class SupervisorBoard: Sendable {
    enum Count: Int, CaseIterable {
        case webRestarts = 1
        case deliveryRestarts
        case generations
        case refusals
    }

    /// Where a web process finds it.
    static let place: Int32 = 8
    /// "lyceum 1" in ASCII: a descriptor of that number may be anything in a process that was started by hand.
    private static let mark: UInt64 = 0x6C79_6365_756D_2031

    /// For children to inherit; -1 where the system has no shared memory, and nothing is shown then.
    let descriptor: Int32
    private let counts = Mutex([UInt64](repeating: 0, count: Count.allCases.count + 1))

    init() {
        descriptor = ThreadFaults.memory("lyceum counts")
        guard descriptor >= 0 else { return }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        counts.withLock { $0[0] = SupervisorBoard.mark }
        write()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Counts one more.
    func add(_ count: Count) {
        counts.withLock { $0[count.rawValue] += 1 }
        write()
    }

    private func write() {
        guard descriptor >= 0 else { return }
        counts.withLock { counts in
            _ = counts.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        }
    }

    /// In a web process: what its supervisor has counted; nil without one.
    static func read() -> [Count: UInt64]? {
        var counts = [UInt64](repeating: 0, count: Count.allCases.count + 1)
        let size = counts.withUnsafeMutableBytes { pread(place, $0.baseAddress, $0.count, 0) }
        guard size == counts.count * MemoryLayout<UInt64>.size, counts[0] == mark else { return nil }
        return Dictionary(uniqueKeysWithValues: Count.allCases.map { ($0, counts[$0.rawValue]) })
    }

    /// Its counts among the metrics.
    static func write(to out: inout Exposition) {
        guard let counts = read() else { return }
        let (restarts, changes) = ("lyceum_process_restarts_total", "lyceum_generation_changes_total")
        out.family(restarts, .counter, "Processes that took the place of one that ended by itself, by what they do.")
        out.sample(restarts, [("process", "web")], counts[.webRestarts] ?? 0)
        out.sample(restarts, [("process", "delivery")], counts[.deliveryRestarts] ?? 0)
        out.family(changes, .counter, "Generations that took over, and those that were refused.")
        out.sample(changes, [("outcome", "serving")], counts[.generations] ?? 0)
        out.sample(changes, [("outcome", "refused")], counts[.refusals] ?? 0)
    }
}
