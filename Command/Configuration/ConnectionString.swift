internal import Foundation

/// What Lyceum needs to know of a libpq connection string without connecting.
enum ConnectionString {
    /// The string for a region: `{region}` becomes its name with underscores.
    static func text(_ template: String, region: String) -> String {
        template.replacing("{region}", with: region.replacing("-", with: "_"))
    }

    /// The database it names; nil when it names none, and libpq would take the user's name.
    static func database(_ text: String) -> String? {
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            guard let start = text.range(of: "://") else { return nil }
            let rest = text[start.upperBound...].prefix { $0 != "?" }
            guard let slash = rest.lastIndex(of: "/") else { return nil }
            let name = String(rest[rest.index(after: slash)...])
            return name.isEmpty ? nil : name.removingPercentEncoding ?? name
        }
        return pairs(text)["dbname"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `key = 'value with \' in it'`, as libpq reads it.
    private static func pairs(_ text: String) -> [String: String] {
        var pairs: [String: String] = [:]
        var rest = Substring(text)
        while true {
            rest = rest.drop { $0.isWhitespace }
            let key = rest.prefix { $0 != "=" && !$0.isWhitespace }
            guard !key.isEmpty else { return pairs }
            rest = rest.dropFirst(key.count).drop { $0.isWhitespace }
            guard rest.first == "=" else { return pairs }
            rest = rest.dropFirst().drop { $0.isWhitespace }
            let isQuoted = rest.first == "'"
            if isQuoted { rest.removeFirst() }
            var value = ""
            while let next = rest.first {
                rest.removeFirst()
                if next == "\\" {
                    if !rest.isEmpty { value.append(rest.removeFirst()) }
                } else if isQuoted ? next == "'" : next.isWhitespace {
                    break
                } else {
                    value.append(next)
                }
            }
            pairs[String(key)] = value
        }
    }
}
