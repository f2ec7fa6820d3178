internal import Foundation

/// The disk that an installation lies on.
enum DiskSpace {
    /// An error, or instead of it one sentence that says to make room, where that is the reason.
    ///
    /// PostgreSQL names a file of its own, or dies when it cannot write its log; nobody could act on either.
    static func explained(_ error: any Error, _ state: StateDirectory) -> any Error {
        let said = "\(error)"
        let isFull = said.contains("No space left on device") || said.contains("could not extend file")
        // It clears up behind itself, and need not say why it died.
        let isCramped =
            said.contains("the database cluster cannot be made") && !said.contains("may not enter")
            && (free(state.path).map { $0 < 100 << 20 } ?? false)
        guard
            isFull || isCramped || saysFull(state.postgres + ".log") || (free(state.path).map { $0 < 4 << 20 } ?? false)
        else {
            return error
        }
        let left = free(state.path).map { "; \($0 >> 20) MB are free" } ?? ""
        return Failure(
            """
            the disk of \(state.path) is full\(left). Make room there, 200 MB for a new installation, or choose another \
            directory with --state; then run the command again, which goes on from here
            """)
    }

    /// Whether the log of the database, which dies when it cannot write ahead, gives that reason, just now.
    private static func saysFull(_ log: String) -> Bool {
        guard let written = (try? FileManager.default.attributesOfItem(atPath: log))?[.modificationDate] as? Date,
            Date().timeIntervalSince(written) < 60, let file = FileHandle(forReadingAtPath: log),
            let end = try? file.seekToEnd()
        else { return false }
        try? file.seek(toOffset: end > 8192 ? end - 8192 : 0)
        let tail = (try? file.readToEnd()).flatMap { $0 } ?? Data()
        return String(decoding: tail, as: UTF8.self).contains("No space left on device")
    }

    /// The bytes that this user may still write where a directory is.
    private static func free(_ path: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }
}
