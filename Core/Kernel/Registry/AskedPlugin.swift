internal import Glibc
internal import Synchronization

/// Which plugin is asked for something at this moment, so that a process that its code ends can still name it.
///
/// A plugin in a process is trusted code, and can end it. Workers note that on a board (``LastWords``); a command, which has none,
/// says it by itself:
///
///     lyceum: region school: the plugin lending 1.0.0 crashed (signal 6) when it was asked what it contributes
public enum AskedPlugin {
    /// From here on a fault of this process is told on its standard error, with the plugin that was being asked, and ends it with
    /// code 1; a fault outside of plugins ends it as ever.
    public static func tellFaults() {
        // Both are made here, before any handler needs them.
        note("")
        isTelling.store(true, ordering: .relaxed)
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { AskedPlugin.end($0) }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_ONSTACK
            sigaction(number, &action, nil)
        }
    }

    /// Asks a plugin for something; `before` and `after` stand around `crashed (signal 6)` in what is said of its crash.
    static func asking<Value, Failure: Error>(
        _ before: @autoclosure () -> String, _ after: StaticString, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard isTelling.load(ordering: .relaxed) else { return try body() }
        note("lyceum: \(before()) crashed (signal #) \(after)\n")
        defer { note("") }
        return try body()
    }

    /// The sentence with # for the number, ended by a zero; empty where no plugin is asked.
    private static let words = Words()
    private static let isTelling = Atomic<Bool>(false)

    /// Memory that a handler of signals may read at any time.
    private struct Words: Sendable {
        static let size = 1_024
        // Never freed. Commands resolve plugins on one thread, which alone writes it; a handler that comes in between reads a
        // sentence that is cut short, and nothing else reads it.
        nonisolated(unsafe) let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)

        init() { bytes.initialize(repeating: 0, count: Words.size) }
    }

    private static func note(_ sentence: String) {
        let bytes = words.bytes
        bytes[0] = 0
        var end = 0
        for byte in sentence.utf8.prefix(Words.size - 1) {
            bytes[end] = byte
            end += 1
        }
        bytes[end] = 0
    }

    /// Only what may be done in a handler of signals: memory that is there, `write` and `_exit`.
    private static func end(_ number: Int32) {
        let bytes = words.bytes
        guard bytes[0] != 0 else {
            raise(number)
            return
        }
        var index = 0
        while index < Words.size, bytes[index] != 0 {
            if bytes[index] == UInt8(ascii: "#") {
                var digits: (UInt8, UInt8) = (48 + UInt8(truncatingIfNeeded: number / 10), 48 + UInt8(number % 10))
                withUnsafeBytes(of: &digits) { pair in
                    let skipped = number < 10 ? 1 : 0
                    _ = write(2, pair.baseAddress.map { $0 + skipped }, 2 - skipped)
                }
            } else {
                _ = write(2, bytes + index, 1)
            }
            index += 1
        }
        _exit(1)
    }
}
