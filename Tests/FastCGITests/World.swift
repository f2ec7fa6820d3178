import FastCGI
import Foundation
import Glibc
import Synchronization

/// A listening socket in a directory of its own.
final class Listener: Sendable {
    let directory: String
    let path: String
    let descriptor: Int32

    init() throws {
        var template = Array("/tmp/lyceum-fastcgi-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FastCGIClient.Failure("no temporary directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = directory + "/web.sock"
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let isBound = withSocketAddress(path) { bind(descriptor, $0, $1) == 0 && listen(descriptor, 1024) == 0 }
        guard isBound else { throw FastCGIClient.Failure("cannot listen at \(path)") }
    }

    deinit {
        close(descriptor)
        unlink(path)
        rmdir(directory)
    }
}

/// A server in this process, on threads of its own.
final class LocalServer: Sendable {
    let listener: Listener
    let server: Server
    private let end = Mutex<Server.End?>(nil)
    private let done = DispatchSemaphore(value: 0)

    /// Starts one that answers with `answer`, and waits until it is ready.
    init(
        threads: Int = 2, bodyLimit: Int = 1 << 20, peerTimeout: Duration = .seconds(10),
        answer: @escaping @Sendable (borrowing Exchange) async -> String
    ) throws {
        listener = try Listener()
        let ready = DispatchSemaphore(value: 0)
        var settings = ServerSettings()
        settings.listener = listener.descriptor
        settings.threads = threads
        settings.bodyLimit = bodyLimit
        settings.peerTimeout = peerTimeout
        settings.takesSignals = false
        settings.shutsListener = true
        settings.drainDeadline = .seconds(10)
        settings.ready = { ready.signal() }
        server = try Server(settings)
        Thread.detachNewThread { [self] in
            let ended = server.run { ClosureLane(answer) }
            end.withLock { $0 = ended }
            done.signal()
        }
        guard ready.wait(timeout: .now() + 10) == .success else {
            throw FastCGIClient.Failure("the server is not ready")
        }
    }

    func client() throws -> FastCGIClient { try FastCGIClient(path: listener.path) }

    /// Stops it; every client must have hung up.
    func stop() -> Server.End? {
        server.stop(.full)
        guard done.wait(timeout: .now() + 15) == .success else { return nil }
        return end.withLock { $0 }
    }
}

/// Answers 200 with a closure's text.
final class ClosureLane: Lane {
    private let closure: @Sendable (borrowing Exchange) async -> String

    init(_ closure: @escaping @Sendable (borrowing Exchange) async -> String) { self.closure = closure }

    func answer(_ exchange: borrowing Exchange) async {
        let text = await closure(exchange)
        Array("Status: 200\r\n\r\n\(text)".utf8).withUnsafeBytes { _ = exchange.write($0) }
    }
}

/// Says whether something became true within so many seconds.
func eventually(_ seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Date.now.addingTimeInterval(seconds)
    while Date.now < end {
        if try condition() { return true }
        usleep(5000)
    }
    return try condition()
}
