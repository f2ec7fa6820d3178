internal import FastCGI
internal import Glibc
internal import Lyceum

/// What the board of a process that has ended says.
struct LastWords: Sendable, Equatable {
    /// What the thread did that ended the process; nil when that is not known, as after SIGKILL.
    var fatal: WorkLabel?
    /// The id of the request that it answered.
    var request: String?
    /// What the other threads were doing, or all of them when it is not known which one ended the process.
    var others: [WorkLabel] = []

    /// Reads a board; nil when there is none in this memory, because the process had not come so far.
    init?(descriptor: Int32) {
        typealias Head = ThreadFaults.Head
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= Head.words * 8 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        guard pread(descriptor, &bytes, bytes.count, 0) == bytes.count else { return nil }
        self.init(bytes)
    }

    init?(_ bytes: [UInt8]) {
        typealias Head = ThreadFaults.Head
        func word(_ index: Int) -> UInt64 {
            bytes.withUnsafeBytes { $0.load(fromByteOffset: index * 8, as: UInt64.self) }
        }
        guard bytes.count >= Head.words * 8, word(Head.magic) == ThreadBoard.magic else { return nil }
        let (count, length) = (word(Head.count), word(Head.labels))
        guard count < 1 << 20, length < 1 << 26,
            bytes.count == (Head.words + Int(count) * ThreadWatch.Word.count) * 8 + Int(length)
        else { return nil }
        let labels = String(decoding: bytes.suffix(Int(length)), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        for index in 0..<Int(count) {
            let number = word(Head.words + index * ThreadWatch.Word.count + ThreadWatch.Word.work)
            guard number > 0, number <= labels.count, let label = WorkLabel(line: labels[Int(number) - 1]) else {
                continue
            }
            if Int(word(Head.fatal)) == index + 1 { fatal = label } else { others.append(label) }
        }
        let id = bytes[(Head.request * 8)..<(Head.request * 8 + 64)].prefix { $0 != 0 }
        if fatal != nil, !id.isEmpty { request = String(decoding: id, as: UTF8.self) }
    }

    /// For the log: `it answered GET /api/x of the plugin x in the region r (request 5f…); 2 other threads were at work`.
    var sentence: String {
        func counted(_ labels: [WorkLabel]) -> [String] {
            var sentences: [String] = []
            for label in labels where !sentences.contains(label.sentence) { sentences.append(label.sentence) }
            return sentences
        }
        guard let fatal else {
            let all = counted(others)
            let more = all.count > 4 ? ", and more" : ""
            return all.prefix(4).joined(separator: ", or ") + more
        }
        let id = request.map { " (request \($0))" } ?? ""
        let rest =
            switch others.count {
            case 0: ""
            case 1: "; 1 other thread was at work"
            default: "; \(others.count) other threads were at work"
            }
        return fatal.sentence + id + rest
    }
}
