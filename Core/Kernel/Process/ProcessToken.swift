internal import Glibc

/// The name of a process that no other ever has, on this host or another, and by which its host can tell whether it lives.
///
///     <boot id>/<process id namespace>/<process id>/<start time>
struct ProcessToken: Sendable {
    /// This process.
    static let own = ProcessToken(text: "\(host)/\(getpid())/\(begin(of: getpid()) ?? "0")")

    let text: String

    /// Whether it certainly runs no more: it ran on this host, and is gone.
    ///
    /// Of another host's process nobody here knows.
    var isDead: Bool {
        let parts = text.split(separator: "/")
        guard parts.count == 4, text.hasPrefix(ProcessToken.host + "/"), let id = Int32(parts[2]) else { return false }
        return ProcessToken.begin(of: id) != String(parts[3])
    }

    /// Whether it is, or was, the process of this number on this host.
    func isProcess(_ id: Int32) -> Bool { text.hasPrefix("\(ProcessToken.host)/\(id)/") }

    private static let host: String = {
        let boot = read("/proc/sys/kernel/random/boot_id").map { String($0.prefix { !$0.isNewline }) } ?? "?"
        var status = stat()
        let space = stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0
        return "\(boot)/\(space)"
    }()

    /// When a process began, in the kernel's ticks since the host's start; nil when there is none of that number.
    private static func begin(of id: Int32) -> String? {
        // The name, in parentheses, may itself hold spaces and parentheses; the state follows it, and is Z or X at the end.
        guard let line = read("/proc/\(id)/stat"), let name = line.lastIndex(of: ")") else { return nil }
        let words = line[name...].split(separator: " ")
        guard words.count > 20, words[1] != "Z", words[1] != "X" else { return nil }
        return String(words[20])
    }

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
