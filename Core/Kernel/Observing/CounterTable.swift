internal import FastCGI
internal import Glibc
internal import Synchronization

/// Numbers that the processes of an installation count together, by name: in memory of the supervisor, so that nothing is lost or
/// counted twice when generations replace each other, and every process shows the same.
///
///     head (8 words) · for each row: its state and name (64 words) · for each slot, for each row: 16 numbers
///
/// A process says once which names it counts, and is given a row for each; then it only adds to its slot's numbers of those rows,
/// which takes no lock. A row's states:
///
///     free ──named──▶ shown ──no process of a generation that named it is left──▶ kept ──named again──▶ shown, and goes on
///                                                                                 └──its place is needed──▶ free
///
/// So routes may come and go for ever: there are at most ``capacity`` rows, and only those are shown that something counts in.
@_spi(Counters) public final class CounterTable: Sendable {
    /// Where a process finds the memory of its supervisor.
    static let place: Int32 = 9
    /// The variable with the number of the process's generation, as the supervisor counts them.
    static let variable = "LYCEUM_GENERATION"
    /// How many numbers a row has in each slot.
    static let words = 16
    /// Those of the web workers, and that of the delivery process.
    static let slots = 65

    /// The places of the words in the head.
    private enum Head {
        static let mark = 0
        static let capacity = 1
        /// Rows from here on were never used.
        static let used = 2
        /// The oldest generation of which there is a process.
        static let oldest = 3
        /// A bit for each slot that was ever used; the second word is for the delivery process.
        static let slots = 4
        /// How often a row was given a name.
        static let named = 6
        static let count = 8
    }

    /// The places of the words that describe a row.
    private enum Entry {
        /// 0 where it is free; otherwise what ``Head/named`` was when it was given its name.
        static let state = 0
        /// The last generation that named it.
        static let last = 1
        /// The name's bytes.
        static let length = 2
        static let name = 3
        static let count = 64
        static let longest = (count - name) * 8
    }

    /// "lycount1" in ASCII: a descriptor of that number may be anything in a process that was started by hand.
    private static let mark: UInt64 = 0x6C79_636F_756E_7431
    /// Locks on the file are between processes.
    private static let naming = Mutex(())

    /// How many names there may be at a time.
    public let capacity: Int
    /// The number of this process's generation, as its supervisor counts them.
    let serial: UInt64
    private let descriptor: Int32
    // Written by atomic operations, names only where no other process reads them as such; mapped until the process ends.
    private nonisolated(unsafe) let base: UnsafeMutablePointer<Atomic<UInt64>>

    // MARK: - Making

