import FastCGI
import Glibc

/// A web process with nothing but the FastCGI module, for tests and for counting instructions.
///
///     fastcgi-probe [--threads N] [--deadline SECONDS] [--limit BYTES] [--hand-over] [--lifeline]
///         [--most REQUESTS] [--slot N]
///
/// Descriptor 0 is the listener; with `--hand-over` 3 and 4 are the queue's ends; with `--lifeline` it writes "ready"
/// to 5 and stops when nobody reads that any more. After REQUESTS it sends itself SIGTERM. It
/// leaves with 0, or with 3 when the deadline passed. As a worker does, it leaves the listener alone where the
/// environment says LYCEUM_LISTENER_INHERITED.
@main enum Probe {
    static func main() {
        let options = Options(CommandLine.arguments)
        var settings = ServerSettings()
        settings.threads = options.number("--threads") ?? 4
        settings.drainDeadline = .seconds(options.number("--deadline") ?? 20)
        settings.bodyLimit = options.number("--limit") ?? 1 << 20
        if options.has("--hand-over") { settings.handOver = .init(receive: 3, send: 4) }
        settings.isInherited = getenv("LYCEUM_LISTENER_INHERITED") != nil
        settings.log = { say($0) }
        if options.has("--lifeline") {
            settings.lifeline = 5
            settings.ready = { _ = write(5, "ready\n", 6) }
        }
        let most = options.number("--most") ?? .max
        let slot = options.number("--slot") ?? -1
        do {
            let server = try Server(settings)
            let end = server.run { ProbeLane(slot: slot, most: most) }
            if case .deadline = end { _exit(3) }
            exit(0)
        } catch {
            say(error.description)
            exit(1)
        }
    }
}

/// Writes a line to standard error in one piece.
func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(2, bytes, bytes.count)
}

private struct Options {
    let words: [String]
    init(_ words: [String]) { self.words = words }
    func has(_ name: String) -> Bool { words.contains(name) }
    /// The last one counts.
    func number(_ name: String) -> Int? {
        guard let at = words.lastIndex(of: name), at + 1 < words.count else { return nil }
        return Int(words[at + 1])
    }
}
