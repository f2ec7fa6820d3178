import Foundation
import Testing

/// `./lyceum` on a state directory and a port of a test's own; what still runs when the test ends is stopped.
final class Launcher {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let base: URL
    let state: String
    let port: Int
    private var environment: [String: String]

    /// A run of the launcher, to wait for or to end.
    final class Run {
        let process = Process()
        let output: URL

        init(_ output: URL) { self.output = output }

        /// What it said so far, on both outputs.
        var said: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

        /// Waits for its end, at most so long; nil when it runs on.
        func wait(_ limit: Duration = .seconds(90)) async throws -> Int32? {
            let deadline = ContinuousClock.now + limit
            while process.isRunning {
                if ContinuousClock.now > deadline { return nil }
                try await Task.sleep(for: .milliseconds(20))
            }
            return process.terminationStatus
        }

        /// Waits until it says something; false when it ends or does not say it in time.
        func says(_ text: String, _ limit: Duration = .seconds(90)) async throws -> Bool {
            let deadline = ContinuousClock.now + limit
            while !said.contains(text) {
                if !process.isRunning || ContinuousClock.now > deadline { return said.contains(text) }
                try await Task.sleep(for: .milliseconds(10))
            }
            return true
        }
    }

    /// - Parameter name: the name of the state directory.
    init(_ name: String = "state") throws {
        base = URL(filePath: "/tmp/lyceum-up-" + UUID().uuidString.prefix(8))
        try FileManager.default.createDirectory(
            at: base, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        state = base.appending(path: name).path
        port = try Launcher.freePort()
        environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LYCEUM_") }
        environment["LYCEUM_NO_BUILD"] = "1"
        environment["LYCEUM_STATE"] = state
    }

    /// Ends what runs and removes what was made.
    func end() async throws {
        _ = try await start("down").wait()
        try FileManager.default.removeItem(at: base)
    }

    /// Kills the database's server, as the system does when memory runs out.
    func killDatabase() throws {
        let text = try String(contentsOfFile: state + "/postgres/postmaster.pid", encoding: .utf8)
        let id = try #require(Int32(text.prefix { $0 != "\n" }))
        try #require(kill(id, SIGKILL) == 0)
    }

    /// The process of `lyceum serve`.
    func supervisor() throws -> Int32 {
        let text = try String(contentsOfFile: state + "/run/supervisor.pid", encoding: .utf8)
        return try #require(Int32(text.prefix { $0 != " " }))
    }

    /// Runs SQL in a region's database, as the user whom it belongs to.
    func sql(_ region: String, _ text: String) throws {
        let run = Process()
        run.executableURL = URL(filePath: "/usr/bin/env")
        let become = getuid() == 0 ? ["setpriv", "--reuid=lyceum", "--regid=lyceum", "--init-groups"] : []
        run.arguments =
            become + [
                "psql", "-q", "-h", state + "/run/postgres", "-U", "lyceum", "-d", "lyceum_" + region, "-c", text,
            ]
        run.currentDirectoryURL = URL(filePath: "/")
        try run.run()
        run.waitUntilExit()
        try #require(run.terminationStatus == 0)
    }

    /// A copy of the example configuration that a test may change.
    func configuration() throws -> URL {
        let config = base.appending(path: "Config")
        try FileManager.default.copyItem(at: Launcher.repository.appending(path: "Config"), to: config)
        return config
    }

    /// Waits until a page has a status, or a condition holds; false when it does not come to that within 30 s.
    func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            if ContinuousClock.now > deadline { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    /// Starts the launcher.
    func start(_ arguments: String...) throws -> Run { try start(arguments) }

    /// Runs a command to its end.
    func run(_ arguments: String...) async throws -> (code: Int32?, said: String) {
        let run = try start(arguments)
        let code = try await run.wait()
        return (code, run.said)
    }

    /// Starts `up` on the test's port.
    func up(_ more: String...) throws -> Run { try start(["up", "--port", "\(port)"] + more) }

    func start(_ arguments: [String]) throws -> Run {
        let run = Run(base.appending(path: "output-" + UUID().uuidString.prefix(8)))
        try Data().write(to: run.output)
        let file = try #require(FileHandle(forWritingAtPath: run.output.path))
        run.process.executableURL = Launcher.repository.appending(path: "lyceum")
        run.process.arguments = arguments
        run.process.environment = environment
        (run.process.standardOutput, run.process.standardError) = (file, file)
        run.process.standardInput = FileHandle.nullDevice
        try run.process.run()
        return run
    }

    /// The status of a page of a region, or of the index; nil when nobody answers.
    func status(_ path: String = "/", region: String? = nil) async throws -> Int? {
        let run = Process()
        run.executableURL = URL(filePath: "/usr/bin/curl")
        let host = region.map { "\($0).localhost" } ?? "localhost"
        run.arguments = [
            "-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: \(host):\(port)",
            "http://127.0.0.1:\(port)\(path)",
        ]
        let pipe = Pipe()
        run.standardOutput = pipe
        try run.run()
        let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
        run.waitUntilExit()
        let status = Int(String(decoding: text, as: UTF8.self))
        return status == 0 ? nil : status
    }

    /// The processes whose command lines name the state directory.
    func processes() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.compactMap { id in
            guard let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else { return nil }
            let line = String(decoding: words.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
            return line.contains(state) ? "\(id) \(line)" : nil
        }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        try #require(result == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
