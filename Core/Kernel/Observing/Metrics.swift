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

    /// Its name in a ``CounterTable``.
    fileprivate var name: String { [Metrics.kind, region, plugin, method, path].joined(separator: "\t") }

    fileprivate init?(name: [Substring]) {
        guard name.count == 4 else { return nil }
        self.init(region: String(name[0]), plugin: String(name[1]), method: String(name[2]), path: String(name[3]))
    }

    init(region: String, plugin: String, method: String, path: String) {
        (self.region, self.plugin, self.method, self.path) = (region, plugin, method, path)
    }
}

/// Requests counted by endpoint, over all web workers of all generations.
///
/// Each thread also notes when the request in hand began. Only additions and plain stores, so no lock.
final class Metrics: Sendable {
    /// Upper bounds of the histogram of durations, in microseconds; the last bucket has none.
    ///
    /// The last is the usual ``Generation/Limits/requestMilliseconds``.
    static let bounds: [UInt64] = [
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000, 30_000_000,
    ]
    /// The most web workers.
    static let slots = CounterTable.slots - 1
    /// The kinds of names in the table: one for each endpoint, whose numbers are microseconds, client errors, server errors, then
    /// a bucket per bound and one more; and one for each 16 threads of a generation's workers, a number for each thread.
    ///
    /// The name is another one with other bounds, because processes of several builds may count in one table.
    fileprivate static let kind = "request to 30 s"
    private static let threads = "threads"

    private let labels: [MetricLabel]
    private let slot: Int
    private let table: CounterTable
    /// The numbers of each endpoint in this process's slot.
    // Written once, before anybody else sees it; kept until the process ends, as the table is.
    private nonisolated(unsafe) let endpoints: UnsafeMutablePointer<UnsafeMutablePointer<Atomic<UInt64>>>
    /// Where each thread notes when its request began.
    // As `endpoints`: written once, and what it points to lies in memory that is kept until the process ends.
    private nonisolated(unsafe) let places: [UnsafeMutablePointer<Atomic<UInt64>>]
    private let lanes = Atomic<Int>(0)
    /// How many endpoints are not counted, because there is no place for them.
    let uncounted: Int

    /// - Parameter threads: how many of them a worker has.
    init(_ labels: [MetricLabel], threads: Int, _ table: CounterTable, slot: Int) {
        (self.labels, self.slot, self.table) = (labels, slot % Metrics.slots, table)
        let slot = self.slot
        let rows = table.rows(labels.map(\.name), slot: slot)
        uncounted = rows.count { $0 == table.spare }
        endpoints = .allocate(capacity: rows.count)
        for (place, row) in rows.enumerated() {
            (endpoints + place).initialize(to: table.numbers(row, slot: slot))
        }
        let parts = (0..<(threads + CounterTable.words - 1) / CounterTable.words).map {
            "\(Metrics.threads)\t\(table.serial)\t\($0)"
        }
        let notes = table.rows(parts, slot: slot)
        places = (0..<threads).map { thread in
            let row = notes[thread / CounterTable.words]
            return table.numbers(row, slot: slot) + (row == table.spare ? 0 : thread % CounterTable.words)
        }
        // Whoever had the slot before has ended, in the middle of requests perhaps.
        for place in places { place[0].store(0, ordering: .relaxed) }
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
            endpoints: endpoints,
            current: number < places.count ? places[number] : table.numbers(table.spare, slot: slot))
    }

    /// The counters, summed over the slots.
    func write(to out: inout Exposition) {
        let slots = table.slots.filter { $0 < Metrics.slots }
        let durations = "lyceum_request_duration_seconds"
        let errors = "lyceum_request_errors_total"
        out.family(durations, .histogram, "How long requests took, by route.")
        out.family(errors, .counter, "Requests that were answered with an error, by route and class of status.")
        let counted = table.shown(Metrics.kind) { row in
            (0..<3 + Metrics.bounds.count + 1).map { word in
                slots.reduce(0 as UInt64) { $0 &+ table.numbers(row, slot: $1)[word].load(ordering: .relaxed) }
            }
        }
        for (name, numbers) in counted {
            guard let label = MetricLabel(name: name), numbers[3...].contains(where: { $0 > 0 }) else { continue }
            let about = [
                ("region", label.region), ("plugin", label.plugin), ("method", label.method), ("route", label.path),
            ]
            out.histogram(durations, about, Metrics.bounds, Array(numbers[3...]), microseconds: numbers[0])
            out.sample(errors, about + [("class", "4xx")], numbers[1])
            out.sample(errors, about + [("class", "5xx")], numbers[2])
        }
        let now = Metrics.clock()
        let begun = table.shown(Metrics.threads) { row in
            slots.flatMap { slot in
                (0..<CounterTable.words).map { table.numbers(row, slot: slot)[$0].load(ordering: .relaxed) }
            }
        }.flatMap(\.value).filter { $0 > 0 }
        let oldest = begun.map { now - min(now, $0) }.max() ?? 0
        out.family("lyceum_requests_in_flight", .gauge, "Requests that are being answered, this one among them.")
        out.sample("lyceum_requests_in_flight", [], UInt64(begun.count))
        out.family("lyceum_request_oldest_seconds", .gauge, "How long the oldest of those has been going on.")
        out.sample("lyceum_request_oldest_seconds", [], Double(oldest) / 1e6)
    }
}

/// The counters of one thread: what every request does, so kept to a few instructions.
struct LaneCounters {
    private let endpoints: UnsafeMutablePointer<UnsafeMutablePointer<Atomic<UInt64>>>
    private let current: UnsafeMutablePointer<Atomic<UInt64>>

    fileprivate init(
        endpoints: UnsafeMutablePointer<UnsafeMutablePointer<Atomic<UInt64>>>,
        current: UnsafeMutablePointer<Atomic<UInt64>>
    ) {
        (self.endpoints, self.current) = (endpoints, current)
    }

    /// A request has come.
    @inline(__always) func begin(_ began: UInt64) { current[0].store(began, ordering: .relaxed) }

    /// It has been answered.
    @inline(__always) func end(_ endpoint: Int, status: Int, began: UInt64) {
        let took = Metrics.clock() &- began
        let row = endpoints[endpoint]
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
        case ...5_000_000: 10
        case ...30_000_000: 11
        default: 12
        }
    }
}
