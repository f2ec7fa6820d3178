internal import Lyceum
internal import PostgreSQL

/// The pages of the event log.
struct EventPages: Sendable {
    /// The kinds of events that the region's plugins declare, by name and version.
    private let kinds: [(topic: String, major: Int)]
    /// Who listens to each.
    private let listeners: [(name: String, topic: String, major: Int)]

    init(_ plan: RegionPlan) {
        kinds = plan.plugins.flatMap { $0.plugin.declarations.compactMap { $0 as? Emits } }
            .map { ($0.name, $0.major) }.sorted { $0 < $1 }
        listeners = plan.listeners.map { ($0.name, $0.topic, $0.major) }
    }

    struct LogQuery: Input {
        @Field("The kind of event, such as courses.course.published v1.", .length(0...250)) var event: String?
        @Field("Only those of this key.", .length(0...300)) var key: String?
        @Field("Only those before this one.", .range(1...Int64.max)) var before: Int64?
    }

    struct Kind: Codable, Sendable {
        var name: String
        var path: String
        var isChosen: Bool
    }

    struct Entry: Codable, Sendable {
        var event: Int64
        var path: String
        var key: String
        var keyPath: String
        var publishedAt: Moment?
        var causation: Int64?
    }

    struct Log: Codable, Sendable {
        var kinds: [Kind]
        var isChosen: Bool
        var key: String
        var entries: [Entry]
        var isEmpty: Bool
        /// Whether only a part of the log was looked through for a key.
        var isPart: Bool
        var first: String?
        var next: String?
    }

    @Sendable func list(_ context: borrowing Context, _ query: Query<LogQuery>) async throws -> Page {
        let (asked, before) = (query.value.event, query.value.before)
        let chosen = kinds.first { "\($0.topic) v\($0.major)" == asked }
        if let asked, !asked.isEmpty, chosen == nil { throw Problem.notFound }
        var filter = EventFilter()
        filter.key = query.value.key.flatMap { $0.isEmpty ? nil : $0 }
        filter.before = before
        var page = EventPage(items: [], before: nil)
        if let chosen {
            page = try await EventLists.page(chosen.topic, chosen.major, filter, context.database)
        }
        let clock = try await PageClock(context, page.items.map(\.publishedAt))
        func address(_ before: Int64?, key: String?) -> String {
            PageWords.address(
                "/admin/events", ["event": asked, "key": key, "before": before.map { "\($0)" }])
        }
        return Page(
            "lyceum.events", title: .words("lyceum.admin.events"),
            Log(
                kinds: kinds.map { kind in
                    let name = "\(kind.topic) v\(kind.major)"
                    return Kind(
                        name: name, path: PageWords.address("/admin/events", ["event": name]), isChosen: name == asked)
                },
                isChosen: chosen != nil, key: filter.key ?? "",
                entries: page.items.map { one in
                    Entry(
                        event: one.event, path: Self.path(chosen?.topic ?? "", chosen?.major ?? 1, one.event),
                        key: one.key, keyPath: address(nil, key: one.key), publishedAt: clock[one.publishedAt],
                        causation: one.causation)
                },
                isEmpty: page.items.isEmpty, isPart: filter.key != nil && page.before != nil,
                first: before.map { _ in address(nil, key: filter.key) },
                next: page.before.map { address($0, key: filter.key) }))
    }

    struct Heard: Codable, Sendable {
        var name: String
        var path: String
        /// Nil where it did not fail.
        var failed: String?
        var isDead: Bool
        var replay: String
    }

    struct Event: Codable, Sendable {
        var event: Int64
        var topic: String
        var back: String
        var key: String
        var others: String
        var publishedAt: Moment?
        var causation: Int64?
        var trace: String?
        var payload: String
        var listeners: [Heard]
        var isUnheard: Bool
        var mayChange: Bool
    }

    @Sendable func show(
        _ context: borrowing Context, _ topic: DottedName, _ major: MajorVersion, _ event: EventNumber
    ) async throws -> Page {
        let database = context.database
        let wanted = EventLists.event(topic.value, major.value, event.value)
        let heard = listeners.filter { $0.topic == topic.value && $0.major == major.value }.map(\.name)
        let results = try database.together([
            wanted,
            "select listener, dead from lyceum.retry where listener = any(\(heard)) and event = \(event.value)",
        ])
        guard let one = try database.rows(EventDetail.self, wanted, results[0]).values().first else {
            throw Problem.notFound
        }
        var failed: [String: Bool] = [:]
        for var row in results[1] { failed[try row.next()] = try row.next() as Bool }
        let clock = try await PageClock(context, [one.publishedAt])
        let kind = "\(one.topic) v\(one.major)"
        return Page(
            "lyceum.event", title: .text("\(kind) · \(one.event)"),
            Event(
                event: one.event, topic: kind, back: PageWords.address("/admin/events", ["event": kind]), key: one.key,
                others: PageWords.address("/admin/events", ["event": kind, "key": one.key]),
                publishedAt: clock[one.publishedAt], causation: one.causation, trace: one.trace,
                payload: PageWords.pretty(one.payload.text),
                listeners: heard.map { name in
                    let path = DeliveryPages.path(name)
                    return Heard(
                        name: name, path: path, failed: failed[name].map { _ in "\(path)/\(one.event)" },
                        isDead: failed[name] == true,
                        replay: PageWords.address(path + "/replay", ["from": "event", "event": "\(one.event)"]))
                },
                isUnheard: heard.isEmpty, mayChange: context.may(.changeDeliveries)))
    }

    static func path(_ topic: String, _ major: Int, _ event: Int64) -> String {
        "/admin/events/\(topic)/\(major)/\(event)"
    }
}
