/// The closest of some names, if it is close enough to be a slip of the pen.
///
/// Case, hyphens and underscores do not count, and swapped neighbours count once: "titel" is one slip from "title".
public func nearest(_ word: String, _ names: [String]) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    func plain(_ text: String) -> [UInt8] {
        text.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }
    let wanted = plain(word)
    let scored = names.map { ($0, slips(wanted, plain($0))) }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, word.utf8.count / 3) else { return nil }
    return best.0
}

/// How many bytes must be put in, left out, exchanged or swapped with a neighbour (Damerau and Levenshtein's distance,
/// in its form that touches no byte twice).
private func slips(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before = [Int](repeating: 0, count: b.count + 1)
    var row = Array(0...b.count)
    for i in a.indices {
        var next = [i + 1] + [Int](repeating: 0, count: b.count)
        for j in b.indices {
            next[j + 1] = min(next[j] + 1, row[j + 1] + 1, row[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { next[j + 1] = min(next[j + 1], before[j - 1] + 1) }
        }
        (before, row) = (row, next)
    }
    return row[b.count]
}
