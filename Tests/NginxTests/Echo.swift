import Foundation
import Glibc
import Synchronization
import Testing

/// A FastCGI program on a unix socket that answers with the parameters it was given, one `NAME=VALUE` on a line.
///
/// It speaks just enough of the protocol (FastCGI 1.0, section 3) to show what nginx sends, keeps connections as asked,
/// and drops a connection in the middle of each of its first `faults` requests.
final class Echo: Sendable {
    private let listener: Int32
    private let faults: Mutex<Int>
    private let requests = Mutex(0)
    private let connections = Mutex(0)
    private let open = Mutex<[Int32]>([])

    /// How many requests were read to their end.
    var requestCount: Int { requests.withLock { $0 } }
    /// How many connections were accepted.
    var connectionCount: Int { connections.withLock { $0 } }

    init(_ path: String, faults: Int = 0) throws {
        self.faults = Mutex(faults)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let entrance = listener
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(entrance, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(entrance, 64) == 0
            }
        }
        try #require(bound)
        // nginx's workers may run as another user than this test.
        chmod(path, 0o666)
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(entrance, nil, nil)
                guard connection >= 0 else { return }
                guard let echo = self else {
                    close(connection)
                    return
                }
                echo.connections.withLock { $0 += 1 }
                echo.open.withLock { $0.append(connection) }
                Thread.detachNewThread { [weak echo] in
                    while let kept = echo?.serve(connection), kept {}
                    echo?.open.withLock { $0.removeAll { $0 == connection } }
                    close(connection)
                }
            }
        }
    }

    /// Ends all threads.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        open.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
    }

    deinit { close(listener) }

    /// Answers one request; false when the connection is at its end.
    private func serve(_ connection: Int32) -> Bool {
        var (parameters, keeps, identifier) = ([UInt8](), false, [UInt8]())
        while true {
            guard let head = read(connection, 8),
                let content = read(connection, Int(head[4]) << 8 | Int(head[5])), read(connection, Int(head[6])) != nil
            else { return false }
            switch head[1] {
            case 1: (keeps, identifier) = (content[2] & 1 == 1, Array(head[2...3]))
            case 4: parameters += content
            case 5 where content.isEmpty:
                let fails = faults.withLock { left in
                    left -= 1
                    return left >= 0
                }
                requests.withLock { $0 += 1 }
                if fails { return false }
                let body = Array(("Content-Type: text/plain\r\n\r\n" + text(parameters)).utf8)
                var answer: [UInt8] =
                    [1, 6] + identifier + [UInt8(body.count >> 8), UInt8(body.count & 255), 0, 0] + body
                answer +=
                    [1, 6] + identifier + [0, 0, 0, 0] + [1, 3] + identifier + [0, 8, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0]
                _ = answer.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                return keeps
            default: continue
            }
        }
    }

    private func read(_ connection: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let more = bytes[have...].withUnsafeMutableBytes { recv(connection, $0.baseAddress, $0.count, 0) }
            guard more > 0 else { return nil }
            have += more
        }
        return bytes
    }

    /// The name-value pairs of section 3.4, each on a line.
    private func text(_ bytes: [UInt8]) -> String {
        var (index, lines) = (0, [String]())
        func length() -> Int {
            defer { index += bytes[index] < 128 ? 1 : 4 }
            if bytes[index] < 128 { return Int(bytes[index]) }
            return bytes[index..<(index + 4)].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        }
        while index < bytes.count {
            let (name, value) = (length(), length())
            lines.append(
                String(decoding: bytes[index..<(index + name)], as: UTF8.self) + "="
                    + String(decoding: bytes[(index + name)..<(index + name + value)], as: UTF8.self))
            index += name + value
        }
        return lines.joined(separator: "\n")
    }
}
