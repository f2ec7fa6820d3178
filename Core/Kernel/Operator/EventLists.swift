internal import Lyceum
internal import PostgreSQL

/// Which events of one kind are wanted.
struct EventFilter: Input {
    @Field("Only those of this key, among the next ten thousand.", .length(1...300)) var key: String?
    @Field("Only those before this one: the last answer's `before`.", .range(1...Int64.max)) var before: Int64?
    @Field("How many.", .range(1...100)) var limit = 50
}

/// An event of the log, in a list.
struct EventView: View, Documented {
    var event: Int64
    var key: String
    var publishedAt: Instant
    var causation: Int64?

    static let about = ["causation": "The event whose listener published this one."]
}

/// A part of the log.
struct EventPage: View, Documented {
    var items: [EventView]
    var before: Int64?

    static let about = [
        "before":
            "Where the next part begins; null where the log ends. A part may have fewer items than were asked for."
    ]
}

/// An event of the log.
struct EventDetail: View, Documented {
    var event: Int64
    var topic: String
    var major: Int
    var key: String
    var publishedAt: Instant
    var causation: Int64?
    var payload: AnyJSON
    var trace: String?

    static let about = EventView.about
}

/// The statements of the event log.
enum EventLists {
    /// So many events are looked at for a key: the log has no index of keys, because one would slow down who publishes.
    static let window = 10_000

    /// An event that was looked at, and the how manyth it was.
    private struct Looked: View {
        var event: Int64
        var key: String
        var publishedAt: Instant
        var causation: Int64?
        var number: Int
    }

    /// Events of one kind, the newest first.
    static func page(
        _ topic: String, _ major: Int, _ filter: EventFilter, _ database: Database
    ) async throws -> EventPage {
        let (window, limit) = (filter.key == nil ? filter.limit + 1 : window, filter.limit)
        // The last one looked at comes in any case: from there it goes on.
        let looked = try await database.values(
            Looked.self,
            """
            select event, key, published_at, causation, number
            from (
                select id as event, key, at as published_at, causation, row_number() over (order by id desc) as number
                from lyceum.event
                where topic = \(topic) and major = \(major) and (id < \(filter.before) or \(filter.before)::bigint is null)
                order by id desc
                limit \(window)) as looked
            where key = \(filter.key) or \(filter.key)::text is null or number = \(window)
            order by event desc
            limit \(limit + 1)
            """)
        let fitting = looked.filter { filter.key == nil || $0.key == filter.key }.prefix(limit)
        let end = looked.count > limit ? fitting.last : looked.last { $0.number == window }
        return EventPage(
            items: fitting.map {
                EventView(event: $0.event, key: $0.key, publishedAt: $0.publishedAt, causation: $0.causation)
            },
            before: end?.event)
    }

    static func event(_ topic: String, _ major: Int, _ event: Int64) -> Statement {
        """
        select id as event, topic, major, key, at as published_at, causation, payload, trace
        from lyceum.event where topic = \(topic) and major = \(major) and id = \(event)
        """
    }
}

/// The API of the event log.
enum EventRoutes {
    @Sendable static func list(
        _ context: borrowing Context, _ topic: DottedName, _ major: MajorVersion, _ filter: Query<EventFilter>
    ) async throws -> EventPage {
        try await EventLists.page(topic.value, major.value, filter.value, context.database)
    }

    @Sendable static func show(
        _ context: borrowing Context, _ topic: DottedName, _ major: MajorVersion, _ event: EventNumber
    ) async throws -> SingleRow<EventDetail> {
        try await context.database.row(EventDetail.self, EventLists.event(topic.value, major.value, event.value))
    }
}
