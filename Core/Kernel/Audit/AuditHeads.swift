internal import Glibc
internal import Lyceum

/// The heads of a region's chain as they were when it was sealed, in a file outside of the database: who rewrites the chain
/// there, with all its hashes, cannot rewrite this.
///
/// A line is the number of a seal, its head, and its time: `12 6b86… 2026-11-21 12:00:00.123456+00`. Every host that serves the
/// region keeps a file of its own. It is only ever appended to.
public struct AuditHeads: Sendable {
    /// Where it is.
    public let path: String

    /// The file of a region, in a directory of these files.
    public init(directory: String, region: String) { path = "\(directory)/\(region)" }

    /// The directory of these files, for an installation whose generations lie in `STATE/generations`; for a generation by
    /// itself, one beside it.
    public static func directory(generation: String) -> String {
        let parts = generation.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count > 2, parts[parts.count - 2] == "generations" else { return generation + "-audit" }
        return (generation.hasPrefix("/") ? "/" : "") + parts.dropLast(2).joined(separator: "/") + "/audit"
    }

    /// A line of the file.
    struct Line: Equatable {
        let number: Int64
        let head: String
        /// When it was sealed, as PostgreSQL prints it; empty where the line does not say.
        let at: String

        init?(_ text: Substring) {
            let words = text.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, let number = Int64(words[0]), words[1].utf8.count == 64 else { return nil }
            (self.number, head, at) = (number, String(words[1]), words.count > 2 ? String(words[2]) : "")
        }
    }

    /// Whether there is one.
    var exists: Bool { access(path, F_OK) == 0 }

    /// Reads line after line, of which any but the last may be wrong only if somebody wrote into the file.
    ///
    /// - Throws: a sentence where it cannot be read.
    func read(_ body: (Line?) throws -> Void) throws {
        guard let file = fopen(path, "re") else {
            if errno == ENOENT { return }
            throw RegistryError("\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        while true {
            let length = getline(&buffer, &capacity, file)
            guard length > 0, let buffer else { return }
            // What a crash cut off is written again, on a line of its own.
            guard buffer[length - 1] == 10 else { return }
            try body(Line(Substring(String(cString: buffer).dropLast())))
        }
    }

    /// The last line.
    func last() throws -> Line? {
        var last: Line?
        try read { if let line = $0 { last = line } }
        return last
    }

    /// Adds lines, on disk before this returns.
    func append(_ seals: [(number: Int64, head: [UInt8], at: String)]) throws {
        if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o700) }
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw RegistryError("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var text = seals.map { "\($0.number) \(hexadecimal($0.head)) \($0.at)\n" }.joined()
        let end = lseek(descriptor, 0, SEEK_END)
        var byte: UInt8 = 10
        if end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != 10 { text = "\n" + text }
        let written = text.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
        guard written == text.utf8.count, fdatasync(descriptor) == 0 else {
            throw RegistryError("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
