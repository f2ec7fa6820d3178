internal import JSON
internal import Lyceum

/// A change as the page shows it.
struct EntryPart: Codable, Sendable {
    /// Something to choose in the form.
    struct Option: Codable, Sendable {
        var value: String
        var words: Text?
        var isChosen: Bool
    }

    /// A column that changed.
    struct Change: Codable, Sendable {
        var name: String
        var old: Cell
        var new: Cell
    }

    /// A value, or what stands for it.
    struct Cell: Codable, Sendable {
        /// What can be read.
        var text: String?
        /// Why it cannot.
        var mark: Text?
    }

    var id: Int64
    var at: Moment
    var entity: String
    var key: String
    var path: String
    var action: Text
    var isCreated: Bool
    var isRemoved: Bool
    var who: String?
    var whoPath: String?
    var isErased: Bool
    var means: Text
    var work: String?
    var event: Int64?
    var address: String?
    var agent: String?
    var request: String?
    var requestPath: String?
    var trace: String?
    var tracePath: String?
    var changes: [Change]
    var hasChanges: Bool

    init(_ one: EntryView, at moment: Moment) {
        (id, at, entity, key) = (one.id, moment, one.entity, one.key)
        path = Self.address("/admin/audit", ["entity": one.entity, "key": one.key])
        action = Text("audit.action.\(one.action.rawValue)")
        isCreated = one.action == .created
        isRemoved = one.action == .removed || one.action == .emptied || one.action == .erased
        let author = Self.members(one.author)
        func said(_ name: String) -> String? { author.first { $0.name == name }?.cell.text }
        who = said("name") ?? one.login ?? one.account
        whoPath = one.account.map { Self.address("/admin/audit", ["account": $0]) }
        isErased = one.account != nil && one.author == nil
        means = Text("audit.means.\(one.means)")
        (work, event) = (one.work, one.event)
        (address, agent) = (said("address"), said("agent"))
        (request, trace) = (one.request, one.trace)
        requestPath = one.request.map { Self.address("/admin/audit", ["request": $0]) }
        tracePath = one.trace.map { Self.address("/admin/audit", ["trace": $0]) }
        let (old, new) = (Self.members(one.old), Self.members(one.new))
        var names = old.map(\.name)
        for member in new where !names.contains(member.name) { names.append(member.name) }
        changes = names.map { name in
            Change(
                name: name, old: old.first { $0.name == name }?.cell ?? Cell(),
                new: new.first { $0.name == name }?.cell ?? Cell())
        }
        hasChanges = !changes.isEmpty
    }

    /// The members of a JSON object, each as it is shown.
    private static func members(_ json: AnyJSON?) -> [(name: String, cell: Cell)] {
        guard let json, let document = try? Document(json.text, limits: JSONLimits(bytes: .max)) else { return [] }
        return document.withRoot { root in
            guard root.kind == .object else { return [] }
            return root.members.map { ($0.name, cell($0.value)) }
        }
    }

    private static func cell(_ node: JSONNode) -> Cell {
        switch node.kind {
        case .null: return Cell(mark: Text("audit.value.null"))
        case .text: return Cell(text: node.text)
        default:
            let out = JSONWriter(capacity: 64)
            out.node(node)
            switch out.text {
            case #"{"$":"secret"}"#: return Cell(mark: Text("audit.value.secret"))
            case #"{"$":"erased"}"#: return Cell(mark: Text("audit.value.erased"))
            default: return Cell(text: out.text)
            }
        }
    }

    /// An address with those of the parameters that have a value.
    static func address(_ path: String, _ parameters: KeyValuePairs<String, String?>) -> String {
        let query = parameters.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : "\(name)=\(FormEncoding.encode($0))" }
        }
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }
}
