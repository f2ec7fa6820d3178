/// A description as lines, one per leaf, to keep in a golden file beside an event.
///
///     course: uuid
///     note?: text
///     price.amount: integer
public enum Golden {
    /// The lines of an object, sorted.
    public static func lines(_ object: ObjectSchema) -> [String] { lines(object, "", within: []).sorted() }

    private static func lines(_ object: ObjectSchema, _ path: String, within: [String]) -> [String] {
        // A type may hold a list of itself; the second time its name is enough.
        if within.contains(object.reference) { return ["\(path.dropLast()): \(object.reference) again"] }
        return object.fields.flatMap { field in
            let name = path + field.name + (field.required ? "" : "?")
            return lines(field.schema, name, within: within + [object.reference])
        }
    }

    private static func lines(_ schema: Schema, _ path: String, within: [String]) -> [String] {
        switch schema {
        case .boolean: ["\(path): true or false"]
        case .integer: ["\(path): integer"]
        case .number: ["\(path): number"]
        case .string(let format, _): ["\(path): \(format?.rawValue ?? "text")"]
        case .choice(let names): ["\(path): one of \(names.sorted().joined(separator: " | "))"]
        case .list(let element, _): lines(element, path + "[]", within: within)
        case .any: ["\(path): any JSON"]
        case .object(let object): lines(object, path + ".", within: within)
        case .union(let union):
            union.variants.flatMap { lines($0.object, path + "<\(union.tag)=\($0.name)>.", within: within) }
        }
    }

    /// Whether code of one version can live with events of the other.
    public enum Verdict: String, Sendable {
        /// Old events can be read by new code, and new events by old listeners.
        case compatible
        /// One of the two fails: the event needs a new major version.
        case breaking
    }

    /// Compares two descriptions, in the order of the fields' names; no differences are no verdicts.
    ///
    /// Old events lie in the log for ever and are read by new code; new events are read by old listeners. So a field may
    /// be added if it is optional, and an enum may grow if it had a case `unknown` before.
    public static func compare(_ old: [String], _ new: [String]) -> [(verdict: Verdict, sentence: String)] {
        let (before, after) = (split(old), split(new))
        var verdicts: [(Verdict, String)] = []
        for (name, was) in before.sorted(by: { $0.key < $1.key }) {
            guard let now = after[name] else {
                let near = nearest(
                    name, after.keys.filter { before[$0] == nil && after[$0]?.type == was.type }.sorted())
                verdicts.append((.breaking, near.map { "\(name) was renamed to \($0)" } ?? "\(name) was removed"))
                continue
            }
            if now.type != was.type { verdicts.append(retyped(name, was.type, now.type)) }
            if was.optional && !now.optional {
                verdicts.append((.breaking, "\(name) became required, but events in the log lack it"))
            }
            if !was.optional && now.optional {
                verdicts.append((.breaking, "\(name) became optional, but listeners expect it"))
            }
        }
        for (name, now) in after.sorted(by: { $0.key < $1.key }) where before[name] == nil {
            if verdicts.contains(where: { $0.1.hasSuffix(" was renamed to \(name)") }) { continue }
            verdicts.append(
                now.optional
                    ? (.compatible, "\(name) was added")
                    : (.breaking, "\(name) was added as required, but events in the log lack it; make it optional"))
        }
        return verdicts
    }

    private static func split(_ lines: [String]) -> [String: (type: String, optional: Bool)] {
        var fields: [String: (type: String, optional: Bool)] = [:]
        for line in lines {
            let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            fields[parts[0].filter { $0 != "?" }] = (parts[1], parts[0].contains("?"))
        }
        return fields
    }

    private static func retyped(_ name: String, _ old: String, _ new: String) -> (Verdict, String) {
        let (was, now) = (words(old), words(new))
        guard let was, let now, was.isSubset(of: now) else { return (.breaking, "\(name) was \(old) and is \(new)") }
        let added = now.subtracting(was).sorted().joined(separator: ", ")
        return was.contains("unknown")
            ? (.compatible, "\(name) may also be \(added)")
            : (.breaking, "\(name) may also be \(added), which old listeners refuse; it had no case unknown")
    }

    private static func words(_ type: String) -> Set<Substring>? {
        type.hasPrefix("one of ") ? Set(type.dropFirst(7).split(separator: " | ")) : nil
    }
}
