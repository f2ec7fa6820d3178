import Foundation
import Glibc
import Synchronization
import Testing

/// A directory of a test's own, with a space in its path, in which nginx is configured and run.
final class Nginx: Sendable {
    /// Where nginx's files of the platform are.
    static let files = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "nginx").path
    static let program =
        ["/usr/sbin/nginx", "/usr/local/sbin/nginx"]
        .first(where: FileManager.default.isExecutableFile) ?? "nginx"

    let directory: String
    let port: Int
    private let process = Mutex<Process?>(nil)

    var workerSocket: String { directory + "/w.sock" }
    var configuration: String { directory + "/nginx.conf" }

    init() throws {
        // Short, because a socket's path ends at 107 bytes.
        directory = "/tmp/ly nginx \(UInt32.random(in: 0...UInt32.max))"
        for part in ["temp", "assets/lyceum", "files"] {
            try FileManager.default.createDirectory(atPath: directory + "/" + part, withIntermediateDirectories: true)
        }
        try "body { color: red }".write(
            toFile: directory + "/assets/lyceum/lyceum.css", atomically: true, encoding: .utf8)
        for name in try FileManager.default.contentsOfDirectory(atPath: Nginx.files)
        where name.hasSuffix(".conf") || name == "mime.types" {
            try FileManager.default.copyItem(atPath: Nginx.files + "/" + name, toPath: directory + "/files/" + name)
        }
        port = try Nginx.freePort()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A file of the platform's.
    func text(_ name: String) throws -> String {
        try String(contentsOfFile: directory + "/files/" + name, encoding: .utf8)
    }

    /// The standalone configuration, filled in as `lyceum up` does it.
    func fillStandalone() throws {
        var text = try text("standalone.conf")
        for (name, value) in [
            "PORT": "\(port)", "STATE": directory, "SOCKET": workerSocket, "ASSETS": directory + "/assets",
            "FILES": directory + "/uploaded",
            "NGINX": directory + "/files", "BODY": "1048576",
        ] { text = text.replacingOccurrences(of: "@\(name)@", with: value) }
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// What `nginx -t` says, and whether it is content.
    func check() throws -> (isValid: Bool, output: String) {
        try Nginx.run(Nginx.program, ["-t", "-p", directory, "-c", configuration, "-e", directory + "/error.log"])
    }

    /// Runs nginx until the test ends.
    func start() throws {
        let nginx = Process()
        nginx.executableURL = URL(filePath: Nginx.program)
        nginx.arguments = [
            "-p", directory, "-c", configuration, "-e", directory + "/error.log", "-g", "daemon off;",
        ]
        nginx.standardError = FileHandle.nullDevice
        try nginx.run()
        process.withLock { $0 = nginx }
        for _ in 0..<250 {
            if (try? HTTP.connect(port: port)).map({ close($0) }) != nil { return }
            usleep(20_000)
        }
        Issue.record(
            "nginx does not listen: \((try? String(contentsOfFile: directory + "/error.log", encoding: .utf8)) ?? "")")
    }

    func stop() {
        guard let nginx = process.withLock({ $0.take() }), nginx.isRunning else { return }
        nginx.terminate()
        nginx.waitUntilExit()
    }

    static func run(_ program: String, _ arguments: [String]) throws -> (Bool, String) {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus == 0, String(decoding: output, as: UTF8.self))
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = HTTP.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(bound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
