internal import FastCGI
internal import Glibc

/// Wakes threads that wait for events, each by a pipe of its own; ringing never blocks, and a second ring adds nothing.
final class Bell: Sendable {
    private let pipes: [SignalPipe]

    /// A bell for so many threads.
    init(listeners count: Int) throws {
        var pipes: [SignalPipe] = []
        for _ in 0..<count { pipes.append(try SignalPipe()) }
        self.pipes = pipes
    }

    func ring() { for pipe in pipes { pipe.send(1) } }

    /// Waits, on the thread of this number, for a ring, but no longer than this; false when the time was up.
    func wait(_ thread: Int, milliseconds: Int) -> Bool {
        let pipe = pipes[thread]
        guard pipe.wait(timeout: .milliseconds(milliseconds)) != .timeout else { return false }
        while pipe.next() != nil {}
        return true
    }
}
