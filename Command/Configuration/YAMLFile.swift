internal import Foundation
internal import Lyceum
internal import Yams

/// A YAML file whose values can be checked as JSON and found again by line.
///
/// Scalars are read by YAML 1.2's core schema: `NO` is text, the country, and not a false; only `true` and `false` are truths.
struct YAMLFile {
    /// How messages call the file.
    let shown: String
    /// The mapping at the top; empty for an empty file.
    let root: Node

    /// Reads a file whose top is a mapping.
    init(_ path: String, shown: String) throws(ConfigurationProblem) {
        func problem(_ sentence: String, line: Int? = nil) -> ConfigurationProblem {
            ConfigurationProblem(file: shown, line: line, sentence: sentence)
        }
        self.shown = shown
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw problem("the file cannot be read: \(unreadable(path) ?? reason(error))")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw problem("the file is not UTF-8") }
        do {
            root = try Yams.compose(yaml: text) ?? Node([(Node, Node)]())
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let reason, let mark, _), .parser(_, let reason, let mark, _),
                .composer(_, let reason, let mark, _):
                throw problem("this is not YAML: \(reason)", line: mark.line)
            case .duplicatedKeysInMapping(let duplicates, let context):
                let names = duplicates.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
                throw problem("\(names) occurs twice in one mapping; keep one", line: context.mark.line)
            default:
                throw problem("this is not YAML: \(error)")
            }
        } catch {
            throw problem("this is not YAML: \(error)")
        }
        guard root.mapping != nil || root.isBlank else {
            throw problem("the file must be a mapping, such as `title: Academy`", line: root.mark?.line)
        }
    }

    /// The value of a key at the top.
    subscript(key: String) -> Node? { root.mapping?.first { $0.key.scalar?.string == key }?.value }

    /// The line of what a JSON pointer names, or of the nearest thing above it that is written down.
    func line(of pointer: String) -> Int? {
        var node = root
        var line = root.mark?.line
        for part in pointer.split(separator: "/") {
            let name = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
            if let pair = node.mapping?.first(where: { $0.key.scalar?.string == name }) {
                line = pair.key.mark?.line ?? line
                node = pair.value
            } else if let items = node.sequence, let index = Int(name), items.indices.contains(index) {
                node = items[index]
                line = node.mark?.line ?? line
            } else {
                break
            }
        }
        return line
    }

    /// What is wrong, with the lines at which it is written; `prefix` is where the checked part lies in the file.
    func problems(_ faults: [Fault], below prefix: String = "") -> [ConfigurationProblem] {
        faults.map { fault in
            let pointer = prefix + fault.pointer
            let sentence = pointer.isEmpty ? "the file \(fault.plain)" : "\(pointer) \(fault.plain)"
            return ConfigurationProblem(file: shown, line: line(of: pointer), sentence: sentence)
        }
    }

    /// One thing that is wrong.
    func problem(_ sentence: String, at pointer: String) -> ConfigurationProblem {
        ConfigurationProblem(file: shown, line: line(of: pointer), sentence: "\(pointer) \(sentence)")
    }
}
