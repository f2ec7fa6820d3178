import Glibc
@_spi(Counters) import Kernel
import LyceumTesting
import Observed
import Testing

@Suite("Counters go on, whatever generation counts")
struct CounterTests {
    /// A supervisor's memory, and the tables of its processes.
    private final class Memory: Sendable {
        let descriptor: Int32

        init(_ capacity: Int) throws {
            descriptor = CounterTable.memory(capacity: capacity)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        func table(_ generation: Int) throws -> CounterTable {
            try CounterTable(descriptor: descriptor, generation: generation)
        }
    }

    @Test("a name has the same row in every process, and what is counted is the sum of all")
    func shared() throws {
        let memory = try Memory(8)
        let (old, new) = (try memory.table(1), try memory.table(2))
        let before = old.rows(["a\tone", "a\ttwo", "b\tone"], slot: 0)
        let after = new.rows(["a\tthree", "a\ttwo", "b\tone"], slot: 0)
        #expect(Set(before + after).count == 4)
        #expect(before[1] == after[1] && before[2] == after[2])
        for _ in 1...3 { old.add(1, to: before[1], slot: 0) }
        new.add(5, to: after[1], slot: 0)
        let other = try memory.table(2)
        other.add(7, to: other.rows(["a\ttwo"], slot: 64)[0], slot: 64)
        for table in [old, new, other] {
            #expect(table.sums("a") == ["one": 0, "two": 15, "three": 0])
            #expect(table.sums("b") == ["one": 0])
        }
    }

    @Test("what no process counts any more is not shown, and goes on where it comes back")
    func kept() throws {
        let memory = try Memory(8)
        let old = try memory.table(1)
        old.add(3, to: old.rows(["a\tgone"], slot: 1)[0], slot: 1)
        let new = try memory.table(2)
        _ = new.rows(["a\tstays"], slot: 1)
        // Processes of both are there: both are shown, whoever is asked.
        for table in [old, new] { #expect(table.sums("a") == ["gone": 3, "stays": 0]) }
        CounterTable.note(oldest: 2, memory.descriptor)
        #expect(new.sums("a") == ["stays": 0])
        let again = try memory.table(3)
        again.add(1, to: again.rows(["a\tgone"], slot: 0)[0], slot: 0)
        #expect(again.sums("a") == ["gone": 4, "stays": 0])
    }

    @Test(
        "however many names come and go, there are no more rows than there were; what is counted now is never in the way"
    )
    func bounded() throws {
        let memory = try Memory(10)
        for generation in 1...50 {
            CounterTable.note(oldest: generation, memory.descriptor)
            let table = try memory.table(generation)
            let names = ["a\talways"] + (0..<4).map { "a\t\(generation)-\($0)" }
            let rows = table.rows(names, slot: generation % 3)
            #expect(Set(rows).count == 5 && !rows.contains(table.spare))
            for row in rows { table.add(1, to: row, slot: generation % 3) }
            let sums = table.sums("a")
            #expect(sums["always"] == UInt64(generation))
            // A row that was another's begins with nothing of it.
            #expect(sums.filter { $0.key != "always" }.map(\.value) == [1, 1, 1, 1])
        }
    }

    @Test("what finds no place, or has too long a name, is counted where nobody looks")
    func full() throws {
        let memory = try Memory(3)
        let table = try memory.table(1)
        let rows = table.rows((0..<5).map { "a\t\($0)" }, slot: 0)
        #expect(rows.filter { $0 == table.spare }.count == 2)
        for row in rows { table.add(1, to: row, slot: 0) }
        #expect(table.sums("a") == ["0": 1, "1": 1, "2": 1])
        let wide = try Memory(3)
        let long = "a\t" + String(repeating: "x", count: 487)
        #expect(try wide.table(1).rows([long, String(long.dropLast())], slot: 0) == [3, 0])
    }

    @Test("nothing is counted twice where eight processes name and count at once")
    func together() async throws {
        let memory = try Memory(64)
        let names = (0..<40).map { "a\t\($0)" }
        await withTaskGroup(of: Void.self) { group in
            for process in 0..<8 {
                group.addTask {
                    guard let table = try? memory.table(process) else { return }
                    for row in table.rows(names.shuffled(), slot: process % 4) {
                        for _ in 0..<100 { table.add(1, to: row, slot: process % 4) }
                    }
                }
            }
        }
        let sums = try memory.table(8).sums("a")
        #expect(sums.count == 40)
        #expect(sums.allSatisfy { $0.value == 800 })
    }

    @Test("no counter goes back, and none is missing, while generations replace each other")
    func generations() async throws {
        let world = try await TestInstallation(plugins: [ObservedPlugin.self])
        let live = try await LiveInstallation(world)
        let orders = ["route": "/api/observed/orders"]
        func metrics() async throws -> ExpositionParser {
            let parsed = ExpositionParser(try await live.indexClient().get("/metrics").text)
            #expect(parsed.problems == [])
            return parsed
        }
        let watching = Task {
            var (highest, scrapes, generations): ([String: Double], Int, Set<Double>) = ([:], 0, [])
            var faults: [String] = []
            while !Task.isCancelled {
                let parsed = try await metrics()
                scrapes += 1
                if let generation = parsed.value("lyceum_generation") { generations.insert(generation) }
                var seen: Set<String> = []
                for family in parsed.families where family.type != "gauge" {
                    for sample in family.samples {
                        let labels = sample.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                        let name = "\(sample.name) \(labels)"
                        seen.insert(name)
                        if let before = highest[name], sample.value < before {
                            faults.append("\(name): \(before), then \(sample.value)")
                        }
                        highest[name] = sample.value
                    }
                }
                faults += highest.keys.filter { !seen.contains($0) }.map { "\($0) is missing" }
            }
            return (scrapes, generations, faults)
        }
        var sent = 0
        for _ in 0..<4 {
            for _ in 0..<10 {
                sent += 1
                let answer = try await live.client().send(
                    "POST", "/api/observed/orders", json: #"{"key": "k\#(sent)"}"#)
                #expect(answer.status == 204)
            }
            try await live.reload()
        }
        watching.cancel()
        let (scrapes, generations, faults) = try await watching.value
        #expect(faults.isEmpty, "\(faults.prefix(5))")
        #expect(scrapes > 8 && generations.count > 1, "\(scrapes) scrapes of \(generations)")
        let parsed = try await metrics()
        #expect(parsed.value("lyceum_request_duration_seconds_count", orders) == Double(sent))
        #expect(parsed.value("lyceum_events_published_total", ["process": "web"]) == Double(sent))
    }
}
