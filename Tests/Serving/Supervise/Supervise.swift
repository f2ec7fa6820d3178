import Glibc
import Kernel

/// A supervisor by itself, for tests of what signals and inherited sockets do to it.
///
///     supervise-probe SOCKET FILE
///
/// FILE tells the generation, anew at each reload: how many web processes, a shell command for them, a shell command
/// for the delivery process (may be missing). Each line of its log goes to standard error.
@main enum Supervise {
    static func main() {
        let words = CommandLine.arguments
        guard words.count == 3 else {
            say("usage: supervise-probe SOCKET FILE")
            exit(64)
        }
        let settings = SupervisorSettings(listener: .inheritedOr(path: words[1]), log: { line, _ in say(line) }) {
            try generation(words[2])
        }
        do {
            switch try Supervisor(settings).run() {
            case .stopped: say("stopped")
            case .failed(let reason):
                say("failed: \(reason)")
                exit(1)
            }
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    private static func generation(_ path: String) throws -> GenerationSpec {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        bytes.removeLast(bytes.count - max(0, read(file, &bytes, bytes.count)))
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count >= 2, let count = Int(lines[0]) else {
            throw Refusal(description: "\(path) tells no generation")
        }
        return GenerationSpec(
            web: ProcessSpec("/bin/sh", ["-c", lines[1], "web"]), webProcesses: count,
            delivery: lines.count > 2 ? ProcessSpec("/bin/sh", ["-c", lines[2], "delivery"]) : nil)
    }
}

struct Refusal: Error, CustomStringConvertible { let description: String }

/// Writes a line to standard error in one piece.
func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(2, bytes, bytes.count)
}
