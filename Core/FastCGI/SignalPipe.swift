import CFastCGI
import Glibc

/// Signals as something to wait for: each that is caught becomes a number in a pipe, whichever thread it reached.
///
/// A process catches signals with one `SignalPipe`; the last to call ``catching(_:)`` has them. Others may exist beside
/// it and be told things by ``send(_:)``.
public final class SignalPipe: Sendable {
    /// Readable when a number waits; for `poll` together with other descriptors.
    public let descriptor: Int32
    private let writer: Int32

    /// Makes the pipe.
    ///
    /// - Throws: ``ServerError`` when the process has no descriptor left.
    public init() throws(ServerError) {
        var ends: [Int32] = [-1, -1]
        guard lyceum_pipe(&ends) == 0 else { throw ServerError("cannot make a pipe: \(ErrorNumber.last)") }
        descriptor = ends[0]
        writer = ends[1]
    }

    deinit {
        lyceum_signals_leave(writer)
        close(writer)
        close(descriptor)
    }

    /// Catches these signals from now on, also where they were ignored; unblocks them in the calling thread.
    public func catching(_ signals: [Int32]) {
        lyceum_signals_to(writer)
        for signal in signals { lyceum_signal_catch(signal) }
    }

    /// Puts a number from 1 to 255 into the pipe, as if that signal had come.
    public func send(_ number: Int32) {
        var byte = UInt8(truncatingIfNeeded: number)
        _ = Glibc.write(writer, &byte, 1)
    }

    /// The next number that waits, or nil.
    public func next() -> Int32? {
        var byte: UInt8 = 0
        return Glibc.read(descriptor, &byte, 1) == 1 ? Int32(byte) : nil
    }

    /// What ended a wait.
    public enum Event: Equatable, Sendable {
        /// This signal, or number sent.
        case signal(Int32)
        /// The time was up.
        case timeout
        /// Nobody reads the lifeline any more: the process that started this one is gone.
        case orphaned
    }

    /// Waits for a number, no longer than `timeout` (nil: for ever).
    ///
    /// `lifeline` is the writing end of a pipe whose only reader is the process that started this one (or nil).
    public func wait(timeout: Duration? = nil, lifeline: Int32? = nil) -> Event {
        let end = timeout.map { lyceum_now() + $0.milliseconds }
        while true {
            if let number = next() { return .signal(number) }
            let left = end.map { $0 - lyceum_now() } ?? -1
            if end != nil, left <= 0 { return .timeout }
            var waiting = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            if let lifeline { waiting.append(pollfd(fd: lifeline, events: 0, revents: 0)) }
            let count = poll(&waiting, nfds_t(waiting.count), Int32(clamping: left))
            if count > 0, waiting[0].revents == 0, waiting.count > 1, waiting[1].revents != 0 { return .orphaned }
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
