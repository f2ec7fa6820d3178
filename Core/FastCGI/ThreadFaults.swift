import CFastCGI

/// Notes on a board, in memory that outlives the process, which thread ended it.
///
/// A board is words of eight bytes: a head, then a record for each thread; their places are named here once, because the
/// handlers of signals read and write them too.
package enum ThreadFaults {
    /// The words of the head.
    package enum Head {
        package static let magic = Int(LYCEUM_BOARD_MAGIC)
        package static let count = Int(LYCEUM_BOARD_COUNT)
        package static let labels = Int(LYCEUM_BOARD_LABELS)
        package static let fatal = Int(LYCEUM_BOARD_FATAL)
        package static let report = Int(LYCEUM_BOARD_REPORT)
        package static let request = Int(LYCEUM_BOARD_REQUEST)
        package static let words = Int(LYCEUM_BOARD_HEAD)
    }

    /// From here on faults of threads are noted on this board, and their requests in this ring; once per process.
    ///
    /// Both stay mapped.
    package static func guarding(_ board: UnsafeMutablePointer<UInt64>, ring: UnsafeMutablePointer<UInt64>?) {
        lyceum_board_guard(board, ring)
    }

    /// Notes faults of the calling thread even when its stack is full; for threads that live as long as the process.
    package static func prepareThread() { lyceum_board_stack() }

    /// The kernel's number of the calling thread.
    package static var thread: UInt64 { UInt64(lyceum_thread()) }

    /// Asks a thread to note its request's id on the board; the second time, to end the process by SIGABRT.
    package static func signal(thread: UInt64) { _ = lyceum_board_signal(Int(thread)) }

    /// Memory that processes share by its descriptor, or -1 with an errno.
    package static func memory(_ name: String) -> Int32 { lyceum_memory(name) }
}

extension ThreadFaults {
    /// The words of a thread's record.
    package enum Record {
        package static let work = Int(LYCEUM_RECORD_WORK)
        package static let due = Int(LYCEUM_RECORD_DUE)
        package static let scope = Int(LYCEUM_RECORD_SCOPE)
        package static let last = Int(LYCEUM_RECORD_LAST)
        package static let request = Int(LYCEUM_RECORD_REQUEST)
        package static let thread = Int(LYCEUM_RECORD_THREAD)
        package static let words = Int(LYCEUM_RECORD)
    }
}

extension ThreadFaults {
    /// The words of a ring of fatal requests.
    package enum Ring {
        package static let until = Int(LYCEUM_FATAL_UNTIL)
        package static let count = Int(LYCEUM_FATAL_COUNT)
        package static let ids = Int(LYCEUM_FATAL_IDS)
        package static let kept = Int(LYCEUM_FATAL_KEPT)
        package static let words = Int(LYCEUM_FATAL_WORDS)
    }
}
