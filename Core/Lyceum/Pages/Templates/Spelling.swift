/// Helping someone who misspelt a name.
enum Spelling {
    /// The known name that is nearest to a misspelt one; nil when none is near: at most a third of its letters differ.
    static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        let wanted = Array(name.utf8)
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(wanted, Array(candidate.utf8))
            let limit = max(1, max(wanted.count, candidate.utf8.count) / 3)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// `; did you mean 'title'? There are id, title` for the end of a sentence; names in order, each once.
    static func hint(_ name: String, known: some Sequence<String>) -> String {
        let known = Set(known).sorted()
        guard !known.isEmpty else { return "; there are none" }
        let list = known.count > 40 ? known.prefix(40).joined(separator: ", ") + ", ..." : known.joined(separator: ", ")
        let verb = known.count == 1 ? "is only" : "are"
        guard let near = nearest(to: name, among: known) else { return "; there \(verb) \(list)" }
        return "; did you mean '\(near)'? There \(verb) \(list)"
    }

    /// Edits between two texts, where swapping two neighbours counts as one (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var before: [Int] = []
        var last = Array(0...right.count)
        for i in 1...left.count {
            var row = [i]
            for j in 1...right.count {
                var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1))
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    cost = min(cost, before[j - 2] + 1)
                }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[right.count]
    }
}
