import Foundation
import Glibc
import Kernel

/// A listener and a hand-over queue, as a supervisor keeps them, and the processes on them.
final class ProbeWorld {
    let listener: Listener
    private var queue: [Int32] = [-1, -1]
    private var probes: [Probe] = []

    var logPath: String { listener.directory + "/log" }
    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    init() throws {
        listener = try Listener()
        let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &queue) == 0 else { throw FastCGIClient.Failure("no queue") }
    }

    deinit {
        for probe in probes where probe.child.status() == nil {
            probe.child.kill(SIGKILL)
            _ = probe.child.wait()
        }
        for end in queue { close(end) }
        unlink(logPath)
    }

    /// Beside the test bundle, in the build directory.
    static var executable: String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("fastcgi-probe")
            .path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("fastcgi-probe").path
    }

    /// A process that says it is ready and ends when its reader goes.
    final class Probe {
        let child: Child
        fileprivate var lifeline: Int32

        fileprivate init(_ child: Child, _ lifeline: Int32) {
            self.child = child
            self.lifeline = lifeline
        }

        deinit { cut() }

        /// What the end of the supervisor does.
        func cut() {
            if lifeline >= 0 { close(lifeline) }
            lifeline = -1
        }

        /// Milliseconds of processor time it has used.
        var processorTime: Int {
            let text = (try? String(contentsOfFile: "/proc/\(child.id)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 12 ? ((Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)) * 10 : 0
        }
    }

    /// Starts one and waits until its threads wait.
    ///
    /// - Parameter files: its limit of open files.
    func start(_ arguments: String..., files: Int? = nil) throws -> Probe {
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw FastCGIClient.Failure("no pipe") }
        _ = fcntl(pipe[0], F_SETFD, FD_CLOEXEC)
        _ = fcntl(pipe[1], F_SETFD, FD_CLOEXEC)
        var command = [Self.executable, "--lifeline", "--hand-over"] + arguments
        if let files { command = ["/bin/sh", "-c", "ulimit -n \(files); exec \"$0\" \"$@\""] + command }
        let child = try Child(
            command[0], Array(command.dropFirst()),
            descriptors: [0: listener.descriptor, 3: queue[0], 4: queue[1], 5: pipe[1]], errors: .file(logPath))
        // The child's alone from here on: its end is the pipe's.
        close(pipe[1])
        let probe = Probe(child, pipe[0])
        probes.append(probe)
        var waiting = pollfd(fd: pipe[0], events: Int16(POLLIN), revents: 0)
        var said = [UInt8](repeating: 0, count: 6)
        guard poll(&waiting, 1, 20_000) == 1, read(pipe[0], &said, 6) == 6, said == Array("ready\n".utf8) else {
            throw FastCGIClient.Failure("the probe is not ready: \(log)")
        }
        return probe
    }

    func client() throws -> FastCGIClient { try FastCGIClient(path: listener.path) }

    /// The process that answered.
    static func process(_ client: FastCGIClient) throws -> Int32? {
        try client.ask("/who").body.split(separator: " ").first.flatMap { Int32($0) }
    }
}
