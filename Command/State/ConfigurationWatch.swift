internal import Foundation
internal import Kernel
internal import Synchronization

/// Watches a developer's configuration, and has what was changed taken up: regions, templates, words.
///
///     still ──a file is another──▶ restless ──nothing changed for a moment──▶ told (SIGHUP) ──▶ still
///
/// It looks at names, sizes and times four times a second, which is nothing for some dozen files, and sees what editors do
/// that put a new file in the place of the old. What is wrong with a change is said by the reload; the old goes on.
final class ConfigurationWatch: Sendable {
    /// What tells one state of a file from another.
    private struct Mark: Equatable {
        let size: Int
        let number: UInt64
        let seconds: Int
        let nanoseconds: Int
    }

    private let directory: String
    private let log: Log
    private let tell: @Sendable () -> Void
    private let hasEnded = Atomic<Bool>(false)

    /// How often it looks, in microseconds.
    private static let pause: UInt32 = 250_000

    /// - Parameter tell: has the configuration taken up.
    init(_ directory: String, log: Log, tell: @escaping @Sendable () -> Void) {
        (self.directory, self.log, self.tell) = (directory, log, tell)
    }

    /// Begins to watch, on a thread of its own.
    func start() {
        let before = marks()
        log.write("\(directory) is watched: what changes there is taken up by itself")
        Thread.detachNewThread { [self] in watch(before) }
    }

    /// Stops watching.
    func end() { hasEnded.store(true, ordering: .relaxed) }

    private func watch(_ first: [String: Mark]) {
        var known = first
        while !hasEnded.load(ordering: .relaxed) {
            usleep(Self.pause)
            var now = marks()
            guard now != known else { continue }
            // An editor may write several files, or one in steps.
            while !hasEnded.load(ordering: .relaxed) {
                usleep(Self.pause)
                let later = marks()
                if later == now { break }
                now = later
            }
            let names = Set(known.keys).union(now.keys).filter { known[$0] != now[$0] }.sorted()
            known = now
            guard !hasEnded.load(ordering: .relaxed), let first = names.first else { continue }
            let more = names.count > 1 ? " and \(names.count - 1) more" : ""
            log.write("\(first)\(more) changed; the configuration is taken up")
            tell()
        }
    }

    /// Every file below the directory that is no editor's own.
    private func marks() -> [String: Mark] {
        var marks: [String: Mark] = [:]
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
        for name in names where !name.hasSuffix("~") && !name.hasSuffix(".swp") {
            if name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { continue }
            var status = stat()
            guard stat(directory + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            marks[name] = Mark(
                size: Int(status.st_size), number: UInt64(status.st_ino), seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec)
        }
        return marks
    }
}
