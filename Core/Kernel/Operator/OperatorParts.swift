internal import JSON
internal import Lyceum
internal import PostgreSQL

/// Instants as a page prints them, asked for all at once.
struct PageClock: Sendable {
    private let moments: [Instant: Moment]

    init(_ context: borrowing Context, _ instants: [Instant?]) async throws {
        let wanted = Array(Set(instants.compactMap { $0 }))
        moments = Dictionary(zip(wanted, try await context.moments(wanted)), uniquingKeysWith: { first, _ in first })
    }

    /// The moment of an instant; nil where there is none.
    subscript(_ instant: Instant?) -> Moment? { instant.flatMap { moments[$0] } }
}

/// A cause as a page shows it.
struct CausePart: Codable, Sendable {
    var sentence: String
    var kind: String
    var sqlState: String?
    var constraint: String?
    var table: String?
    var hasStatement = false
    /// The statement before, at and after the place of the error.
    var before: String?
    var at: String?
    var after: String?

    init(_ cause: FailureCause) {
        (sentence, kind, sqlState) = (cause.sentence, cause.kind, cause.sqlState)
        (constraint, table) = (cause.constraint, cause.table)
        guard let statement = cause.statement else { return }
        hasStatement = true
        let scalars = Array(statement.unicodeScalars)
        // The whole word there, so that it is seen.
        let start = cause.position.map { min(max(0, $0 - 1), scalars.count) } ?? scalars.count
        let end = scalars[start...].firstIndex { !($0.properties.isAlphabetic || $0 == "_") } ?? scalars.count
        func text(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
        before = text(0..<start)
        at = start < scalars.count ? text(start..<max(end, start + 1)) : nil
        after = start < scalars.count ? text(max(end, start + 1)..<scalars.count) : nil
    }
}

/// What somebody did, as a page shows it.
struct InterventionPart: Codable, Sendable {
    var words: Text
    var detail: String?
    var name: String
    var means: Text
    var at: Moment?

    init(_ one: Intervention, _ clock: PageClock) {
        words =
            switch (one.action, one.event, one.count) {
            case (.retry, nil, let count?): Text("lyceum.admin.did.retried", count: count)
            case (.retry, nil, nil): Text("lyceum.admin.did.retried_run")
            case (.retry, let event?, _): Text("lyceum.admin.did.retried_one", ["event": "\(event)"])
            case (.skip, let event, _): Text("lyceum.admin.did.skipped", ["event": event.map { "\($0)" } ?? "?"])
            case (.skipAll, _, _): Text("lyceum.admin.did.skipped_all")
            case (.replay, let event?, _): Text("lyceum.admin.did.replayed", ["event": "\(event)"])
            case (.replay, nil, _): Text("lyceum.admin.did.replayed_all")
            case (.release, _, _): Text("lyceum.admin.did.released")
            case (.forget, _, _): Text("lyceum.admin.did.forgotten")
            case (.rebase, _, _): Text("lyceum.admin.did.rebased")
            case (.run, _, _): Text("lyceum.admin.did.ran")
            case (.cancel, _, _): Text("lyceum.admin.did.cancelled")
            }
        detail = one.action == .skip || one.action == .skipAll ? one.detail : nil
        name = one.name
        means = Text("lyceum.admin.means.\(one.means.rawValue)")
        at = clock[one.at]
    }
}

/// What a page shows of what was done: the list, and what the visitor has just done.
struct InterventionParts: Codable, Sendable {
    var did: Text?
    var interventions: [InterventionPart]
    var isUntouched: Bool

    /// - Parameter isDone: whether the visitor comes from a form that did something.
    init(_ all: [Intervention], _ clock: PageClock, isDone: Bool, by name: String?) {
        interventions = all.map { InterventionPart($0, clock) }
        // What the address says is believed only as far as the books say it too.
        did = isDone && all.first?.name == name ? interventions.first?.words : nil
        isUntouched = all.isEmpty
    }
}

/// What pages say after a form has done something: that the newest thing in the books is it.
struct DoneQuery: Input {
    @Field("Whether something has just been done.") var done = false
}

enum PageWords {
    /// Seconds in the largest unit that fits, `90 s`, `3 min`, `5 h`, `2 d`: the same in every language (ISO 80000-3).
    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<100: "\(max(0, seconds)) s"
        case ..<6_000: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// A number that was counted only so far.
    static func behind(_ count: Int) -> String {
        count >= ListenerView.most ? "> \(ListenerView.most - 1)" : "\(count)"
    }

    /// An address with those of the parameters that have a value.
    static func address(_ path: String, _ parameters: KeyValuePairs<String, String?>) -> String {
        let query = parameters.compactMap { name, value in value.map { "\(name)=\(FormEncoding.encode($0))" } }
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }

    /// JSON with a line for each member, as people read it; what is no JSON as it is.
    static func pretty(_ json: String) -> String {
        guard let document = try? Document(json, limits: JSONLimits(bytes: .max)) else { return json }
        return document.withRoot { root in
            var text = ""
            lines(root, indent: "", &text)
            return text
        }
    }

    private static func lines(_ node: JSONNode, indent: String, _ text: inout String) {
        let inner = indent + "  "
        switch node.kind {
        case .object where node.count > 0:
            text += "{\n"
            for (place, member) in node.members.enumerated() {
                let name = JSONWriter(capacity: 64)
                name.string(member.name)
                text += inner + name.text + ": "
                lines(member.value, indent: inner, &text)
                text += place + 1 < node.count ? ",\n" : "\n"
            }
            text += indent + "}"
        case .list where node.count > 0:
            text += "[\n"
            for (place, item) in node.items.enumerated() {
                text += inner
                lines(item, indent: inner, &text)
                text += place + 1 < node.count ? ",\n" : "\n"
            }
            text += indent + "]"
        default:
            let out = JSONWriter(capacity: 64)
            out.node(node)
            text += out.text
        }
    }
}
