internal import Foundation

/// Speaks HTTP/1.1 to a web server on this machine, one connection for each request.
///
/// Names below `localhost` are not resolved by every system, so the address is always 127.0.0.1 and the name goes into `Host`.
public struct LiveClient: TestClient {
    private let port: UInt16
    private let host: String

    /// A client of a region, or of the index of regions when `region` is nil.
    public init(port: UInt16, region: String?) {
        self.port = port
        host = (region.map { $0 + "." } ?? "") + "localhost:\(port)"
    }

    /// Sends a request and reads the answer to its end; blocks a thread of its own meanwhile.
    public func send(_ request: TestRequest) async throws -> TestResponse {
        let (port, host) = (port, host)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try LiveClient.exchange(request, port, host) })
            }
        }
    }

    /// Sends bytes as they are and answers all that comes back, for requests that are not well formed.
    public func raw(_ bytes: [UInt8]) throws -> String {
        try raw(bytes, then: [], after: .zero)
    }

    /// The same in two parts with a pause between them.
    public func raw(_ bytes: [UInt8], then rest: [UInt8], after pause: Duration) throws -> String {
        let socket = try LiveClient.dial(port)
        defer { close(socket) }
        try LiveClient.send(bytes, socket)
        if !rest.isEmpty {
            usleep(UInt32(pause / .microseconds(1)))
            try LiveClient.send(rest, socket)
        }
        return String(decoding: try LiveClient.readAll(socket), as: UTF8.self)
    }

    /// Sends bytes as they are and hangs up at once, without waiting for an answer; `rudely` means by a reset.
    public func hangUp(after bytes: [UInt8], rudely: Bool = false) throws {
        let socket = try LiveClient.dial(port)
        defer { close(socket) }
        try LiveClient.send(bytes, socket)
        guard rudely else { return }
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    private static func exchange(_ request: TestRequest, _ port: UInt16, _ host: String) throws -> TestResponse {
        var head = "\(request.method) \(request.target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
        for (name, value) in request.headers { head += "\(name): \(value)\r\n" }
        if !request.body.isEmpty || request.method == "POST" { head += "Content-Length: \(request.body.count)\r\n" }
        let socket = try dial(port)
        defer { close(socket) }
        try send(Array((head + "\r\n").utf8) + request.body, socket)
        return try parse(try readAll(socket))
    }

    private static func dial(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            throw LiveClientError(description: "nothing listens on 127.0.0.1:\(port)")
        }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    private static func send(_ bytes: [UInt8], _ socket: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            // A server that has answered before it read everything may close its end.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func readAll(_ socket: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static func parse(_ bytes: [UInt8]) throws -> TestResponse {
        guard let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else {
            throw LiveClientError(description: "the answer broke off: \(String(decoding: bytes, as: UTF8.self))")
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        var body = Array(bytes[end.upperBound...])
        if headers.contains(where: { $0.name.lowercased() == "transfer-encoding" && $0.value == "chunked" }) {
            body = unchunk(body)
        }
        return TestResponse(status: status, headers: headers, body: body)
    }

    private static func unchunk(_ bytes: [UInt8]) -> [UInt8] {
        var (out, at): ([UInt8], Int) = ([], 0)
        while let line = bytes[at...].firstIndex(of: 13),
            let size = Int(String(decoding: bytes[at..<line], as: UTF8.self), radix: 16), size > 0,
            line + 2 + size <= bytes.count
        {
            out += bytes[(line + 2)..<(line + 2 + size)]
            at = line + 2 + size + 2
            if at >= bytes.count { break }
        }
        return out
    }
}

/// Why an exchange failed.
public struct LiveClientError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String
}
