internal import FastCGI
internal import Glibc
internal import Lyceum
internal import Synchronization

/// Who has used how much of which rate limit, in memory that the supervisor keeps and its web processes share: they find it on
/// descriptor 10.
///
///     mark · salt (4 words) · 3 words of nothing · 8,192 sets of 8 words
///
/// A word is 22 bits of a digest and, in units of 64 microseconds, the moment at which the quota would be whole again (the
/// theoretical arrival time of GCRA, the generic cell rate algorithm of ITU-T I.371): so a request is counted by a single
/// compare-and-exchange, and there is nothing to sweep. The digest is salted, and of an address only a part of it is kept, from
/// which nobody finds the address. Where all eight words of a set are taken, whoever is nearest to a whole quota is forgotten:
/// a full board lets somebody through too often, and keeps nobody out.
final class RateBoard: Sendable {
    /// Where a web process finds it.
    static let place: Int32 = 10
    /// "lyceum r" in ASCII: a descriptor of that number may be anything in a process that was started by hand.
    private static let mark: UInt64 = 0x6C79_6365_756D_2072
    private static let (head, sets, ways) = (8, 8_192, 8)
    private static let size = (head + sets * ways) * MemoryLayout<UInt64>.size
    private static let digits: UInt64 = 42

    // Words are written by atomics, the head's before anybody else reads them; mapped until this object ends.
    private nonisolated(unsafe) let words: UnsafeMutablePointer<UInt64>
    private let salt: [UInt8]

    /// The board that the supervisor shares, or one of this process's own where there is none.
    init(descriptor: Int32 = RateBoard.place) throws {
        var first = [UInt64](repeating: 0, count: 1)
        let isShared =
            first.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) } == 8
            && first[0] == RateBoard.mark
        let memory = mmap(
            nil, RateBoard.size, PROT_READ | PROT_WRITE, isShared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS,
            isShared ? descriptor : -1, 0)
        guard let memory, memory != MAP_FAILED else {
            throw MetricsError(description: "no memory for rate limits: \(String(cString: strerror(errno)))")
        }
        words = memory.bindMemory(to: UInt64.self, capacity: RateBoard.size / 8)
        if isShared {
            salt = Array(UnsafeRawBufferPointer(start: words + 1, count: 32))
        } else {
            salt = Secrets.fingerprint(Secrets.token())
        }
    }

    deinit { munmap(words, RateBoard.size) }

    /// In a supervisor: memory for its web processes to share; -1 where the system has none, and each has its own then.
    static func make() -> Int32 {
        let descriptor = ThreadFaults.memory("lyceum rates")
        guard descriptor >= 0 else { return -1 }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var head = [UInt64](repeating: 0, count: RateBoard.head)
        head[0] = mark
        head.withUnsafeMutableBytes { bytes in
            for (index, byte) in Secrets.fingerprint(Secrets.token()).enumerated() { bytes[8 + index] = byte }
        }
        let isWritten =
            ftruncate(descriptor, off_t(size)) == 0
            && head.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) } == head.count * 8
        guard isWritten else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// What a limit has left for somebody.
    struct Left {
        /// Whether this request is within it.
        let isWithin: Bool
        /// How many more requests are.
        let requests: Int
        /// In how many seconds the quota is whole again, rounded up.
        let reset: Int
        /// In how many seconds there is room for one again; 0 where there is.
        let wait: Int
    }

    /// Who uses which limit, as a digest that nobody can turn back.
    func key(_ limit: [UInt8], _ subject: [UInt8]) -> UInt64 {
        salt.withUnsafeBufferPointer { salt in
            limit.withUnsafeBufferPointer { limit in
                subject.withUnsafeBufferPointer { subject in
                    Secrets.digest([salt, limit, subject]).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
                }
            }
        }
    }

    /// Counts a request, unless it is one too many.
    ///
    /// - Parameter now: in microseconds of a clock that all processes of the host share.
    func take(_ key: UInt64, quota: Int, seconds: Int, now: UInt64) -> Left {
        let each = max(1, UInt64(seconds) * 15_625 / UInt64(quota))
        let whole = each * UInt64(quota)
        let now = now >> 6
        let mask = (1 << RateBoard.digits) - 1 as UInt64
        // Never 0, which is an empty word.
        let name = max(1, key >> RateBoard.digits)
        let set = Int(truncatingIfNeeded: key & UInt64(RateBoard.sets - 1))
        let row = UnsafeMutableRawPointer(words + RateBoard.head + set * RateBoard.ways)
            .assumingMemoryBound(to: Atomic<UInt64>.self)
        func left(_ time: UInt64, _ isWithin: Bool) -> Left {
            let used = time - now
            let over = used + each > whole ? used + each - whole : 0
            return Left(
                isWithin: isWithin, requests: used >= whole ? 0 : Int((whole - used) / each),
                reset: Int((used + 15_624) / 15_625), wait: isWithin ? 0 : max(1, Int((over + 15_624) / 15_625)))
        }
        var after = now + each
        // Another process may count in the same set at the same time; then it is looked at again.
        for _ in 0..<1_000 {
            var (place, word, oldest) = (0, UInt64(0), UInt64.max)
            var time = now
            for index in 0..<RateBoard.ways {
                let other = row[index].load(ordering: .relaxed)
                if other >> RateBoard.digits == name {
                    (place, word) = (index, other)
                    time = max(now, other & mask)
                    break
                }
                if other & mask < oldest { (place, word, oldest) = (index, other, other & mask) }
            }
            after = time + each
            guard after - now <= whole else { return left(time, false) }
            let (done, _) = row[place].compareExchange(
                expected: word, desired: name << RateBoard.digits | after & mask, ordering: .relaxed)
            if done { break }
        }
        return left(after, true)
    }
}
