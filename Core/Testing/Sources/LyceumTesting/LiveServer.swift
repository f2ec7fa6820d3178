internal import Foundation
internal import Kernel

/// nginx on a free port of 127.0.0.1, configured by the platform's own `nginx/standalone.conf`; it ends with this object,
/// and with the test's process however that ends.
public final class LiveServer: Sendable {
    /// Where it listens on 127.0.0.1.
    public let port: UInt16
    private let nginx: Child
    /// Waits for the end of a pipe that only this process writes to, and ends nginx then.
    private let watch: Child
    private let lifeline: Int32

    private static let files = URL(filePath: #filePath).appending(path: "../../../../../nginx").standardized.path
    private static let program =
        ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].first(where: FileManager.default.isExecutableFile) ?? "nginx"

    /// Starts nginx and waits until it listens.
    ///
    /// - Parameters:
    ///   - socket: where the workers answer.
    ///   - directory: for the configuration, the logs and temporary files; it exists.
    ///   - uploads: the directory of uploaded files.
    public init(socket: String, directory: String, uploads: String? = nil) async throws {
        for part in ["/temp", "/assets"] {
            try FileManager.default.createDirectory(atPath: directory + part, withIntermediateDirectories: true)
        }
        // Bootstrap lies beside it where people look at pages; tests do not.
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/assets/lyceum", withDestinationPath: Self.files + "/assets")
        // Between the moment when a port is found free and the moment when nginx takes it, another may.
        for _ in 0..<10 {
            let port = try Self.freePort()
            try Self.write(
                port: port, socket: socket, directory: directory, uploads: uploads ?? directory + "/uploaded")
            let nginx = try Child(
                Self.program,
                [
                    "-p", directory, "-c", directory + "/nginx.conf", "-e", directory + "/error.log", "-g",
                    "daemon off;",
                ],
                errors: .nowhere, ownGroup: true)
            do {
                try await waitUntil("nginx listens", within: 20) { nginx.status() != nil || Self.answers(port) }
            } catch {
                _ = nginx.stop(SIGKILL)
                throw error
            }
            if nginx.status() != nil { continue }
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else {
                _ = nginx.stop(SIGKILL)
                throw LiveServerError(description: "no pipe can be made")
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            defer { close(ends[0]) }
            (self.port, self.nginx, lifeline) = (port, nginx, ends[1])
            do {
                watch = try Child(
                    "/bin/sh", ["-c", "read -r nothing <&3; kill \(nginx.id)"], descriptors: [3: ends[0]],
                    ownGroup: true)
            } catch {
                close(ends[1])
                _ = nginx.stop(SIGKILL)
                throw error
            }
            return
        }
        let log = (try? String(contentsOfFile: directory + "/error.log", encoding: .utf8)) ?? "is it installed?"
        throw LiveServerError(description: "nginx does not start: \(log)")
    }

    deinit {
        stop()
        close(lifeline)
    }

    /// Stops it, and returns when it has ended.
    public func stop() {
        _ = watch.stop(SIGKILL)
        // nginx's workers outlive a master that is killed.
        if nginx.stop(SIGTERM, within: .seconds(10)) == .signalled(SIGKILL) { kill(-nginx.id, SIGKILL) }
    }

    private static func write(port: UInt16, socket: String, directory: String, uploads: String) throws {
        var text = try String(contentsOfFile: files + "/standalone.conf", encoding: .utf8)
        for (name, value) in [
            "PORT": "\(port)", "STATE": directory, "SOCKET": socket, "ASSETS": directory + "/assets",
            "NGINX": files, "FILES": uploads, "BODY": "1048576",
        ] { text = text.replacing("@\(name)@", with: value) }
        try text.write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
    }

    /// Below the range from which the system takes ports for outgoing connections.
    private static func freePort() throws -> UInt16 {
        for _ in 0..<200 {
            let port = UInt16.random(in: 20_000..<32_000)
            if with(port, { bind($0, $1, $2) == 0 }) { return port }
        }
        throw LiveServerError(description: "no free port between 20000 and 32000")
    }

    private static func answers(_ port: UInt16) -> Bool { with(port) { connect($0, $1, $2) == 0 } }

    private static func with(
        _ port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Why nginx cannot be started for a test.
struct LiveServerError: Error, CustomStringConvertible {
    let description: String
}
