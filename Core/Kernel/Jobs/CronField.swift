/// One field of a schedule: a set of numbers.
struct CronField: Sendable, Equatable {
    /// A bit for each number that fits.
    private let bits: UInt64
    /// Whether it is `*`, which counts when two days are given.
    let isAll: Bool

    static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    func contains(_ number: Int) -> Bool { bits >> UInt64(number) & 1 == 1 }

    /// Reads a field.
    ///
    /// - Parameters:
    ///   - names: words for the numbers, beginning with the lowest.
    ///   - wraps: whether the highest number is another name of the lowest, as 7 and 0 are Sunday.
    init(
        _ text: String, _ name: String, _ range: ClosedRange<Int>, names: [String] = [], wraps: Bool = false
    ) throws(CronSchedule.Mistake) {
        isAll = text == "*"
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let reader = Reader(field: text, name: name, range: range, names: names)
            let (numbers, step) = try reader.range(String(part))
            for number in stride(from: numbers.lowerBound, through: numbers.upperBound, by: step) {
                bits |= 1 << UInt64(wraps && number == range.upperBound ? range.lowerBound : number)
            }
        }
        self.bits = bits
    }

    private struct Reader {
        let field: String
        let name: String
        let range: ClosedRange<Int>
        let names: [String]

        func range(_ part: String) throws(CronSchedule.Mistake) -> (ClosedRange<Int>, step: Int) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            var step = 1
            if halves.count == 2 {
                guard let given = number(halves[1]), given > 0 else {
                    throw mistake("the step after / must be a number from 1")
                }
                step = given
            }
            if halves[0] == "*" { return (range, step) }
            let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let low = try value(ends[0])
            // `a/n` is from a on, as in most crons.
            guard ends.count == 2 else { return (low...(halves.count == 2 ? range.upperBound : low), step) }
            let high = try value(ends[1])
            guard low <= high else {
                throw mistake("the range \(halves[0]) goes backwards; write two ranges with a comma")
            }
            return (low...high, step)
        }

        private func value(_ text: String) throws(CronSchedule.Mistake) -> Int {
            if let place = names.firstIndex(of: text.lowercased()) { return range.lowerBound + place }
            guard let number = number(text), range.contains(number) else {
                let words = names.isEmpty ? "" : " or \(names[0]) to \(names[names.count - 1])"
                throw mistake("it takes \(range.lowerBound) to \(range.upperBound)\(words), not \"\(text)\"")
            }
            return number
        }

        private func number(_ text: String) -> Int? {
            text.utf8.count <= 4 && !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
        }

        private func mistake(_ sentence: String) -> CronSchedule.Mistake {
            CronSchedule.Mistake(description: "the \(name) \"\(field)\" of a schedule cannot be read: \(sentence)")
        }
    }
}
