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

    /// As the log names it: `GET /api/courses/{course}`.
    var route: String { method + " " + path }
}

/// Requests counted by endpoint, over all web workers: a table in shared memory with a part for each worker's slot, which a
/// replacement inherits.
///
/// A part holds 16 numbers for each endpoint, and one for each thread: when the request in hand began. Only additions and
/// plain stores, so no lock.
final class Metrics: Sendable {
    /// Upper bounds of the histogram of durations, in microseconds; the last bucket has none.
    static let bounds: [UInt64] = [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000]
    /// The most web workers.
    static let slots = 64
    /// The numbers of one endpoint: microseconds, client errors, server errors, then a bucket per bound and one more.
    private static let words = 16

    private let labels: [MetricLabel]
    private let threads: Int
    private let slot: Int
    private let table: SharedWords
    private let lanes = Atomic<Int>(0)

    /// - Parameters:
    ///   - threads: how many of them a worker has.
    ///   - file: shared by the workers of a generation; nil: for this process alone.
    init(_ labels: [MetricLabel], threads: Int, file: String?, slot: Int) throws {
        (self.labels, self.threads, self.slot) = (labels, threads, slot % Metrics.slots)
        table = try SharedWords(Metrics.slots * (labels.count * Metrics.words + threads + 1), file: file)
        // Whoever had the slot before has ended, in the middle of requests perhaps.
        for lane in 0..<threads { (table.from(began(self.slot)) + lane)[0].store(0, ordering: .relaxed) }
    }

    /// Where the numbers of the threads of a slot begin; behind them lies one that nobody looks at.
    private func began(_ slot: Int) -> Int {
        Metrics.slots * labels.count * Metrics.words + slot * (threads + 1)
    }

    /// Microseconds of a clock that never goes back.
    static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    /// What a set of counters is about; nil for those of the kernel.
    func label(_ endpoint: Int) -> MetricLabel? { endpoint > 0 ? labels[endpoint] : nil }

    /// The counters of a further thread; those of more threads than there are in a worker are not seen in flight.
    func lane() -> LaneCounters {
        let number = lanes.add(1, ordering: .relaxed).oldValue
        return LaneCounters(
            endpoints: table.from(slot * labels.count * Metrics.words),
            current: table.from(began(slot) + min(number, threads)))
    }

    /// The counters, summed over the slots.
    func write(to out: inout Exposition) {
        func sum(_ endpoint: Int, _ word: Int) -> UInt64 {
            (0..<Metrics.slots).reduce(0) { $0 &+ table[($1 * labels.count + endpoint) * Metrics.words + word] }
        }
        let durations = "lyceum_request_duration_seconds"
        let errors = "lyceum_request_errors_total"
        out.family(durations, .histogram, "How long requests took, by route.")
        out.family(errors, .counter, "Requests that were answered with an error, by route and class of status.")
        for (index, label) in labels.enumerated() {
            let buckets = (0...Metrics.bounds.count).map { sum(index, 3 + $0) }
            guard buckets.contains(where: { $0 > 0 }) else { continue }
            let about = [
                ("region", label.region), ("plugin", label.plugin), ("method", label.method), ("route", label.path),
            ]
            out.histogram(durations, about, Metrics.bounds, buckets, microseconds: sum(index, 0))
            out.sample(errors, about + [("class", "4xx")], sum(index, 1))
            out.sample(errors, about + [("class", "5xx")], sum(index, 2))
        }
        let now = Metrics.clock()
        var begun: [UInt64] = []
        for slot in 0..<Metrics.slots {
            for lane in 0..<threads where table[began(slot) + lane] > 0 { begun.append(table[began(slot) + lane]) }
        }
        let oldest = begun.map { now - min(now, $0) }.max() ?? 0
        out.family("lyceum_requests_in_flight", .gauge, "Requests that are being answered, this one among them.")
        out.sample("lyceum_requests_in_flight", [], UInt64(begun.count))
        out.family("lyceum_request_oldest_seconds", .gauge, "How long the oldest of those has been going on.")
        out.sample("lyceum_request_oldest_seconds", [], Double(oldest) / 1e6)
    }
}

/// The counters of one thread: what every request does, so kept to a few instructions.
struct LaneCounters {
    private let endpoints: UnsafeMutablePointer<Atomic<UInt64>>
    private let current: UnsafeMutablePointer<Atomic<UInt64>>

    fileprivate init(endpoints: UnsafeMutablePointer<Atomic<UInt64>>, current: UnsafeMutablePointer<Atomic<UInt64>>) {
        (self.endpoints, self.current) = (endpoints, current)
    }

    /// A request has come.
    @inline(__always) func begin(_ began: UInt64) { current[0].store(began, ordering: .relaxed) }

    /// It has been answered.
    @inline(__always) func end(_ endpoint: Int, status: Int, began: UInt64) {
        let took = Metrics.clock() &- began
        let row = endpoints + endpoint &* 16
        row[0].add(took, ordering: .relaxed)
        if status >= 400 { row[status >= 500 ? 2 : 1].add(1, ordering: .relaxed) }
        row[3 &+ LaneCounters.bucket(took)].add(1, ordering: .relaxed)
        current[0].store(0, ordering: .relaxed)
    }

    /// The place among ``Metrics/bounds``, written out so that it is a few comparisons.
    @inline(__always) static func bucket(_ took: UInt64) -> Int {
        switch took {
        case ...500: 0
        case ...1_000: 1
        case ...2_500: 2
        case ...5_000: 3
        case ...10_000: 4
        case ...25_000: 5
        case ...50_000: 6
        case ...100_000: 7
        case ...250_000: 8
        case ...1_000_000: 9
        default: 10
        }
    }
}
