internal import JSON
internal import Yams

extension Node {
    /// Whether nothing is written: `key:`, `~` or `null`.
    var isBlank: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    /// The value as JSON.
    ///
    /// - Parameter replacing: at the top of a mapping, keys whose values are written as the lists of their own keys instead, and
    ///   left out where they are blank: mappings by free names, which are checked one by one.
    func json(replacing: Set<String> = []) -> String {
        let out = JSONWriter()
        write(to: out, replacing)
        return out.text
    }

    private func write(to out: JSONWriter, _ replacing: Set<String> = []) {
        switch self {
        case .scalar(let scalar): Node.write(scalar, out)
        case .sequence(let items):
            out.openList()
            for item in items {
                out.comma()
                item.write(to: out)
            }
            out.closeList()
        case .mapping(let pairs):
            out.openObject()
            for (key, value) in pairs {
                let name = key.scalar?.string ?? ""
                let replaced = replacing.contains(name)
                if replaced, value.isBlank { continue }
                out.key(named: name)
                if replaced, let inner = value.mapping {
                    Node(inner.map(\.key), .implicit).write(names: out)
                } else {
                    value.write(to: out)
                }
            }
            out.closeObject()
        case .alias: out.null()
        }
    }

    private func write(names out: JSONWriter) {
        out.openList()
        for item in sequence ?? [] {
            out.comma()
            out.string(item.scalar?.string ?? "")
        }
        out.closeList()
    }

    /// YAML 1.2's core schema; quoted scalars are text.
    private static func write(_ scalar: Node.Scalar, _ out: JSONWriter) {
        let text = scalar.string
        guard scalar.style == .plain else { return out.string(text) }
        switch text {
        case "", "~", "null": out.null()
        case "true", "false": out.bool(text == "true")
        default:
            if let number = integer(text) {
                out.int(number)
            } else if text.utf8.first.map({ (48...57).contains($0) || $0 == 45 || $0 == 43 || $0 == 46 }) == true,
                text.utf8.contains(where: { (48...57).contains($0) }), let number = Double(text), number.isFinite
            {
                out.double(number)
            } else {
                out.string(text)
            }
        }
    }

    private static func integer(_ text: String) -> Int64? {
        if text.hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Int64(text.dropFirst(2), radix: 8) }
        return Int64(text)
    }
}
