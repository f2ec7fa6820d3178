internal import Glibc
internal import Synchronization

/// What a set of counters is about.
struct MetricLabel: Sendable {
    let region: String
    let plugin: String
    let method: String
    let path: String

    /// What the kernel answers itself.
    static let kernel = MetricLabel(region: "", plugin: "lyceum", method: "", path: "")
}

/// Requests counted by endpoint, over all web workers: a table in shared memory with a part for each worker's slot, which a
/// replacement inherits.
///
/// Only additions, so no lock.
final class Metrics: Sendable {
    /// Upper bounds of the histogram of durations, in microseconds; the last bucket has none.
    static let bounds: [UInt64] = [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000]
    /// The words of one endpoint: requests, microseconds, client errors, server errors, then a bucket per bound and one more.
    private static let words = 16
    static let slots = 64

    private let labels: [MetricLabel]
    private let slot: Int
    // Written by atomic additions only, from any thread; mapped until the process ends.
    private nonisolated(unsafe) let table: UnsafeMutablePointer<Atomic<UInt64>>

    init(_ labels: [MetricLabel], file: String?, slot: Int) throws {
        self.labels = labels
        self.slot = slot % Metrics.slots
        let size = Metrics.slots * labels.count * Metrics.words * MemoryLayout<UInt64>.size
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
        table = memory.bindMemory(to: Atomic<UInt64>.self, capacity: size / MemoryLayout<UInt64>.size)
    }

    /// Microseconds of a clock that never goes back.
    static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    /// Counts a request that has been answered.
    func count(_ endpoint: Int, status: Int, began: UInt64) {
        let took = Metrics.clock() &- began
        let row = table + (slot * labels.count + endpoint) * Metrics.words
        row[0].add(1, ordering: .relaxed)
        row[1].add(took, ordering: .relaxed)
        if status >= 400 { row[status >= 500 ? 3 : 2].add(1, ordering: .relaxed) }
        var bucket = 0
        Metrics.bounds.withUnsafeBufferPointer { bounds in
            while bucket < bounds.count, took > bounds[bucket] { bucket += 1 }
        }
        row[4 + bucket].add(1, ordering: .relaxed)
    }

    /// The counters in Prometheus' text format, summed over the slots.
    func text() -> String {
        func sum(_ endpoint: Int, _ word: Int) -> UInt64 {
            (0..<Metrics.slots).reduce(0) {
                $0 &+ table[($1 * labels.count + endpoint) * Metrics.words + word].load(ordering: .relaxed)
            }
        }
        var lines = [
            "# HELP lyceum_request_duration_seconds How long requests took, by route.",
            "# TYPE lyceum_request_duration_seconds histogram",
        ]
        for (index, label) in labels.enumerated() {
            let count = sum(index, 0)
            guard count > 0 else { continue }
            let about =
                "region=\"\(label.region)\",plugin=\"\(label.plugin)\",method=\"\(label.method)\",route=\"\(label.path)\""
            var running: UInt64 = 0
            for (bucket, bound) in Metrics.bounds.enumerated() {
                running += sum(index, 4 + bucket)
                lines.append(
                    "lyceum_request_duration_seconds_bucket{\(about),le=\"\(Double(bound) / 1e6)\"} \(running)")
            }
            lines.append("lyceum_request_duration_seconds_bucket{\(about),le=\"+Inf\"} \(count)")
            lines.append("lyceum_request_duration_seconds_sum{\(about)} \(Double(sum(index, 1)) / 1e6)")
            lines.append("lyceum_request_duration_seconds_count{\(about)} \(count)")
            lines.append("lyceum_request_errors_total{\(about),class=\"4xx\"} \(sum(index, 2))")
            lines.append("lyceum_request_errors_total{\(about),class=\"5xx\"} \(sum(index, 3))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

struct MetricsError: Error, CustomStringConvertible {
    let description: String
}
