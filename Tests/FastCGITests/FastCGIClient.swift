import Glibc

/// Speaks FastCGI as nginx does: one request at a time on a connection that it keeps.
final class FastCGIClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    struct Answer {
        var output: [UInt8] = []
        /// The types of records that came after END_REQUEST, in the same read.
        var after: [UInt8] = []

        var text: String { String(decoding: output, as: UTF8.self) }
        /// What follows the CGI headers.
        var body: String { text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? text }
        var status: Int? { text.hasPrefix("Status: ") ? Int(text.dropFirst(8).prefix(3)) : nil }
    }

    private(set) var socket: Int32

    /// Takes over a connected socket.
    init(socket: Int32) { self.socket = socket }

    /// Connects to a unix socket; reads and writes give up after ten seconds.
    init(path: String) throws {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard Self.connect(socket, path) == 0 else {
            let reason = errno
            close(socket)
            throw Failure("cannot connect to \(path): \(String(cString: strerror(reason)))")
        }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { hangUp() }

    func hangUp() {
        if socket >= 0 { close(socket) }
        socket = -1
    }

    private static func connect(_ socket: Int32, _ path: String) -> Int32 {
        withSocketAddress(path) { Glibc.connect(socket, $0, $1) }
    }

    // MARK: - Sending

    /// The records of a request.
    ///
    /// `announced` is CONTENT_LENGTH: the body's length unless told otherwise, or none.
    static func request(
        _ path: String, headers: [(String, String)] = [], body: [UInt8] = [], announced: Int?? = .none,
        keep: Bool = true,
        isLengthSent: Bool = true
    ) -> [UInt8] {
        var parameters: [(String, String)] = [
            ("DOCUMENT_URI", path), ("REQUEST_METHOD", body.isEmpty ? "GET" : "POST"), ("SERVER_PROTOCOL", "HTTP/1.1"),
        ]
        let length: Int? = announced ?? body.count
        if isLengthSent { parameters.append(("CONTENT_LENGTH", length.map { $0 > 0 ? String($0) : "" } ?? "")) }
        parameters += headers
        var bytes = record(1, [0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0])
        bytes += record(4, parameters.flatMap { pair($0.0, $0.1) })
        bytes += record(4, [])
        var rest = body[...]
        while !rest.isEmpty {
            bytes += record(5, Array(rest.prefix(32768)))
            rest = rest.dropFirst(32768)
        }
        return bytes + record(5, [])
    }

    static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        let padding = (8 - content.count % 8) % 8
        return [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xFF), UInt8(padding), 0]
            + content + [UInt8](repeating: 0, count: padding)
    }

    private static func pair(_ name: String, _ value: String) -> [UInt8] {
        length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 128
            ? [UInt8(count)]
            : [UInt8(count >> 24 | 0x80), UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw Failure("cannot send: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(sent)
        }
    }

    // MARK: - Receiving

    /// Reads up to END_REQUEST and what came with it.
    func answer() throws -> Answer {
        var answer = Answer()
        var buffer: [UInt8] = []
        var isEnded = false
        while true {
            var at = 0
            while buffer.count - at >= 8 {
                let length = Int(buffer[at + 4]) << 8 | Int(buffer[at + 5]), whole = 8 + length + Int(buffer[at + 6])
                guard buffer.count - at >= whole else { break }
                let type = buffer[at + 1]
                if isEnded { answer.after.append(type) }
                if type == 6 { answer.output += buffer[(at + 8)..<(at + 8 + length)] }
                if type == 3 { isEnded = true }
                at += whole
            }
            buffer.removeFirst(at)
            if isEnded { return answer }
            var part = [UInt8](repeating: 0, count: 65536)
            let got = recv(socket, &part, part.count, 0)
            if got == 0 { throw Failure("closed after \(answer.output.count) bytes of the answer") }
            if got < 0 { throw Failure("no answer: \(String(cString: strerror(errno)))") }
            buffer += part[..<got]
        }
    }

    /// A request and its answer.
    func ask(
        _ path: String, headers: [(String, String)] = [], body: [UInt8] = [], announced: Int?? = .none
    ) throws -> Answer {
        try send(Self.request(path, headers: headers, body: body, announced: announced))
        return try answer()
    }

    /// Whether the other side closed, within so many milliseconds.
    func isClosed(within milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) == 1 else { return false }
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK)) <= 0
    }
}

/// Calls with a unix socket's address.
func withSocketAddress<Value>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    precondition(path.utf8.count < 108, "\(path) is too long for a socket")
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
