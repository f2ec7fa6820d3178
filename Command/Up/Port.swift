internal import Foundation

/// The port of nginx.
enum Port {
    /// Makes sure that nobody listens there.
    ///
    /// - Throws: ``Failure`` which names the port and `--port`.
    static func check(_ port: Int) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("no socket can be made: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        // As nginx does it: connections of yesterday's nginx that linger do not count.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1) == 0 else {
            switch errno {
            case EADDRINUSE:
                throw Failure(
                    "port \(port) is taken by another program; stop that one, or choose another port: --port \(port + 1)"
                )
            case EACCES:
                throw Failure("port \(port) is for privileged programs only; choose one from 1024 on with --port")
            default:
                throw Failure("port \(port) cannot be used: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Asks for a page and answers the status; nil when nobody answers.
    static func status(_ port: Int, host: String, path: String) -> Int? { answer(port, host: host, path: path)?.status }

    /// Asks for a page and answers its status and the beginning of its text; nil when nobody answers.
    static func answer(_ port: Int, host: String, path: String) -> (status: Int, text: String)? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard withAddress(port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
        let request = "GET \(path) HTTP/1.0\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        guard write(descriptor, request, request.utf8.count) == request.utf8.count else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        var size = 0
        while size < buffer.count {
            let count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + size }, bytes.count - size)
            }
            guard count > 0 else { break }
            size += count
        }
        let said = String(decoding: buffer[..<size], as: UTF8.self)
        // The reason may be missing: nginx passes on what FastCGI says.
        let words = said.prefix { !$0.isNewline }.split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        return (status, said.firstRange(of: "\r\n\r\n").map { String(said[$0.upperBound...]) } ?? "")
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
