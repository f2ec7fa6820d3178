internal import Foundation

/// Rows of words in columns, or as JSON for machines; what people wrote in them is printable.
enum Table {
    /// Prints rows below their titles; with `json`, a list of objects whose keys are the titles.
    static func show(_ titles: [String], _ rows: [[String]], json: Bool) {
        if json {
            tell(json: rows.map { Dictionary(zip(titles, $0), uniquingKeysWith: { first, _ in first }) })
            return
        }
        let lines = ([titles] + rows).map { $0.map { printable($0) } }
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        for row in lines {
            let line = row.indices.map { column in
                column == row.count - 1
                    ? row[column] : row[column].padding(toLength: widths[column], withPad: " ", startingAt: 0)
            }
            tell(line.joined(separator: "  "))
        }
    }

    /// A value as JSON whose keys are sorted.
    static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }
}
