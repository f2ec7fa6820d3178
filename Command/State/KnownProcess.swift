internal import Foundation

/// A process by its number and the moment at which it began, so that a stranger with a recycled number is not taken for it.
struct KnownProcess: Codable, Equatable {
    /// Its number.
    let id: Int32
    /// When it began, in clock ticks since the machine did.
    let began: UInt64

    /// A process that runs now; nil when there is none of this number.
    init?(_ id: Int32) {
        guard id > 1, let began = KnownProcess.began(id) else { return nil }
        (self.id, self.began) = (id, began)
    }

    /// The process that a file names, `id began`, if it still runs.
    init?(file: String) {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        let numbers = text.split(whereSeparator: \.isWhitespace)
        guard let id = numbers.first.flatMap({ Int32($0) }), let process = KnownProcess(id) else { return nil }
        if numbers.count > 1, UInt64(numbers[1]) != process.began { return nil }
        self = process
    }

    /// This process.
    static var own: KnownProcess? { KnownProcess(getpid()) }

    /// How a file names it.
    var record: String { "\(id) \(began)\n" }

    /// Whether it still runs; a zombie does not.
    var isRunning: Bool { KnownProcess.began(id) == began }

    /// Sends a signal, if it still runs.
    @discardableResult
    func send(_ signal: Int32) -> Bool { isRunning && kill(id, signal) == 0 }

    /// Waits until it has ended; false when it has not after so many seconds.
    func waitForEnd(seconds: Double) -> Bool {
        let deadline = Date().addingTimeInterval(seconds)
        while isRunning {
            if Date() > deadline { return false }
            usleep(20_000)
        }
        return true
    }

    /// The 22nd field of /proc/N/stat.
    ///
    /// The name, second and in parentheses, may contain anything.
    private static func began(_ id: Int32) -> UInt64? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