    /// Memory for a supervisor's processes; -1 where the system has none to share, and each process counts for itself then.
    ///
    /// Only what is touched is there: half a kilobyte for a name, and 128 bytes for each slot that counts it.
    public static func memory(capacity: Int = 32_768) -> Int32 {
        let descriptor = ThreadFaults.memory("lyceum counters")
        guard descriptor >= 0 else { return -1 }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let head: [UInt64] = [mark, UInt64(capacity), 0, 0, 0, 0, 0, 0]
        let written = head.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard written == head.count * 8, ftruncate(descriptor, size(capacity)) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// Notes in a supervisor's memory which is the oldest generation of which there is a process.
    public static func note(oldest generation: Int, _ descriptor: Int32) {
        var word = UInt64(max(0, generation))
        _ = pwrite(descriptor, &word, 8, off_t(Head.oldest * 8))
    }

    /// That of this process's supervisor; without one, or without memory, one of its own.
    static func inherited() throws -> CounterTable {
        var head: [UInt64] = [0, 0]
        let count = head.withUnsafeMutableBytes { pread(place, $0.baseAddress, $0.count, 0) }
        guard count == 16, head[0] == mark else { return try CounterTable() }
        _ = fcntl(place, F_SETFD, FD_CLOEXEC)
        let serial = getenv(variable).flatMap { Int(String(cString: $0)) } ?? 0
        return try CounterTable(descriptor: place, generation: serial)
    }

    /// The table in a supervisor's memory, for a process of one of its generations.
    public init(descriptor: Int32, generation: Int) throws {
        var capacity: UInt64 = 0
        guard pread(descriptor, &capacity, 8, off_t(Head.capacity * 8)) == 8 else {
            throw MetricsError(description: "the counters cannot be read: \(String(cString: strerror(errno)))")
        }
        (self.capacity, serial, self.descriptor) = (Int(capacity), UInt64(max(0, generation)), descriptor)
        base = try CounterTable.map(Int(capacity), descriptor)
    }

    /// A table of this process's own.
    init(capacity: Int = 4_096) throws {
        (self.capacity, serial, descriptor) = (capacity, 0, -1)
        base = try CounterTable.map(capacity, -1)
    }

    private static func size(_ capacity: Int) -> Int {
        (Head.count + capacity * Entry.count + slots * (capacity + 1) * words) * MemoryLayout<UInt64>.size
    }

    private static func map(_ capacity: Int, _ descriptor: Int32) throws -> UnsafeMutablePointer<Atomic<UInt64>> {
        let flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED
        let memory = mmap(nil, size(capacity), PROT_READ | PROT_WRITE, flags, descriptor, 0)
        guard let memory, memory != MAP_FAILED else {
            throw MetricsError(description: "no memory for the counters: \(String(cString: strerror(errno)))")
        }
        // What is counted says nothing about a crash, and most of this memory is not there.
        madvise(memory, size(capacity), MADV_DONTDUMP)
        // A zero is a valid Atomic<UInt64>, which has the layout of its value.
        return memory.bindMemory(to: Atomic<UInt64>.self, capacity: size(capacity) / 8)
    }

    // MARK: - Counting

    /// The numbers of a row in a slot.
    func numbers(_ row: Int, slot: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        base + Head.count + capacity * Entry.count + (slot * (capacity + 1) + row) * CounterTable.words
    }

    /// Adds to the first number of a row, as who counts does.
    public func add(_ count: UInt64, to row: Int, slot: Int) {
        _ = numbers(row, slot: slot)[0].add(count, ordering: .relaxed)
    }

    /// The sums over the slots of what is shown of a kind, by the rest of the name.
    public func sums(_ kind: String) -> [String: UInt64] {
        let slots = slots
        let shown = shown(kind) { row in
            slots.reduce(0 as UInt64) { $0 &+ numbers(row, slot: $1)[0].load(ordering: .relaxed) }
        }
        return Dictionary(shown.map { ($0.name.joined(separator: "\t"), $0.value) }) { $0 &+ $1 }
    }

    /// A row that nobody shows: of what finds no place.
    public var spare: Int { capacity }

    /// The rows of names, which this process counts in from now on, in one of its slots.
    ///
    /// A name of more than 488 bytes, and each for which there is no row left, is given ``spare``.
    public func rows(_ names: [String], slot: Int) -> [Int] {
        CounterTable.naming.withLock { _ in
            var lock = flock()
            (lock.l_type, lock.l_whence) = (Int16(F_WRLCK), Int16(SEEK_SET))
            while descriptor >= 0, fcntl(descriptor, F_SETLKW, &lock) != 0, errno == EINTR {}
            defer {
                lock.l_type = Int16(F_UNLCK)
                if descriptor >= 0 { _ = fcntl(descriptor, F_SETLK, &lock) }
            }
            base[Head.slots + slot / 64].bitwiseOr(1 << UInt64(slot % 64), ordering: .relaxed)
            var known: [String: Int] = [:]
            for (row, name) in all where known[name] == nil { known[name] = row }
            var free: [Int]?
            return names.map { name in
                if let row = known[name] {
                    if entry(row)[Entry.last].load(ordering: .relaxed) < serial {
                        entry(row)[Entry.last].store(serial, ordering: .relaxed)
                    }
                    return row
                }
                guard name.utf8.count <= Entry.longest, let row = place(&free) else { return spare }
                self.name(row, name)
                known[name] = row
                return row
            }
        }
    }

    private func entry(_ row: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        base + Head.count + row * Entry.count
    }

    private func head(_ word: Int) -> UInt64 { base[word].load(ordering: .relaxed) }

    /// A row without a name, or the one that was named longest ago by none who is left.
    private func place(_ free: inout [Int]?) -> Int? {
        let used = Int(head(Head.used))
        if used < capacity {
            base[Head.used].store(UInt64(used + 1), ordering: .releasing)
            return used
        }
        if free == nil {
            let oldest = head(Head.oldest)
            let left = (0..<capacity).map { (row: $0, last: entry($0)[Entry.last].load(ordering: .relaxed)) }
            // A state of 0 is that of a process which ended while it named the row.
            free = left.filter { $0.last < oldest || entry($0.row)[Entry.state].load(ordering: .relaxed) == 0 }
                .sorted { $0.last > $1.last }.map(\.row)
        }
        return free?.popLast()
    }

    private func name(_ row: Int, _ name: String) {
        let entry = entry(row)
        // Who reads meanwhile sees that it is not the same any more.
        entry[Entry.state].store(0, ordering: .sequentiallyConsistent)
        for slot in slots {
            for word in 0..<CounterTable.words { numbers(row, slot: slot)[word].store(0, ordering: .relaxed) }
        }
        let bytes = Array(name.utf8)
        for word in 0..<(bytes.count + 7) / 8 {
            var value: UInt64 = 0
            for (place, byte) in bytes[(word * 8)..<min(bytes.count, word * 8 + 8)].enumerated() {
                value |= UInt64(byte) << UInt64(place * 8)
            }
            entry[Entry.name + word].store(value, ordering: .relaxed)
        }
        entry[Entry.length].store(UInt64(bytes.count), ordering: .relaxed)
        entry[Entry.last].store(serial, ordering: .relaxed)
        let named = base[Head.named].add(1, ordering: .relaxed).newValue
        entry[Entry.state].store(named, ordering: .sequentiallyConsistent)
    }

    // MARK: - Reading

    /// The slots in which anybody ever counted.
    var slots: [Int] {
        (0..<CounterTable.slots).filter { head(Head.slots + $0 / 64) >> UInt64($0 % 64) & 1 == 1 }
    }

    /// All rows with a name.
    private var all: [(row: Int, name: String)] {
        (0..<min(capacity, Int(head(Head.used)))).compactMap { row in
            guard entry(row)[Entry.state].load(ordering: .acquiring) != 0 else { return nil }
            return (row, name(of: row))
        }
    }

    private func name(of row: Int) -> String {
        let entry = entry(row)
        let length = min(Entry.longest, Int(entry[Entry.length].load(ordering: .relaxed)))
        let bytes = (0..<length).map { place in
            UInt8(truncatingIfNeeded: entry[Entry.name + place / 8].load(ordering: .relaxed) >> UInt64(place % 8 * 8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names that begin with a kind and a tab and in which something counts, with what `read` makes of each; a row that
    /// becomes another's while it is read is left out.
    func shown<Value>(_ kind: String, _ read: (_ row: Int) -> Value) -> [(name: [Substring], value: Value)] {
        let oldest = head(Head.oldest)
        return (0..<min(capacity, Int(head(Head.used)))).compactMap { row in
            let entry = entry(row)
            let state = entry[Entry.state].load(ordering: .sequentiallyConsistent)
            guard state != 0, entry[Entry.last].load(ordering: .relaxed) >= oldest else { return nil }
            let name = name(of: row)
            guard name.hasPrefix(kind + "\t") else { return nil }
            let value = read(row)
            guard entry[Entry.state].load(ordering: .sequentiallyConsistent) == state else { return nil }
            return (name.split(separator: "\t", omittingEmptySubsequences: false).dropFirst().map { $0 }, value)
        }
    }
}

/// Why there are no counters.
struct MetricsError: Error, CustomStringConvertible {
    let description: String
}
