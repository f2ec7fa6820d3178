internal import Lyceum
internal import PostgreSQL

/// The pages of the audit.
enum EntryPages {
    /// The fields of the form, each of which may be left empty.
    struct Search: Input {
        @Field("The table.", .length(0...120)) var entity: String?
        @Field("The row.", .length(0...300)) var key: String?
        @Field("Who did it.", .length(0...36)) var account: String?
        @Field("What was done.", .length(0...20)) var action: String?
        @Field("The request.", .length(0...64)) var request: String?
        @Field("The trace.", .length(0...32)) var trace: String?
        @Field("The first day.", .length(0...10)) var from: String?
        @Field("The last day.", .length(0...10)) var to: String?
        @Field("Only those before this one.", .range(1...Int64.max)) var before: Int64?
    }

    struct Shown: Codable, Sendable {
        var entities: [EntryPart.Option]
        var actions: [EntryPart.Option]
        var key: String
        var account: String
        var from: String
        var to: String
        var request: String?
        var trace: String?
        var isUnreadable: Bool
        var entries: [EntryPart]
        var isEmpty: Bool
        var first: String?
        var next: String?
        var download: String?
    }

    private static let page = 30
    /// The most entries of one download; more of them are `lyceum audit export`'s.
    private static let most = 2_000

    @Sendable static func show(_ context: borrowing Context, _ query: Query<Search>) async throws -> Page {
        let search = query.value
        let database = context.database
        let wanted = wanted(search, context.region.timeZone)
        var entries: [EntryView] = []
        if let wanted { entries = try await EntryStore.list(wanted, limit: page, database).values() }
        let more = entries.count == page ? entries.last?.id : nil
        let moments = try await context.moments(entries.map(\.at))
        let entities = try await EntryStore.entities(database)
        return Page(
            "audit.entries", title: .words("audit.title"),
            Shown(
                entities: entities.map { EntryPart.Option(value: $0, words: nil, isChosen: $0 == search.entity) },
                actions: Action.allCases.map {
                    EntryPart.Option(
                        value: $0.rawValue, words: Text("audit.action.\($0.rawValue)"),
                        isChosen: $0.rawValue == search.action)
                },
                key: search.key ?? "", account: search.account ?? "", from: search.from ?? "", to: search.to ?? "",
                request: search.request.nonEmpty, trace: search.trace.nonEmpty, isUnreadable: wanted == nil,
                entries: zip(entries, moments).map { EntryPart($0, at: $1) }, isEmpty: entries.isEmpty,
                first: search.before.map { _ in address("/admin/audit", search, before: nil) },
                next: more.map { address("/admin/audit", search, before: $0) },
                download: context.may(.exportAudit) ? address("/admin/audit/download", search, before: nil) : nil))
    }

    @Sendable static func download(_ context: borrowing Context, _ query: Query<Search>) async throws -> Page {
        guard let wanted = wanted(query.value, context.region.timeZone) else { throw Problem.notFound }
        let lines = try await EntryStore.lines(wanted, limit: most, context.database)
        return .download("audit-\(context.region.id).ndjson", lines)
    }

    /// What the form asks for; nil where no entry can be that.
    private static func wanted(_ search: Search, _ zone: String) -> EntryStore.Wanted? {
        var wanted = EntryStore.Wanted(
            entity: search.entity.nonEmpty, key: search.key.nonEmpty, request: search.request.nonEmpty,
            trace: search.trace.nonEmpty, before: search.before)
        if let text = search.account.nonEmpty {
            guard let account = Actor.ID(text) else { return nil }
            wanted.account = account
        }
        if let text = search.action.nonEmpty {
            guard let action = Action(rawValue: text) else { return nil }
            wanted.action = action
        }
        if let text = search.from.nonEmpty {
            guard let day = Day(text) else { return nil }
            wanted.from = "(\(day)::date::timestamp at time zone \(zone))"
        }
        if let text = search.to.nonEmpty {
            guard let day = Day(text) else { return nil }
            wanted.to = "((\(day)::date + 1)::timestamp at time zone \(zone))"
        }
        return wanted
    }

    private static func address(_ path: String, _ search: Search, before: Int64?) -> String {
        EntryPart.address(
            path,
            [
                "entity": search.entity, "key": search.key, "account": search.account, "action": search.action,
                "request": search.request, "trace": search.trace, "from": search.from, "to": search.to,
                "before": before.map { "\($0)" },
            ])
    }
}

extension String? {
    /// The text; nil where there is none or it is empty.
    fileprivate var nonEmpty: String? { self.flatMap { $0.isEmpty ? nil : $0 } }
}
