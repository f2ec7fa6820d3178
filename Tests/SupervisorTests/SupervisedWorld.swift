import Foundation
import Glibc
import Kernel
import Synchronization

/// A directory of its own, with a supervisor in this process.
final class SupervisedWorld: Sendable {
    struct Refusal: Error, CustomStringConvertible { let description: String }

    let directory: String
    let lines = Mutex<[String]>([])
    let generation = Mutex<Result<GenerationSpec, Refusal>>(.failure(Refusal(description: "none")))
    let served = Mutex<Int>(0)
    private let supervisor = Mutex<Supervisor?>(nil)
    private let end = Mutex<Supervisor.End?>(nil)

    var socket: String { directory + "/web.sock" }
    var events: [String] {
        ((try? String(contentsOfFile: directory + "/events", encoding: .utf8)) ?? "").split(separator: "\n").map(
            String.init)
    }
    var log: [String] { lines.withLock { $0 } }

    init() throws {
        var template = Array("/tmp/lyceum-supervisor-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FastCGIClient.Failure("no temporary directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    // MARK: - Programs

    /// Beside the test bundle, in the build directory.
    static func program(_ name: String) -> String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(name)
            .path
    }

    static let web = ProcessSpec(program("fastcgi-probe"), ["--lifeline", "--hand-over", "--threads", "2"])

    /// Notes in the file `events` when it starts and ends; `name` tells generations apart.
    func delivery(_ name: String) -> ProcessSpec {
        let note = "echo \(name)-$1 >> '\(directory)/events'"
        return Self.shell(
            "note() { \(note); }; note start; "
                + "trap 'note end; exit 0' TERM; echo ready >&5; while :; do sleep 0.02; done"
        )
    }

    static func shell(_ script: String) -> ProcessSpec { ProcessSpec("/bin/sh", ["-c", script, "sh"]) }

    // MARK: - The supervisor

    /// Starts it on a thread of its own.
    func start(_ spec: GenerationSpec, change: (inout SupervisorSettings) -> Void = { _ in }) throws {
        generation.withLock { $0 = .success(spec) }
        var settings = SupervisorSettings(
            listener: .path(socket), log: { [weak self] line, _ in self?.lines.withLock { $0.append(line) } }
        ) { [weak self] in
            guard let self else { throw Refusal(description: "the test has ended") }
            return try generation.withLock { try $0.get() }
        }
        settings.takesSignals = false
        settings.errors = .file(directory + "/errors")
        settings.serving = { [weak self] number in self?.served.withLock { $0 = number } }
        change(&settings)
        let made = try Supervisor(settings)
        supervisor.withLock { $0 = made }
        Thread.detachNewThread { [self] in
            let ended = made.run()
            end.withLock { $0 = ended }
        }
    }

    func request(_ request: Supervisor.Request) { supervisor.withLock { $0?.request(request) } }

    func reload(_ result: Result<GenerationSpec, Refusal>) {
        generation.withLock { $0 = result }
        request(.reload)
    }

    func serves(_ number: Int) -> Bool { eventually { self.served.withLock { $0 } == number } }

    /// How it ended, or nil after twenty seconds.
    func ended() -> Supervisor.End? {
        _ = eventually(20) { self.end.withLock { $0 } != nil }
        return end.withLock { $0 }
    }

    /// Stops it; the processes must have ended by then.
    func stop() -> Supervisor.End? {
        request(.stop)
        return ended()
    }

    // MARK: - What is there

    func client() throws -> FastCGIClient { try FastCGIClient(path: socket) }

    /// Keeps every thread of every process busy until each slot has answered; slot -> process.
    func slots(_ count: Int) throws -> [Int: Int32] {
        var found: [Int: Int32] = [:]
        for _ in 0..<50 where found.count < count {
            let clients = try (0..<(count * 2)).map { _ in try client() }
            for client in clients { try client.send(FastCGIClient.request("/who", headers: [("HTTP_X_MS", "30")])) }
            for client in clients {
                let words = try client.answer().body.split(separator: " ").compactMap { Int($0) }
                if words.count == 2 { found[words[1]] = Int32(words[0]) }
            }
        }
        return found
    }
}

/// Whether a process exists (a zombie does not count).
func isRunning(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// The processes whose command line contains a text.
func processes(with text: String) -> [Int32] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
    return all.filter { process in
        guard process != getpid(), let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else {
            return false
        }
        return String(decoding: line, as: UTF8.self).contains(text) && isRunning(process)
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
