internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// What happens in each region, counted over all processes of all generations: the web workers by slot, and the delivery process.
final class RegionCounters: Sendable {
    /// Upper bounds of the histogram of waits, in microseconds; the last bucket has none.
    static let bounds: [UInt64] = [
        1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    ]
    /// The slot of the delivery process, after those of the web workers.
    static let delivery = Metrics.slots

    private static let kind = "region"
    private static let limitKind = "limits"

    private let slot: Int
    private let regions: [String]
    private let rows: [Int]
    private let limitRows: [Int]
    private let table: CounterTable

    init(_ regions: [String], _ table: CounterTable, slot: Int) {
        self.slot = slot == RegionCounters.delivery ? slot : slot % Metrics.slots
        self.table = table
        self.regions = regions
        rows = table.rows(regions.map { RegionCounters.kind + "\t" + $0 }, slot: self.slot)
        limitRows = table.rows(regions.map { RegionCounters.limitKind + "\t" + $0 }, slot: self.slot)
    }

    /// Those of a region, for this process.
    subscript(_ region: Int) -> RegionCounter {
        RegionCounter(table.numbers(rows[region], slot: slot), limits(region))
    }

    /// A limit was reached in a region; what belongs to none is not counted.
    func reached(_ limit: ReachedLimit, in region: String) {
        if let place = regions.firstIndex(of: region) { limits(place).reached(limit) }
    }

    private func limits(_ region: Int) -> LimitCounter {
        LimitCounter(table.numbers(limitRows[region], slot: slot))
    }

    func write(to out: inout Exposition) {
        let (waits, refused) = ("lyceum_pool_wait_seconds", "lyceum_pool_refused_total")
        let published = "lyceum_events_published_total"
        out.family(waits, .histogram, "How long those waited for a database connection who had to.")
        out.family(refused, .counter, "How often none came: too many waited already, or it took too long.")
        out.family(published, .counter, "Events that were committed.")
        let slots = table.slots
        for (process, own) in [
            ("web", slots.filter { $0 < Metrics.slots }), ("delivery", slots.filter { $0 == RegionCounters.delivery }),
        ] {
            let counted = table.shown(RegionCounters.kind) { row in
                (0..<CounterTable.words).map { word in
                    own.reduce(0 as UInt64) { $0 &+ table.numbers(row, slot: $1)[word].load(ordering: .relaxed) }
                }
            }
            for (name, numbers) in counted {
                let about = [("region", name.joined()), ("process", process)]
                out.histogram(
                    waits, about, RegionCounters.bounds, Array(numbers[...RegionCounters.bounds.count]),
                    microseconds: numbers[RegionCounter.time])
                out.sample(refused, about + [("reason", "queue_full")], numbers[RegionCounter.full])
                out.sample(refused, about + [("reason", "timeout")], numbers[RegionCounter.late])
                out.sample(published, about, numbers[RegionCounter.published])
            }
        }
        writeLimits(to: &out)
    }

    private func writeLimits(to out: inout Exposition) {
        let reached = "lyceum_limit_reached_total"
        out.family(reached, .counter, "How often a request, hook or listener was refused or ended by a limit.")
        let counted = table.shown(RegionCounters.limitKind) { row in
            (0..<CounterTable.words).map { word in
                table.slots.reduce(0 as UInt64) { $0 &+ table.numbers(row, slot: $1)[word].load(ordering: .relaxed) }
            }
        }
        for (name, numbers) in counted {
            for limit in ReachedLimit.allCases {
                out.sample(reached, [("region", name.joined()), ("limit", limit.name)], numbers[limit.rawValue])
            }
        }
    }
}

/// The counters of one region in one process.
struct RegionCounter: Sendable {
    /// The numbers of one region: the buckets of waits, then these.
    fileprivate static let (time, full, late, published) = (11, 12, 13, 14)

    // Written by atomic additions only, from any thread; mapped until the process ends.
    private nonisolated(unsafe) let row: UnsafeMutablePointer<Atomic<UInt64>>
    /// How often limits were reached.
    let limits: LimitCounter

    fileprivate init(_ row: UnsafeMutablePointer<Atomic<UInt64>>, _ limits: LimitCounter) {
        (self.row, self.limits) = (row, limits)
    }

    /// Somebody had to wait for a connection.
    func waited(_ wait: Pool.Wait) {
        if wait.outcome == .refused {
            limits.reached(.waiting)
            return _ = row[RegionCounter.full].add(1, ordering: .relaxed)
        }
        let bucket = RegionCounters.bounds.firstIndex { wait.microseconds <= $0 } ?? RegionCounters.bounds.count
        row[bucket].add(1, ordering: .relaxed)
        row[RegionCounter.time].add(wait.microseconds, ordering: .relaxed)
        if wait.outcome == .late {
            limits.reached(.waitMilliseconds)
            row[RegionCounter.late].add(1, ordering: .relaxed)
        }
    }

    /// So many events were committed.
    func published(_ count: Int) { row[RegionCounter.published].add(UInt64(max(0, count)), ordering: .relaxed) }
}
