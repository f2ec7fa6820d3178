internal import Glibc

extension Child {
    /// What a program that was run to its end said.
    public struct Outcome: Sendable {
        /// How it ended.
        public let status: Status
        /// Its standard output, as UTF-8; bytes that are none are replaced.
        public let output: String
        /// Its standard error, likewise.
        public let errors: String

        /// Its standard error, or its output where that is empty, without white space at the ends: for messages.
        public var complaint: String {
            let text = errors.isEmpty ? output : errors
            let kept = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }
            return String(kept.reversed())
        }
    }

    /// Runs a program to its end and returns what it said.
    ///
    /// Output past `most` bytes of each kind is read and thrown away. What a grandchild still writes once the program itself
    /// has ended is not waited for.
    ///
    /// - Throws: `ChildError` when it cannot be started, or when it has not ended after `limit`; it is killed then.
    public static func run(
        _ executable: String, _ arguments: [String] = [], environment: [String]? = nil, directory: String? = nil,
        input: Int32? = nil, limit: Duration = .seconds(60), most: Int = 4 << 20
    ) throws(ChildError) -> Outcome {
        var output = try Pipe()
        defer { output.close() }
        var errors = try Pipe()
        defer { errors.close() }
        let child = try Child(
            executable, arguments, environment: environment, directory: directory,
            descriptors: input.map { [0: $0] } ?? [:],
            output: .descriptor(output.writing), errors: .descriptor(errors.writing))
        output.closeWriting()
        errors.closeWriting()
        let deadline = ContinuousClock.now + limit
        var ended: Status?
        while true {
            // The child's end is looked at before its pipes: what it wrote before it ended is then read for certain.
            ended = ended ?? child.status()
            let moved = output.read(most: most)
            let movedErrors = errors.read(most: most)
            if output.finished, errors.finished { break }
            if moved || movedErrors { continue }
            if ended != nil { break }
            if ContinuousClock.now >= deadline { break }
            var polled = [
                pollfd(fd: output.finished ? -1 : output.reading, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors.finished ? -1 : errors.reading, events: Int16(POLLIN), revents: 0),
            ]
            poll(&polled, 2, 50)
        }
        let left = deadline - ContinuousClock.now
        guard let status = ended ?? child.wait(atMost: max(left, .zero)) else {
            child.kill(SIGKILL)
            _ = child.wait()
            throw ChildError("\(executable) had not ended after \(limit.seconds) s and was killed")
        }
        return Outcome(status: status, output: output.text, errors: errors.text)
    }
}

/// A pipe whose reading end does not block, and what came out of it.
private struct Pipe {
    private(set) var reading: Int32 = -1
    private(set) var writing: Int32 = -1
    private(set) var finished = false
    private var bytes: [UInt8] = []

    init() throws(ChildError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ChildError("no pipe for a child's output", reason: errno) }
        (reading, writing) = (ends[0], ends[1])
        // Not close-on-exec from the first instant (glibc's Swift module lacks pipe2): no child started here inherits it anyway.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Reads what is there; returns whether anything was.
    mutating func read(most: Int) -> Bool {
        if finished { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16_384) { buffer in
            let count = Glibc.read(reading, buffer.baseAddress, buffer.count)
            if count > 0 {
                bytes.append(contentsOf: buffer[..<min(count, max(most - bytes.count, 0))])
                return true
            }
            if count == 0 || (errno != EAGAIN && errno != EINTR) { finished = true }
            return false
        }
    }

    mutating func closeWriting() {
        if writing >= 0 { Glibc.close(writing) }
        writing = -1
    }

    mutating func close() {
        closeWriting()
        if reading >= 0 { Glibc.close(reading) }
        reading = -1
    }
}
