internal import FastCGI
internal import Glibc
internal import Lyceum
internal import Synchronization

/// A board on which each thread of a process keeps what it is doing, in memory that the supervisor shares: so it can tell, when
/// the process has ended, which thread ended it and over what.
///
///     head (16 words) · a record of 8 words for each thread · the names of what they may be doing, a line each
final class ThreadBoard: Sendable {
    private typealias Head = ThreadFaults.Head
    static let magic: UInt64 = 0x3130_5444_4543_594C

    // Words are written by atomics, the head's before anybody else reads them; mapped until the process ends.
    private nonisolated(unsafe) let words: UnsafeMutablePointer<UInt64>
    private let records: Int
    private let taken = Atomic<Int>(0)

    /// Makes a board with room for so many threads, and has faults noted on it from now on; once per process.
    ///
    /// - Parameter descriptor: the memory; nil for memory of this process's own, in which only its own watchdog reads.
    init(records: Int, labels: [WorkLabel], descriptor: Int32?, fatal: FatalRequests?) throws {
        precondition(
            ThreadFaults.Record.words == ThreadWatch.Word.count && ThreadFaults.Record.work == ThreadWatch.Word.work
                && ThreadFaults.Record.request == ThreadWatch.Word.request
                && ThreadFaults.Record.thread == ThreadWatch.Word.thread,
            "both sides must agree where the words of a record are")
        let text = Array(labels.map(\.line).joined(separator: "\n").utf8)
        let size = (Head.words + records * ThreadWatch.Word.count) * 8 + text.count
        if let descriptor, ftruncate(descriptor, 0) != 0 || ftruncate(descriptor, size) != 0 {
            throw MetricsError(description: "no memory for the threads' board: \(String(cString: strerror(errno)))")
        }
        let memory = mmap(
            nil, size, PROT_READ | PROT_WRITE, descriptor == nil ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED,
            descriptor ?? -1, 0)
        guard let memory, memory != MAP_FAILED else {
            throw MetricsError(description: "no memory for the threads' board: \(String(cString: strerror(errno)))")
        }
        words = memory.bindMemory(to: UInt64.self, capacity: size / 8)
        self.records = records
        words[Head.count] = UInt64(records)
        words[Head.labels] = UInt64(text.count)
        text.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { memcpy(memory + size - text.count, start, text.count) }
        }
        words[Head.magic] = ThreadBoard.magic
        ThreadFaults.guarding(words, ring: fatal?.words)
    }

    /// A watch for the calling thread, with a place on the board; without one where there is no place left.
    func watch() -> ThreadWatch {
        let index = taken.add(1, ordering: .relaxed).oldValue
        guard index < records else { return ThreadWatch() }
        let record = words + Head.words + index * ThreadWatch.Word.count
        record[ThreadWatch.Word.thread] = ThreadFaults.thread
        ThreadFaults.prepareThread()
        // A word is a valid Atomic<UInt64>, which has the layout of its value.
        return ThreadWatch(UnsafeMutableRawPointer(record).assumingMemoryBound(to: Atomic<UInt64>.self))
    }

    /// Asks a thread for its request's id, and waits a little for the answer.
    func request(of watch: ThreadWatch) -> String? {
        guard watch.thread != 0 else { return nil }
        forget()
        words[Head.report] = 1
        ThreadFaults.signal(thread: watch.thread)
        let report = UnsafeMutableRawPointer(words + Head.report).assumingMemoryBound(to: Atomic<UInt64>.self)
        for _ in 0..<200 where report.pointee.load(ordering: .acquiring) == 1 { usleep(1_000) }
        guard report.pointee.load(ordering: .acquiring) == 2 else { return nil }
        let id = String(cString: UnsafeRawPointer(words + Head.request).assumingMemoryBound(to: CChar.self))
        return id.isEmpty ? nil : id
    }

    /// Forgets what was asked, because the thread came back after all.
    func forget() {
        words[Head.fatal] = 0
        words[Head.report] = 0
        memset(words + Head.request, 0, 64)
    }

    /// Ends the process in that thread, so that a dump of it shows where the thread was.
    func end(_ watch: ThreadWatch) -> Never {
        if watch.thread != 0 {
            ThreadFaults.signal(thread: watch.thread)
            usleep(2_000_000)
        }
        // It did not even take the signal.
        kill(getpid(), SIGKILL)
        exit(1)
    }
}
